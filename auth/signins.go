package auth

import (
	"context"
	"fmt"
	"strings"
	"unicode"
)

const (
	// recentSignIns is how many attempts a moderator is shown.
	recentSignIns  = 20
	maxClientChars = 100
)

// event is what is kept of an attempt to sign in.
func (s *Service) event(outcome SignInOutcome, moderatorID string, req LoginRequest) (SignIn, error) {
	now := s.now()
	id, err := newUUID(now, s.random)
	if err != nil {
		return SignIn{}, err
	}
	return SignIn{ID: id, ModeratorID: moderatorID, Outcome: outcome, Client: clientWords(req.Client),
		AddressKey: req.AddressKey, CreatedAt: now}, nil
}

// note keeps a failed attempt. That it could not be kept changes nothing about the refusal, and the throttle
// has counted it.
func (s *Service) note(ctx context.Context, outcome SignInOutcome, moderatorID string, req LoginRequest) {
	event, err := s.event(outcome, moderatorID, req)
	if err == nil {
		err = s.store.RecordSignIn(ctx, event)
	}
	if err != nil {
		s.log.WarnContext(ctx, "a failed sign-in was not recorded", "moderator", moderatorID, "err", err)
	}
}

// clientWords keeps what is stored of a client short and printable.
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

// RecentSignIns returns the latest attempts to sign in as this moderator, the newest first.
func (s *Service) RecentSignIns(ctx context.Context, who Identity) ([]SignIn, error) {
	events, err := s.store.SignIns(ctx, who.ModeratorID, recentSignIns)
	return events, wrap("list sign-ins", err)
}

// Sessions returns the moderator's sessions that go on, the one used last first.
func (s *Service) Sessions(ctx context.Context, who Identity) ([]SessionInfo, error) {
	sessions, err := s.store.Sessions(ctx, who.ModeratorID, s.now())
	return sessions, wrap("list sessions", err)
}

// EndSession ends one of the moderator's own sessions at once, be it this one. ErrUnknownSession.
func (s *Service) EndSession(ctx context.Context, who Identity, sessionID string) error {
	n, err := s.store.EndSessions(ctx, who.ModeratorID, SessionEnd{Only: sessionID, At: s.now()})
	if err == nil && n == 0 {
		err = ErrUnknownSession
	}
	s.principals.invalidate()
	return wrap("end session", err)
}

// EndOtherSessions ends all of the moderator's sessions but this one, and returns how many those were.
func (s *Service) EndOtherSessions(ctx context.Context, who Identity) (int, error) {
	if who.SessionID == "" {
		return 0, fmt.Errorf("end sessions: %w", ErrUnknownSession)
	}
	n, err := s.store.EndSessions(ctx, who.ModeratorID, SessionEnd{Except: who.SessionID, At: s.now()})
	s.principals.invalidate()
	return int(n), wrap("end sessions", err)
}
