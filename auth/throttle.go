package auth

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// LoginFailuresKept is the age of LoginFailures.LastAt at which all failures are forgiven. Older rows have no
// effect and may be deleted.
const LoginFailuresKept = 24 * time.Hour

const (
	firstDelay   = time.Second
	longestDelay = 15 * time.Minute
	// delaySteps is the number of doublings after which the delay exceeds longestDelay.
	delaySteps = 10
)

// delayPolicy turns failures into delays: none for the first free-1 failures, then 1 s, doubling with each
// failure, up to 15 minutes. One failure is forgiven for each full forgive interval.
type delayPolicy struct {
	free    int
	forgive time.Duration
}

var (
	// An account allows 5 consecutive failures, then 4 guesses an hour, about a hundred a day.
	accountPolicy = delayPolicy{free: 5, forgive: time.Hour}
	// An address is often a whole newsroom, so it allows more failures and forgives sooner.
	addressPolicy = delayPolicy{free: 30, forgive: 10 * time.Minute}
	// One customer may own all 65,536 subnets of an IPv6 /48, so these share the allowance of four addresses.
	networkPolicy = delayPolicy{free: 120, forgive: 5 * time.Minute}
)

// delay returns how long attempts are rejected after count failures.
func (p delayPolicy) delay(count int) time.Duration {
	if count < p.free {
		return 0
	}
	return min(firstDelay<<min(count-p.free, delaySteps), longestDelay)
}

// forgiven subtracts the failures forgiven since f.LastAt. LastAt advances by whole intervals, so an address
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

// reserve counts an attempt as failed before it is made. While f is blocked, it returns *TooManyAttempts and
// leaves f unchanged, so that the wait ends.
func (p delayPolicy) reserve(f LoginFailures, now time.Time) (LoginFailures, error) {
	// A wait longer than the longest delay means that a node's clock was wrong. Allow one attempt rather than
	// lock a moderator out for years.
	if wait := f.BlockedUntil.Sub(now); wait > 0 && wait <= longestDelay {
		return f, &TooManyAttempts{RetryAfter: wait}
	}
	f = p.forgiven(f, now)
	f.Count = min(f.Count+1, p.free+delaySteps)
	return p.blocked(f, now), nil
}

// release subtracts one reserved attempt that succeeded. The other failures keep their delay, so an
// attacker's own login does not unblock the address they guess from.
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

// counter is one row that counts attempts, with its policy.
type counter struct {
	key    []byte
	policy delayPolicy
}

// attempt is one attempt to verify a password or a code.
type attempt struct {
	// budget is the attempt's own limit. All attempts from unknown devices and addresses share the account's
	// budget, so a thousand addresses get no more guesses than one. A known device, a known address and a
	// session each have a budget that those strangers cannot use up.
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

// newAttempt counts an attempt against base: see passwordKey, codeKey and sessionKey.
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

// passwordKey counts passwords for an email. It uses the email as typed, so unknown accounts are delayed
// exactly like known ones.
func passwordKey(emailIndex []byte) []byte { return slices.Concat([]byte("account:"), emailIndex) }

// codeKey counts second-factor codes separately from passwords, because anyone who sends a code already has
// the password.
func codeKey(moderatorID string) []byte { return []byte("code:" + moderatorID) }

// sessionKey counts passwords or codes typed within a session to change the account. Each session has its own
// budget, so that someone with a borrowed session cannot use up the attempts that the owner needs to end it.
func sessionKey(who Identity, what string) []byte {
	return []byte("session:" + who.ModeratorID + ":" + who.SessionID + ":" + what)
}

// throttle counts failed attempts, and delays further ones.
type throttle struct {
	store ThrottleStore
	now   func() time.Time
}

// reserve counts the attempt as failed before the password is checked, so parallel guesses see each other: a
// thousand guesses at once get no more checks than a thousand in sequence. It reports whether the next
// attempt must wait unless this one succeeds. An attempt rejected by the budget still counts against its
// sources; an attempt rejected by a source is not counted at all.
func (t throttle) reserve(ctx context.Context, a attempt) (locks bool, err error) {
	now := t.now()
	var refused error
	err = t.store.UpdateLoginFailures(ctx, a.keys(), func(before []LoginFailures) ([]LoginFailures, error) {
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

// release records a successful attempt: it resets the budget and gives the attempt back to the sources.
func (t throttle) release(ctx context.Context, a attempt) error {
	now := t.now()
	err := t.store.UpdateLoginFailures(ctx, a.keys(), func(before []LoginFailures) ([]LoginFailures, error) {
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

// Unlock deletes the failed attempts on a moderator's account, from all addresses. The addresses themselves
// stay delayed.
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
