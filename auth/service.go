package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// ServiceConfig is what a Service needs. Every field is required.
type ServiceConfig struct {
	Store  Store
	Emails Emails
	Hasher *Hasher
	Tokens *Tokens
	Log    *slog.Logger
	Now    func() time.Time
	Random io.Reader
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
}

// NewService makes a Service; an error when a field is missing.
func NewService(cfg ServiceConfig) (*Service, error) {
	if cfg.Store == nil || cfg.Emails == nil || cfg.Hasher == nil || cfg.Tokens == nil || cfg.Log == nil ||
		cfg.Now == nil || cfg.Random == nil {
		return nil, errors.New("new auth service: every field is required")
	}
	return &Service{store: cfg.Store, emails: cfg.Emails, hasher: cfg.Hasher, tokens: cfg.Tokens, log: cfg.Log,
		now: cfg.Now, random: cfg.Random}, nil
}

// LoginRequest is what somebody typed, and from where.
type LoginRequest struct {
	Email, Password string
	// AddressKey is the keyed index of the client's address; never the address itself.
	AddressKey []byte
}

// LogValue keeps what was typed out of logs.
func (LoginRequest) LogValue() slog.Value { return slog.StringValue("login request") }

// Session is what a moderator gets for signing in or refreshing.
type Session struct {
	AccessToken      string        // a JWT, for the Authorization header
	ExpiresIn        time.Duration // how long AccessToken is accepted
	RefreshToken     string        // 43 characters of base64url, for an HttpOnly cookie; good for one Refresh
	RefreshExpiresAt time.Time
	Moderator        Moderator
}

// LogValue keeps the tokens out of logs.
func (s Session) LogValue() slog.Value { return s.Moderator.LogValue() }

// Login signs a moderator in.
//
// ErrBadCredentials when email and password don't belong together or the moderator is disabled; the answer takes
// one hash computation in each of these cases, so its time tells nothing either. *TooManyAttempts when the account
// or the client address has failed too often lately; the password has not been looked at then. Other errors are
// the context's or the store's.
func (s *Service) Login(ctx context.Context, req LoginRequest) (Session, error) {
	indexes := s.emails.Indexes(req.Email)
	if len(indexes) == 0 || len(req.AddressKey) == 0 {
		return Session{}, errors.New("login: an email index and an address key are required")
	}
	attempt := newAttempt(indexes[0], req.AddressKey)
	if err := s.reserve(ctx, attempt); err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	m, err := s.check(ctx, indexes, req.Password)
	if err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	if err := s.release(ctx, attempt); err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	s.rehash(ctx, m, req.Password)
	session, err := s.begin(ctx, m)
	if err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	s.log.InfoContext(ctx, "moderator signed in", "moderator", m.ID)
	return session, nil
}

// check finds the moderator by email and password; ErrBadCredentials if they don't belong together. Every way
// through it costs one hash computation.
func (s *Service) check(ctx context.Context, indexes [][]byte, password string) (Moderator, error) {
	m, err := s.store.ModeratorByEmail(ctx, indexes)
	if err != nil && !errors.Is(err, ErrUnknownModerator) {
		return Moderator{}, err
	}
	if len(password) > maxPasswordBytes {
		return Moderator{}, s.refuse(ctx, "")
	}
	if err != nil {
		return Moderator{}, s.refuse(ctx, password)
	}
	if !m.Active() {
		s.log.InfoContext(ctx, "login refused: moderator is disabled", "moderator", m.ID)
		return Moderator{}, s.refuse(ctx, password)
	}
	ok, err := s.hasher.Verify(ctx, m.PasswordHash, password)
	if err != nil {
		return Moderator{}, err
	}
	if !ok {
		s.log.InfoContext(ctx, "login refused: wrong password", "moderator", m.ID)
		return Moderator{}, ErrBadCredentials
	}
	return m, nil
}

// refuse spends as long as a wrong password would.
func (s *Service) refuse(ctx context.Context, password string) error {
	if err := s.hasher.VerifyNobody(ctx, password); err != nil {
		return err
	}
	return ErrBadCredentials
}

// rehash brings a hash made with older parameters up to date, now that the password is at hand. The login goes on
// if that fails: the old hash still works.
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

// Authenticate says who an access token belongs to. ErrTokenExpired when it is time to Refresh, any other
// ErrTokenInvalid otherwise. It asks no store, so it costs microseconds, and a moderator who is disabled meanwhile
// keeps access until the token expires.
func (s *Service) Authenticate(_ context.Context, accessToken string) (Identity, error) {
	return s.tokens.Verify(accessToken)
}
