package auth

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// SetupLinkLife is the lifetime of a set-up link.
const SetupLinkLife = 24 * time.Hour

// SetupStore is the storage for setting a server up: it has no moderator yet, and the holder of a printed
// link becomes the first admin.
type SetupStore interface {
	// AnyModerator reports whether there is a moderator, disabled or invited ones included.
	AnyModerator(ctx context.Context) (bool, error)
	// PutSetupLink stores the SHA-256 of a link's secret and deletes all other links. Errors: ErrModeratorExists
	// if there is a moderator.
	PutSetupLink(ctx context.Context, link SetupLink) error
	// SetupLinkValid reports whether a link with this hash is valid at the given time.
	SetupLinkValid(ctx context.Context, hash []byte, at time.Time) (bool, error)
	// CreateFirstModerator stores the first moderator and deletes all set-up links. Of several concurrent calls,
	// one succeeds. Errors: ErrLink if no link with this hash is valid at u.At, or if there is a moderator.
	CreateFirstModerator(ctx context.Context, u FirstModerator) error
}

// SetupLink is a set-up link as it is stored.
type SetupLink struct {
	SecretHash []byte // SHA-256 of the 32-byte secret
	ExpiresAt  time.Time
}

// FirstModerator is the first moderator of a server.
type FirstModerator struct {
	Moderator Moderator
	Link      []byte // hash of the link that allows it
	At        time.Time
	Entry     AuditEntry
}

// Setup creates the first admin of a server that has no moderator.
type Setup struct {
	accounts *Service
	done     atomic.Bool // there is a moderator
}

// NewSetup returns the set-up of a service.
func NewSetup(accounts *Service) *Setup { return &Setup{accounts: accounts} }

// Needed reports whether the server has no moderator yet.
func (s *Setup) Needed(ctx context.Context) (bool, error) {
	if s.done.Load() {
		return false, nil
	}
	found, err := s.accounts.store.AnyModerator(ctx)
	if err != nil {
		return false, fmt.Errorf("look for moderators: %w", err)
	}
	s.done.Store(found)
	return !found, nil
}

// NewLink creates a link whose holder may create the first admin, and returns its secret. Earlier links can no
// longer be used. Errors: ErrModeratorExists.
func (s *Setup) NewLink(ctx context.Context) (secret string, err error) {
	secret, hash, err := newRefreshSecret(s.accounts.random)
	if err != nil {
		return "", fmt.Errorf("make set-up link: %w", err)
	}
	link := SetupLink{SecretHash: hash, ExpiresAt: s.accounts.now().Add(SetupLinkLife)}
	err = s.accounts.store.PutSetupLink(ctx, link)
	return secret, wrap("make set-up link", err)
}

// CheckLink returns ErrLink unless the set-up link with this secret can be used.
func (s *Setup) CheckLink(ctx context.Context, secret string) error {
	_, err := s.open(ctx, secret)
	return wrap("look up set-up link", err)
}

func (s *Setup) open(ctx context.Context, secret string) (hash []byte, err error) {
	if hash, err = refreshHash(secret); err != nil {
		return nil, ErrLink
	}
	valid, err := s.accounts.store.SetupLinkValid(ctx, hash, s.accounts.now())
	if err == nil && !valid {
		err = ErrLink
	}
	return hash, err
}

// CreateAdmin consumes a set-up link: it creates the first moderator, an admin of all sites, and signs them in. It
// ignores n's role and sites. The link is checked first, so that nobody else learns anything or makes the
// server hash passwords. Errors: ErrLink, Invalid.
func (s *Setup) CreateAdmin(ctx context.Context, secret string, n NewModerator, req LoginRequest) (Session, error) {
	hash, err := s.open(ctx, secret)
	if err != nil {
		return Session{}, fmt.Errorf("set up: %w", err)
	}
	n.Email, n.Name = strings.TrimSpace(n.Email), strings.TrimSpace(n.Name)
	n.Role, n.SiteIDs, n.MustChangePassword = RoleAdmin, nil, false
	m, err := s.accounts.prepareModerator(ctx, n)
	if err != nil {
		return Session{}, fmt.Errorf("set up: %w", err)
	}
	entry, err := s.accounts.entry(Identity{ModeratorID: m.ID}, ActionSetUp, m.ID)
	if err != nil {
		return Session{}, fmt.Errorf("set up: %w", err)
	}
	first := FirstModerator{Moderator: m, Link: hash, At: s.accounts.now(), Entry: entry}
	if err := s.accounts.store.CreateFirstModerator(ctx, first); err != nil {
		return Session{}, fmt.Errorf("set up: %w", err)
	}
	s.accounts.principals.invalidate()
	session, err := s.accounts.begin(ctx, m, req, origin{})
	return session, wrap("set up", err)
}

// prepareModerator validates a moderator with a password and prepares the row to store. Errors: Invalid,
// ErrModeratorExists.
func (s *Service) prepareModerator(ctx context.Context, n NewModerator) (Moderator, error) {
	faults := n.profileFaults()
	reason, err := s.passwordFault(ctx, n.Password, PasswordContext{Email: n.Email, Name: n.Name})
	if err != nil {
		return Moderator{}, err
	}
	faults.add("password", reason)
	if len(faults) > 0 {
		return Moderator{}, faults
	}
	index, err := s.freeIndex(ctx, n.Email)
	if err != nil {
		return Moderator{}, err
	}
	return s.newModerator(ctx, n, index)
}
