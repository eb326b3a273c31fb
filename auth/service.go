package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// ServiceConfig is what a Service needs. Every field but the last is required.
type ServiceConfig struct {
	Store  Store
	Emails Emails
	Hasher *Hasher
	Tokens *Tokens
	Log    *slog.Logger
	Now    func() time.Time
	Random io.Reader
	// RequireSecondFactor: whoever has none may only set one up.
	RequireSecondFactor bool
}

// Service signs moderators in and out. It is safe for concurrent use, and several nodes may share one Store.
type Service struct {
	store  Store
	emails Emails
	hasher *Hasher
	tokens *Tokens
	log    *slog.Logger
	now    func() time.Time
	random io.Reader

	requireSecondFactor bool
	principals          principalCache
}

// NewService makes a Service; an error when a field is missing.
func NewService(cfg ServiceConfig) (*Service, error) {
	if cfg.Store == nil || cfg.Emails == nil || cfg.Hasher == nil || cfg.Tokens == nil || cfg.Log == nil ||
		cfg.Now == nil || cfg.Random == nil {
		return nil, errors.New("new auth service: every field is required")
	}
	return &Service{store: cfg.Store, emails: cfg.Emails, hasher: cfg.Hasher, tokens: cfg.Tokens, log: cfg.Log,
		now: cfg.Now, random: cfg.Random, requireSecondFactor: cfg.RequireSecondFactor}, nil
}

// LoginRequest is what somebody typed, and from where.
type LoginRequest struct {
	Email, Password string
	// AddressKey is the keyed index of the client's address; never the address itself.
	AddressKey []byte
	// NetworkKey is the keyed index of the network that one customer may own (IPv6 /48); empty if there is
	// none.
	NetworkKey []byte
	// Device is the browser's device token (Session.Device); may be empty.
	Device string
	// Client is the browser and the system in words, as "Firefox on Linux"; at most 100 characters, may be
	// empty.
	Client string
}

// LogValue keeps what was typed out of logs.
func (LoginRequest) LogValue() slog.Value { return slog.StringValue("login request") }

// Session is what a moderator gets for signing in or refreshing.
type Session struct {
	AccessToken      string        // a JWT, for the Authorization header
	ExpiresIn        time.Duration // how long AccessToken is accepted
	RefreshToken     string        // 43 characters of base64url, for an HttpOnly cookie; good for one Refresh
	RefreshExpiresAt time.Time
	Device           string // for a cookie of DeviceLife; empty if the browser keeps its current one
	Moderator        Moderator
	RequiredStep     RequiredStep // what is to be done before anything else
}

// LogValue keeps the tokens out of logs.
func (s Session) LogValue() slog.Value { return s.Moderator.LogValue() }

// Login signs a moderator in.
//
// ErrBadCredentials if email and password don't match or the moderator is disabled. Each of these cases costs
// one hash computation, so the response time reveals nothing either. *SecondFactorNeeded if they match and a
// code is required. *TooManyAttempts after too many recent failures of this device or address or, if neither
// is known, of the account; the password has not been checked then. Other errors are the context's or the
// store's.
func (s *Service) Login(ctx context.Context, req LoginRequest) (Session, error) {
	indexes := s.emails.Indexes(req.Email)
	if len(indexes) == 0 || len(req.AddressKey) == 0 {
		return Session{}, errors.New("login: an email index and an address key are required")
	}
	m, err := s.store.ModeratorByEmail(ctx, indexes)
	if err != nil && !errors.Is(err, ErrUnknownModerator) {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	from, err := s.originOf(ctx, m.ID, req)
	if err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	attempt := newAttempt(passwordKey(indexes[0]), from)
	locks, err := s.reserve(ctx, attempt)
	if err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	err = s.check(ctx, m, req.Password)
	if errors.Is(err, ErrBadCredentials) {
		outcome := SignInFailed
		if locks {
			outcome = SignInLocked
		}
		s.note(ctx, outcome, m.ID, req)
	}
	if err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	if err := s.release(ctx, attempt); err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	s.rehash(ctx, m, req.Password)
	session, err := s.enter(ctx, m, req, from)
	if err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	return session, nil
}

// enter begins a session for somebody whose password is right, or asks for the second factor first.
func (s *Service) enter(ctx context.Context, m Moderator, req LoginRequest, from origin) (Session, error) {
	if m.SecondFactor {
		return Session{}, s.challenge(m)
	}
	return s.begin(ctx, m, req, from)
}

// check compares a password with a moderator's. A moderator without an ID stands for an unknown email.
// ErrBadCredentials if they don't match. Every path costs one hash computation.
func (s *Service) check(ctx context.Context, m Moderator, password string) error {
	if len(password) > maxPasswordBytes {
		return s.refuse(ctx, "")
	}
	if m.ID == "" {
		return s.refuse(ctx, password)
	}
	if !m.Active() || m.Invited() {
		s.log.InfoContext(ctx, "login refused: moderator is disabled or has not accepted", "moderator", m.ID)
		return s.refuse(ctx, password)
	}
	ok, err := s.hasher.Verify(ctx, m.PasswordHash, password)
	if err != nil {
		return err
	}
	if !ok {
		s.log.InfoContext(ctx, "login refused: wrong password", "moderator", m.ID)
		return ErrBadCredentials
	}
	return nil
}

// refuse spends as long as a wrong password would.
func (s *Service) refuse(ctx context.Context, password string) error {
	if err := s.hasher.VerifyDummy(ctx, password); err != nil {
		return err
	}
	return ErrBadCredentials
}

// rehash brings a hash made with older parameters up to date, now that the password is at hand. The login
// goes on if that fails: the old hash still works.
func (s *Service) rehash(ctx context.Context, m Moderator, password string) {
	if !s.hasher.NeedsRehash(m.PasswordHash) {
		return
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err == nil {
		err = s.store.ReplacePasswordHash(ctx, PasswordHashChange{ModeratorID: m.ID, Old: m.PasswordHash, New: hash})
	}
	if err != nil {
		s.log.WarnContext(ctx, "password hash not brought up to date", "moderator", m.ID, "err", err)
	}
}

// Authenticate returns the identity behind an access token. A disabled moderator, an ended session and a
// revoked role or site take effect at once on this node and within PrincipalCacheAge on all others.
//
// ErrTokenExpired when the client should Refresh, ErrTokenInvalid when it must sign in again. It reads the
// store only when the cache is older than PrincipalCacheAge or was invalidated; other errors are the store's.
func (s *Service) Authenticate(ctx context.Context, accessToken string) (Identity, error) {
	who, err := s.tokens.Verify(accessToken)
	if err != nil {
		return Identity{}, err
	}
	m, err := s.principal(ctx, who)
	if err != nil {
		return Identity{}, fmt.Errorf("authenticate: %w", err)
	}
	return Identity{
		ModeratorID:  m.ID,
		SessionID:    who.SessionID,
		RequiredStep: s.duty(m),
		Name:         m.Name,
		Role:         m.Role,
		SiteIDs:      m.SiteIDs,
	}, nil
}

func (s *Service) duty(m Moderator) RequiredStep {
	switch {
	case m.MustChangePassword:
		return StepChangePassword
	case s.requireSecondFactor && !m.SecondFactor:
		return StepSetUpSecondFactor
	}
	return StepNone
}
