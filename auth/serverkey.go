package auth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// KeyPrefix is how the secret of every server key begins, so that secret scanners recognize it.
const KeyPrefix = "rjk_"

const (
	// keyHintChars is how many characters of the secret are stored in plain text, to tell keys apart.
	keyHintChars = len(KeyPrefix) + 4
	// DefaultKeyRate is how many requests a key may send per minute unless it says otherwise.
	DefaultKeyRate = 600
	// MaxKeyRate is the maximum of ServerKey.PerMinute.
	MaxKeyRate = 60_000
	// MaxKeyOverlap is the maximum time for which the old secret stays valid after a rotation.
	MaxKeyOverlap = 30 * 24 * time.Hour
)

// ServerKey authenticates a program, such as a CMS. Its acts are recorded under an account with its ID.
type ServerKey struct {
	ID        string // UUIDv7
	Name      string // 1 to 100 characters
	Scopes    []Permission
	SiteIDs   []string // empty: all sites
	PerMinute int      // requests, for each node
	Hint      string   // first characters of the secret

	SecretHash    []byte    // SHA-256 of the secret
	PreviousHash  []byte    // of the secret before the last rotation; empty: none
	PreviousUntil time.Time // until when that is valid

	CreatedBy  string // moderator id; empty: the command line
	CreatedAt  time.Time
	RotatedAt  time.Time // zero: never
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time // zero: not revoked
	LastUsedAt time.Time // to a minute; zero: never
}

// LogValue keeps hashes out of logs.
func (k ServerKey) LogValue() slog.Value { return slog.GroupValue(slog.String("id", k.ID)) }

// Status returns "revoked", "expired" or "active".
func (k ServerKey) Status(now time.Time) string {
	switch {
	case !k.RevokedAt.IsZero():
		return "revoked"
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return "expired"
	}
	return "active"
}

// AccountName is the name under which the key's acts are recorded.
func (k ServerKey) AccountName() string { return k.Name + " (key)" }

// NewServerKey is a request to add a key. PerMinute 0 means DefaultKeyRate; a zero ExpiresAt means that it
// never expires.
type NewServerKey struct {
	Name      string
	Scopes    []Permission
	SiteIDs   []string
	PerMinute int
	ExpiresAt time.Time
}

// KeyStore is the storage of server keys. Changes are broadcast to all nodes (ServerKeys.Invalidate).
type KeyStore interface {
	// ServerKeys returns all keys, the newest first.
	ServerKeys(ctx context.Context) ([]ServerKey, error)
	// AddServerKey stores a key with its account.
	AddServerKey(ctx context.Context, key ServerKey, entry AuditEntry) error
	// UpdateServerKey stores what change does to secrets, RotatedAt and RevokedAt of a key, and returns the new
	// state. Errors: ErrUnknownKey; errors of change, unchanged.
	UpdateServerKey(ctx context.Context, id string, change func(*ServerKey) error, entry AuditEntry) (ServerKey, error)
	// TouchServerKey sets LastUsedAt unless it is later.
	TouchServerKey(ctx context.Context, id string, at time.Time) error
}

// Add adds a key and returns its secret, which can't be retrieved later. Errors: Invalid; ErrSiteScope if the
// key has sites beyond those of an actor restricted to some sites. The caller checks that the sites exist.
func (s *ServerKeys) Add(ctx context.Context, actor Identity, n NewServerKey) (ServerKey, string, error) {
	n.Name, n.PerMinute = strings.TrimSpace(n.Name), cmp.Or(n.PerMinute, DefaultKeyRate)
	now := s.now()
	if faults := n.faults(now); len(faults) > 0 {
		return ServerKey{}, "", fmt.Errorf("add key: %w", faults)
	}
	if !actor.administers(Moderator{SiteIDs: n.SiteIDs}) {
		return ServerKey{}, "", fmt.Errorf("add key: %w", ErrSiteScope)
	}
	id, err := newUUID(now, s.random)
	if err != nil {
		return ServerKey{}, "", fmt.Errorf("add key: %w", err)
	}
	key := ServerKey{
		ID: id, Name: n.Name, Scopes: sortedScopes(n.Scopes), SiteIDs: slices.Clone(n.SiteIDs), PerMinute: n.PerMinute,
		ExpiresAt: n.ExpiresAt.UTC(), CreatedBy: actor.ModeratorID, CreatedAt: now,
	}
	secret, err := s.newSecret(&key)
	if err != nil {
		return ServerKey{}, "", fmt.Errorf("add key: %w", err)
	}
	entry, err := s.entry(actor, ActionAddKey, id)
	if err == nil {
		err = s.store.AddServerKey(ctx, key, entry)
	}
	s.Invalidate()
	if err != nil {
		return ServerKey{}, "", fmt.Errorf("add key: %w", err)
	}
	return key, secret, nil
}

