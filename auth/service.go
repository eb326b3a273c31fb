package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// ServiceConfig configures a Service. Every field up to Random is required.
type ServiceConfig struct {
	Store  Store
	Emails Emails
	Hasher *Hasher
	Tokens *Tokens
	Log    *slog.Logger
	Now    func() time.Time
	Random io.Reader
	// RequireSecondFactor restricts moderators without a second factor to setting one up.
	RequireSecondFactor bool
	// Providers are the identity providers; nil: none.
	Providers IdentityProviders
	// BreakGlassEmail is the email of the only account that may sign in with a password; empty: all accounts
	// may.
	BreakGlassEmail string
}

// Service signs moderators in and out with their passwords, and manages their accounts. It is safe for concurrent
// use, and several nodes may share one Store.
type Service struct {
	*core
	Federation    *Federation    // sign-in with identity providers
	SecondFactors *SecondFactors // the second step of a sign-in with a password
}

// core is what all parts of the service use.
type core struct {
	store  Store
	emails Emails
	hasher *Hasher
	tokens *Tokens
	log    *slog.Logger
	now    func() time.Time
	random io.Reader

	requireSecondFactor bool
	providers           IdentityProviders
	breakGlass          [][]byte // email indexes; none: passwords are on
	principals          *principalCache
	devices             devices
	throttle            throttle
}

// NewService returns a Service, or an error if a field is missing.
func NewService(cfg ServiceConfig) (*Service, error) {
	if cfg.Store == nil || cfg.Emails == nil || cfg.Hasher == nil || cfg.Tokens == nil || cfg.Log == nil ||
		cfg.Now == nil || cfg.Random == nil {
		return nil, errors.New("new auth service: every field is required")
	}
	c := &core{
		store: cfg.Store, emails: cfg.Emails, hasher: cfg.Hasher, tokens: cfg.Tokens, log: cfg.Log,
		now: cfg.Now, random: cfg.Random, requireSecondFactor: cfg.RequireSecondFactor,
		principals: &principalCache{store: cfg.Store, now: cfg.Now},
		devices:    devices{store: cfg.Store, emails: cfg.Emails, now: cfg.Now, random: cfg.Random},
		throttle:   throttle{store: cfg.Store, now: cfg.Now},
		providers:  cfg.Providers,
	}
	if cfg.BreakGlassEmail != "" {
		c.breakGlass = cfg.Emails.Indexes(cfg.BreakGlassEmail)
	}
	return &Service{core: c, Federation: &Federation{c}, SecondFactors: &SecondFactors{c}}, nil
}

// LoginRequest holds the credentials and the origin of a sign-in.
type LoginRequest struct {
	Email, Password string
	// AddressKey is the keyed index of the client's IP address, never the address itself.
	AddressKey []byte
	// NetworkKey is the keyed index of a network that one customer may own (IPv6 /48). Empty if there is
	// none.
	NetworkKey []byte
	// Device is the browser's device token (Session.Device). May be empty.
	Device string
	// Client is the browser and operating system, such as "Firefox on Linux": at most 100 characters, may be
	// empty.
	Client string
}

// LogValue keeps the credentials out of logs.
func (LoginRequest) LogValue() slog.Value { return slog.StringValue("login request") }

// Session is the result of signing in or refreshing.
type Session struct {
	AccessToken      string        // a JWT, for the Authorization header
	ExpiresIn        time.Duration // how long AccessToken is valid
	RefreshToken     string        // 43 characters of base64url, for an HttpOnly cookie; single-use
	RefreshExpiresAt time.Time
	Device           string // for a cookie of DeviceLife; empty: keep the current one
	Moderator        Moderator
	RequiredStep     RequiredStep // required before anything else
}

// LogValue keeps the tokens out of logs.
func (s Session) LogValue() slog.Value { return s.Moderator.LogValue() }

