package auth

import (
	"context"
	"fmt"
	"time"
)

// LoginFailuresKept is the age of LoginFailures.LastAt from which on every failure is forgiven: older rows mean
// nothing and may be deleted.
const LoginFailuresKept = 24 * time.Hour

const (
	firstDelay   = time.Second
	longestDelay = 15 * time.Minute
	// delaySteps is the number of doublings after which firstDelay has passed longestDelay.
	delaySteps = 10
)

// delayPolicy is how failures turn into delay: none for the first free-1 of them, then 1 s, doubling with each
// failure, up to 15 minutes. One failure is forgiven for each full forgive interval.
type delayPolicy struct {
	free    int
	forgive time.Duration
}

var (
	// An account allows 5 consecutive failures; whoever goes on then gets 4 guesses an hour, about a hundred a day.
	accountPolicy = delayPolicy{free: 5, forgive: time.Hour}
	// An address is often a whole newsroom, so it allows more and forgives sooner.
	addressPolicy = delayPolicy{free: 30, forgive: 10 * time.Minute}
)

// delay is how long attempts are refused once count failures are on record.
func (p delayPolicy) delay(count int) time.Duration {
	if count < p.free {
		return 0
	}
	return min(firstDelay<<min(count-p.free, delaySteps), longestDelay)
}

// forgiven takes off what time has healed since f.LastAt. LastAt moves by whole intervals, so that an address in
// constant use is forgiven as quickly as an idle one.
func (p delayPolicy) forgiven(f LoginFailures, now time.Time) LoginFailures {
	if f.LastAt.After(now) {
		f.LastAt = now
	}
	healed := int(now.Sub(f.LastAt) / p.forgive)
	if healed >= f.Count {
		return LoginFailures{Key: f.Key, LastAt: now, BlockedUntil: f.BlockedUntil}
	}
	f.Count -= healed
	f.LastAt = f.LastAt.Add(time.Duration(healed) * p.forgive)
	return f
}

// reserve counts an attempt as failed before it is made. *TooManyAttempts while f is blocked; f is unchanged then,
// so that waiting does end.
func (p delayPolicy) reserve(f LoginFailures, now time.Time) (LoginFailures, error) {
	// A longer wait than the longest delay means that some node's clock was wrong: better to let one attempt pass
	// than to lock a moderator out for years.
	if wait := f.BlockedUntil.Sub(now); wait > 0 && wait <= longestDelay {
		return f, &TooManyAttempts{RetryAfter: wait}
	}
	f = p.forgiven(f, now)
	f.Count = min(f.Count+1, p.free+delaySteps)
	return p.blocked(f, now), nil
}

// release takes back one reserved attempt that succeeded. The other failures on record keep their delay, so a
// login of one's own does not free an address that guesses at others.
func (p delayPolicy) release(f LoginFailures, now time.Time) LoginFailures {
	f = p.forgiven(f, now)
	f.Count = max(f.Count-1, 0)
	if eased := p.blocked(f, now); eased.BlockedUntil.Before(f.BlockedUntil) {
		return eased
	}
	return f
}

func (p delayPolicy) blocked(f LoginFailures, now time.Time) LoginFailures {
	f.BlockedUntil = time.Time{}
	if delay := p.delay(f.Count); delay > 0 {
		f.BlockedUntil = now.Add(delay)
	}
	return f
}

// attempt is one login attempt as the throttle sees it: the two keys that it counts against.
type attempt struct {
	account, address []byte
}

// newAttempt names the keys. The prefixes keep an email's index and an address's apart. The account key is made
// from the email as typed, so unknown accounts are delayed exactly as known ones are.
func newAttempt(emailIndex, addressKey []byte) attempt {
	return attempt{
		account: append([]byte("account:"), emailIndex...),
		address: append([]byte("address:"), addressKey...),
	}
}

func (a attempt) keys() [][]byte { return [][]byte{a.account, a.address} }

// reserve counts the attempt as a failure before the password is checked. Parallel guesses therefore see each
// other: of a thousand sent at once, no more are checked than if they had been sent one after the other. It reports
// whether the next attempt will have to wait, unless this one succeeds.
func (s *Service) reserve(ctx context.Context, a attempt) (locks bool, err error) {
	now := s.now()
	err = s.store.UpdateLoginFailures(ctx, a.keys(), func(f []LoginFailures) ([]LoginFailures, error) {
		account, err := accountPolicy.reserve(f[0], now)
		if err != nil {
			return nil, err
		}
		address, err := addressPolicy.reserve(f[1], now)
		if err != nil {
			return nil, err
		}
		locks = account.BlockedUntil.After(now) || address.BlockedUntil.After(now)
		return []LoginFailures{account, address}, nil
	})
	if err != nil {
		return false, fmt.Errorf("reserve a login attempt: %w", err)
	}
	return locks, nil
}

// release records that the attempt succeeded: the account starts afresh, the address gets its attempt back.
func (s *Service) release(ctx context.Context, a attempt) error {
	now := s.now()
	err := s.store.UpdateLoginFailures(ctx, a.keys(), func(f []LoginFailures) ([]LoginFailures, error) {
		return []LoginFailures{{Key: a.account, LastAt: now}, addressPolicy.release(f[1], now)}, nil
	})
	if err != nil {
		return fmt.Errorf("record a successful login: %w", err)
	}
	return nil
}
