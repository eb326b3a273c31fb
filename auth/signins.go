package auth

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

const (
	// recentSignIns is the number of attempts shown to a moderator.
	recentSignIns  = 20
	maxClientChars = 100
)

// event returns the record of a sign-in attempt.
func (c *core) event(outcome SignInOutcome, moderatorID string, req LoginRequest) (SignIn, error) {
	now := c.now()
	id, err := newUUID(now, c.random)
	if err != nil {
		return SignIn{}, err
	}
	return SignIn{ID: id, ModeratorID: moderatorID, Outcome: outcome, Client: clientWords(req.Client),
		AddressKey: req.AddressKey, CreatedAt: now}, nil
}

// note records a failed attempt. Failures to record are only logged: the attempt is rejected either way, and
// the throttle has counted it.
func (c *core) note(ctx context.Context, outcome SignInOutcome, moderatorID string, req LoginRequest) {
	event, err := c.event(outcome, moderatorID, req)
	if err == nil {
		err = c.store.RecordSignIn(ctx, event)
	}
	if err != nil {
		c.log.WarnContext(ctx, "a failed sign-in was not recorded", "moderator", moderatorID, "err", err)
	}
}

// clientWords makes a client's description short and printable.
func clientWords(words string) string {
	words = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(words, ""))
	if runes := []rune(words); len(runes) > maxClientChars {
		words = string(runes[:maxClientChars])
	}
	return words
}

// RecentSignIns returns the latest attempts to sign in as this moderator, newest first.
func (s *Service) RecentSignIns(ctx context.Context, who Identity) ([]SignIn, error) {
	events, err := s.store.SignIns(ctx, who.ModeratorID, recentSignIns)
	return events, wrap("list sign-ins", err)
}

// Sessions returns the moderator's active sessions, most recently used first.
func (s *Service) Sessions(ctx context.Context, who Identity) ([]SessionInfo, error) {
	sessions, err := s.store.Sessions(ctx, who.ModeratorID, s.now())
	return sessions, wrap("list sessions", err)
}

// EndSession ends one of the moderator's own sessions immediately, including the current one. Errors:
// ErrUnknownSession.
func (s *Service) EndSession(ctx context.Context, who Identity, sessionID string) error {
	n, err := s.store.EndSessions(ctx, who.ModeratorID, SessionEnd{Only: sessionID, At: s.now()})
	if err == nil && n == 0 {
		err = ErrUnknownSession
	}
	s.principals.invalidate()
	return wrap("end session", err)
}

// EndOtherSessions ends all of the moderator's sessions except the current one, and returns their number.
func (s *Service) EndOtherSessions(ctx context.Context, who Identity) (int, error) {
	return s.endOtherSessions(ctx, who)
}

func (c *core) endOtherSessions(ctx context.Context, who Identity) (int, error) {
	if who.SessionID == "" {
		return 0, fmt.Errorf("end sessions: %w", ErrUnknownSession)
	}
	n, err := c.store.EndSessions(ctx, who.ModeratorID, SessionEnd{Except: who.SessionID, At: c.now()})
	c.principals.invalidate()
	return int(n), wrap("end sessions", err)
}
