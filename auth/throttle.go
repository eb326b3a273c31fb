package auth

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// LoginFailuresKept is the age of LoginFailures.LastAt from which on every failure is forgiven: older rows
// mean nothing and may be deleted.
const LoginFailuresKept = 24 * time.Hour

const (
	firstDelay   = time.Second
	longestDelay = 15 * time.Minute
	// delaySteps is the number of doublings after which firstDelay has passed longestDelay.
	delaySteps = 10
)

// delayPolicy is how failures turn into delay: none for the first free-1 of them, then 1 s, doubling with
// each failure, up to 15 minutes. One failure is forgiven for each full forgive interval.
type delayPolicy struct {
	free    int
	forgive time.Duration
}

var (
	// An account allows 5 consecutive failures; whoever goes on then gets 4 guesses an hour, about a hundred
	// a day.
	accountPolicy = delayPolicy{free: 5, forgive: time.Hour}
	// An address is often a whole newsroom, so it allows more and forgives sooner.
	addressPolicy = delayPolicy{free: 30, forgive: 10 * time.Minute}
	// One customer may have all 65,536 subnets of an IPv6 /48, so these share an allowance of four addresses.
	networkPolicy = delayPolicy{free: 120, forgive: 5 * time.Minute}
)

// delay is how long attempts are refused once count failures are on record.
func (p delayPolicy) delay(count int) time.Duration {
	if count < p.free {
		return 0
	}
	return min(firstDelay<<min(count-p.free, delaySteps), longestDelay)
}

// forgiven takes off what time has healed since f.LastAt. LastAt moves by whole intervals, so that an address
// in constant use is forgiven as quickly as an idle one.
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

// reserve counts an attempt as failed before it is made. *TooManyAttempts while f is blocked; f is unchanged
// then, so that waiting does end.
func (p delayPolicy) reserve(f LoginFailures, now time.Time) (LoginFailures, error) {
	// A longer wait than the longest delay means that some node's clock was wrong: better to let one attempt
	// pass than to lock a moderator out for years.
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

// counter is one row that an attempt counts on, with its policy.
type counter struct {
	key    []byte
	policy delayPolicy
}

// attempt is one attempt to prove a password or a code, as the throttle sees it.
type attempt struct {
	// budget is what the attempt takes from. Everybody in a place where nobody has signed in to the account
	// lately shares the account's budget, so guesses from a thousand addresses are as few as from one. A
	// known device, a known address and a session have a budget each, so those strangers cannot use it up.
	budget counter
	// sources are the client's address and network. They are empty for a known device and for a session.
	sources []counter
}

func (a attempt) counters() []counter { return append([]counter{a.budget}, a.sources...) }

func (a attempt) keys() [][]byte {
	var keys [][]byte
	for _, c := range a.counters() {
		keys = append(keys, c.key)
	}
	return keys
}

// newAttempt counts an attempt on what base names: see passwordKey, codeKey and sessionKey.
func newAttempt(base []byte, from origin) attempt {
	budget := func(suffix string, id []byte) counter {
		return counter{slices.Concat(base, []byte(suffix), id), accountPolicy}
	}
	if from.deviceID != "" {
		return attempt{budget: budget(":device:", []byte(from.deviceID))}
	}
	a := attempt{budget: budget("", nil)}
	if from.knownAddress {
		a.budget = budget(":address:", from.addressKey)
	}
	if len(from.addressKey) > 0 {
		a.sources = append(a.sources, counter{slices.Concat([]byte("address:"), from.addressKey), addressPolicy})
	}
	if len(from.networkKey) > 0 {
		a.sources = append(a.sources, counter{slices.Concat([]byte("network:"), from.networkKey), networkPolicy})
	}
	return a
}

// passwordKey counts passwords for an email. It is made from the email as typed, so unknown accounts are
// delayed exactly as known ones are.
func passwordKey(emailIndex []byte) []byte { return slices.Concat([]byte("account:"), emailIndex) }

// codeKey counts codes of a second factor apart from passwords, since whoever sends one has the password.
func codeKey(moderatorID string) []byte { return []byte("code:" + moderatorID) }

// sessionKey counts passwords, or codes, that are typed within a session to change the account. Each session
// has its own budget: somebody with a borrowed one must not use up what the owner needs to end it.
func sessionKey(who Identity, what string) []byte {
	return []byte("session:" + who.ModeratorID + ":" + who.SessionID + ":" + what)
}

// reserve counts the attempt as a failure before the password is checked. Parallel guesses therefore see each
// other: of a thousand sent at once, no more are checked than if they had been sent one after the other. It
// reports whether the next attempt will have to wait, unless this one succeeds. An attempt that is refused
// because the budget is used up still counts against its sources; one refused because of a source counts
// nowhere.
func (s *Service) reserve(ctx context.Context, a attempt) (locks bool, err error) {
	now := s.now()
	var refused error
	err = s.store.UpdateLoginFailures(ctx, a.keys(), func(before []LoginFailures) ([]LoginFailures, error) {
		after := slices.Clone(before)
		locks, refused = false, nil
		for i, source := range a.sources {
			var err error
			if after[i+1], err = source.policy.reserve(before[i+1], now); err != nil {
				return nil, err
			}
		}
		after[0], refused = a.budget.policy.reserve(before[0], now)
		for _, f := range after {
			locks = locks || f.BlockedUntil.After(now)
		}
		return after, nil
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return false, fmt.Errorf("reserve a login attempt: %w", err)
	}
	return locks, nil
}

// release records that the attempt succeeded: its budget starts afresh, the sources get their attempt back.
func (s *Service) release(ctx context.Context, a attempt) error {
	now := s.now()
	err := s.store.UpdateLoginFailures(ctx, a.keys(), func(before []LoginFailures) ([]LoginFailures, error) {
		after := []LoginFailures{{Key: a.budget.key, LastAt: now}}
		for i, source := range a.sources {
			after = append(after, source.policy.release(before[i+1], now))
		}
		return after, nil
	})
	if err != nil {
		return fmt.Errorf("record a successful login: %w", err)
	}
	return nil
}

// Unlock forgets the failed attempts on a moderator's account, wherever they came from. Addresses that made
// them stay delayed.
func (s *Service) Unlock(ctx context.Context, actor Identity, m Moderator) error {
	email, err := s.Email(m)
	if err != nil {
		return fmt.Errorf("unlock moderator: %w", err)
	}
	entry, err := s.entry(actor, ActionUnlock, m.ID)
	if err != nil {
		return fmt.Errorf("unlock moderator: %w", err)
	}
	prefixes := [][]byte{codeKey(m.ID), []byte("session:" + m.ID + ":")}
	for _, index := range s.emails.Indexes(email) {
		prefixes = append(prefixes, passwordKey(index))
	}
	return wrap("unlock moderator", s.store.ForgetLoginFailures(ctx, prefixes, entry))
}