func (n NewServerKey) faults(now time.Time) Invalid {
	var faults Invalid
	faults.check("name", n.Name, nameFault)
	if len(n.Scopes) == 0 {
		faults = append(faults, FieldFault{"scopes", FaultRequired, "is required"})
	}
	for _, scope := range n.Scopes {
		if !slices.Contains(Scopes(), scope) {
			faults.add("scopes", "must be "+Alternatives(Scopes()))
			break
		}
	}
	faults.add("sites", siteIDsFault(n.SiteIDs))
	if n.PerMinute < 1 || n.PerMinute > MaxKeyRate {
		faults.add("per_minute", fmt.Sprintf("must be a number from 1 to %d", MaxKeyRate))
	}
	if !n.ExpiresAt.IsZero() && (!n.ExpiresAt.After(now) || n.ExpiresAt.Year() > maxKeyYear) {
		faults.add("expires_at", "must be a time in the future, up to the year 9998")
	}
	return faults
}

// maxKeyYear is the last year that both databases can represent in all time zones.
const maxKeyYear = 9998

// sortedScopes returns the scopes once each, in the order of Scopes.
func sortedScopes(given []Permission) []Permission {
	return slices.DeleteFunc(Scopes(), func(s Permission) bool { return !slices.Contains(given, s) })
}

// newSecret gives the key a new secret.
func (s *ServerKeys) newSecret(key *ServerKey) (string, error) {
	token, _, err := newRefreshSecret(s.random)
	if err != nil {
		return "", err
	}
	secret := KeyPrefix + token
	key.Hint, key.SecretHash = secret[:keyHintChars], hashKey(secret)
	return secret, nil
}

func hashKey(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// List returns the keys that the actor may administer, the newest first.
func (s *ServerKeys) List(ctx context.Context, actor Identity) ([]ServerKey, error) {
	all, err := s.store.ServerKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return slices.DeleteFunc(all, func(k ServerKey) bool { return !actor.administersKey(k) }), nil
}

// Find returns a key that the actor may administer. Errors: ErrUnknownKey.
func (s *ServerKeys) Find(ctx context.Context, actor Identity, id string) (ServerKey, error) {
	keys, err := s.List(ctx, actor)
	if err != nil {
		return ServerKey{}, err
	}
	i := slices.IndexFunc(keys, func(k ServerKey) bool { return k.ID == id })
	if i < 0 {
		return ServerKey{}, ErrUnknownKey
	}
	return keys[i], nil
}

func (i Identity) administersKey(k ServerKey) bool {
	return i.administers(Moderator{SiteIDs: k.SiteIDs})
}

// Rotate gives a key a new secret and returns it. The old one stays valid for the overlap; one that an earlier
// rotation replaced ends now. Errors: ErrUnknownKey, Invalid, ErrKeyInactive.
func (s *ServerKeys) Rotate(
	ctx context.Context, actor Identity, id string, overlap time.Duration,
) (ServerKey, string, error) {
	if overlap < 0 || overlap > MaxKeyOverlap {
		return ServerKey{}, "", fmt.Errorf("rotate key: %w", Invalid{{"overlap", FaultInvalid, "must be from 0 to 30 days"}})
	}
	var secret string
	key, err := s.update(ctx, actor, keyUpdate{id, ActionRotateKey, func(k *ServerKey) error {
		now := s.now()
		if k.Status(now) != "active" {
			return ErrKeyInactive
		}
		k.PreviousHash, k.PreviousUntil, k.RotatedAt = k.SecretHash, now.Add(overlap), now
		if overlap == 0 {
			k.PreviousHash, k.PreviousUntil = nil, time.Time{}
		}
		var err error
		secret, err = s.newSecret(k)
		return err
	}})
	return key, secret, wrap("rotate key", err)
}

// Revoke ends a key and both of its secrets. Revoking it again changes nothing. Errors: ErrUnknownKey.
func (s *ServerKeys) Revoke(ctx context.Context, actor Identity, id string) (ServerKey, error) {
	key, err := s.Find(ctx, actor, id)
	if err != nil || !key.RevokedAt.IsZero() {
		return key, wrap("revoke key", err)
	}
	key, err = s.update(ctx, actor, keyUpdate{id, ActionRevokeKey, func(k *ServerKey) error {
		if !k.RevokedAt.IsZero() {
			return errAlreadyRevoked
		}
		k.RevokedAt = s.now()
		return nil
	}})
	if errors.Is(err, errAlreadyRevoked) {
		return s.Find(ctx, actor, id)
	}
	return key, wrap("revoke key", err)
}

// errAlreadyRevoked ends an update that another one has made superfluous.
var errAlreadyRevoked = errors.New("key was revoked concurrently")

// keyUpdate is a change of one key with its audit action.
type keyUpdate struct {
	id, action string
	change     func(*ServerKey) error
}

func (s *ServerKeys) update(ctx context.Context, actor Identity, u keyUpdate) (ServerKey, error) {
	if _, err := s.Find(ctx, actor, u.id); err != nil {
		return ServerKey{}, err
	}
	entry, err := s.entry(actor, u.action, u.id)
	if err != nil {
		return ServerKey{}, err
	}
	key, err := s.store.UpdateServerKey(ctx, u.id, u.change, entry)
	s.Invalidate()
	return key, err
}

func (s *ServerKeys) entry(actor Identity, action, keyID string) (AuditEntry, error) {
	now := s.now()
	id, err := newUUID(now, s.random)
	return AuditEntry{ID: id, ActorID: actor.ModeratorID, Action: action, SubjectID: keyID, CreatedAt: now}, err
}