// Login signs a moderator in.
//
// Errors: ErrBadCredentials if email and password don't match or the moderator is disabled; each of these
// cases costs one hash computation, so the response time reveals nothing. ErrPasswordsOff or ErrProviderRemoved
// if they match, but the account must sign in with an identity provider. *SecondFactorNeeded if they match and a
// code is required. *TooManyAttempts, before the password is checked, after too many recent failures of this device
// or address or, if neither is known, of the account. Errors of the context or the store.
func (s *Service) Login(ctx context.Context, req LoginRequest) (Session, error) {
	indexes := s.emails.Indexes(req.Email)
	if len(indexes) == 0 || len(req.AddressKey) == 0 {
		return Session{}, errors.New("login: an email index and an address key are required")
	}
	m, err := s.store.ModeratorByEmail(ctx, indexes)
	if err != nil && !errors.Is(err, ErrUnknownModerator) {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	from, err := s.checkLogin(ctx, m, indexes[0], req)
	if err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	s.rehash(ctx, m, req.Password)
	session, err := s.enter(ctx, m, req, from)
	if err != nil {
		return Session{}, fmt.Errorf("login: %w", err)
	}
	return session, nil
}

// checkLogin checks the password of an attempt to sign in with that email index, within the rate limits. A
// moderator without an ID represents an unknown email. Errors: ErrBadCredentials, *TooManyAttempts.
func (c *core) checkLogin(ctx context.Context, m Moderator, index []byte, req LoginRequest) (origin, error) {
	from, err := c.devices.originOf(ctx, m.ID, req)
	if err != nil {
		return origin{}, err
	}
	attempt := newAttempt(passwordKey(index), from)
	locks, err := c.throttle.reserve(ctx, attempt)
	if err != nil {
		return origin{}, err
	}
	err = c.check(ctx, m, req.Password)
	if errors.Is(err, ErrBadCredentials) {
		outcome := SignInFailed
		if locks {
			outcome = SignInLocked
		}
		c.note(ctx, outcome, m.ID, req)
	}
	if err != nil {
		return origin{}, err
	}
	return from, c.throttle.release(ctx, attempt)
}

// enter starts a session after the password was verified, or requests the second factor first. Errors:
// ErrPasswordsOff, ErrProviderRemoved, *SecondFactorNeeded.
func (s *Service) enter(ctx context.Context, m Moderator, req LoginRequest, from origin) (Session, error) {
	if !s.mayUsePassword(m) {
		return Session{}, s.passwordRefusal(ctx, m)
	}
	if m.SecondFactor {
		return Session{}, s.challenge(m)
	}
	return s.begin(ctx, m, req, from)
}

// check compares a password with a moderator's. A moderator without an ID represents an unknown email. Every
// path costs one hash computation. Errors: ErrBadCredentials if they don't match.
func (c *core) check(ctx context.Context, m Moderator, password string) error {
	if len(password) > maxPasswordBytes {
		return c.refuse(ctx, "")
	}
	if m.ID == "" {
		return c.refuse(ctx, password)
	}
	if !m.Active() || m.PasswordHash == "" {
		c.log.InfoContext(ctx, "login refused: moderator is disabled or has not accepted", "moderator", m.ID)
		return c.refuse(ctx, password)
	}
	ok, err := c.hasher.Verify(ctx, m.PasswordHash, password)
	if err != nil {
		return err
	}
	if !ok {
		c.log.InfoContext(ctx, "login refused: wrong password", "moderator", m.ID)
		return ErrBadCredentials
	}
	return nil
}

// refuse takes as long as checking a wrong password.
func (c *core) refuse(ctx context.Context, password string) error {
	if err := c.hasher.VerifyDummy(ctx, password); err != nil {
		return err
	}
	return ErrBadCredentials
}

// rehash replaces a hash made with older parameters while the password is available. If that fails, the login
// continues: the old hash still works.
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

// Authenticate returns the identity of an access token. Disabling a moderator, ending a session and revoking
// a role or site take effect immediately on this node and within PrincipalCacheAge on all others.
//
// It reads the store only if the cache is older than PrincipalCacheAge or was invalidated. Errors:
// ErrTokenExpired if the client should Refresh, ErrTokenInvalid if it must sign in again, errors of the
// store.
func (s *Service) Authenticate(ctx context.Context, accessToken string) (Identity, error) {
	who, err := s.tokens.Verify(accessToken)
	if err != nil {
		return Identity{}, err
	}
	m, err := s.principals.find(ctx, who)
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
		Language:     m.Language,
		TimeZone:     cmp.Or(m.TimeZone, m.SiteZone, "UTC"),
		ChosenZone:   m.TimeZone != "",
	}, nil
}

func (c *core) duty(m Moderator) RequiredStep {
	switch {
	case c.usesProvider(m): // the provider is responsible for passwords and factors
		return StepNone
	case m.MustChangePassword:
		return StepChangePassword
	case c.requireSecondFactor && !m.SecondFactor:
		return StepSetUpSecondFactor
	}
	return StepNone
}
