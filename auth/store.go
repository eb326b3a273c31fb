package auth

import (
	"context"
	"time"
)

// Store is the storage for moderators, sessions, refresh tokens and login failures. Each method is one
// transaction. Changes to the results of Moderators and EndedSessions are broadcast to all nodes
// (Service.InvalidatePrincipals).
type Store interface {
	AccountStore
	SecondFactorStore
	ThrottleStore
	SetupStore
	FederationStore

	// CreateModerator stores a new moderator with its sites. Errors: ErrModeratorExists if the email index is
	// taken.
	CreateModerator(ctx context.Context, m Moderator) error
	// ModeratorByEmail returns the moderator whose email index is one of indexes, or ErrUnknownModerator.
	ModeratorByEmail(ctx context.Context, indexes [][]byte) (Moderator, error)
	// Moderator returns a moderator by id, including disabled ones, or ErrUnknownModerator.
	Moderator(ctx context.Context, id string) (Moderator, error)
	// ReplacePasswordHash stores change.New if the stored hash is still change.Old, otherwise it does
	// nothing.
	ReplacePasswordHash(ctx context.Context, change PasswordHashChange) error

	// KnownOrigin reports whether the device and the address of a sign-in are known.
	KnownOrigin(ctx context.Context, q OriginQuery) (KnownOrigin, error)

	// BeginSession stores a session with its first refresh token, which starts the family; its sign-in; and
	// the moderator's sign-in on the device, unless event.DeviceID is empty.
	BeginSession(ctx context.Context, t RefreshToken, event SignIn) error
	// RotateRefreshToken marks the token with hash oldHash as used at next.CreatedAt, stores
	// old.Successor(next) in the same transaction, and returns the stored token. Of several calls with the
	// same oldHash, one succeeds.
	//
	// If the old token was used at most RefreshGrace ago and its family is not revoked, nothing changes, and
	// the stored successor is returned with its Sealed.
	//
	// Errors: ErrTokenReused if the old token was used earlier or is revoked. The transaction still commits:
	// it revokes every token of the family at next.CreatedAt and forgets its device. The old token is
	// returned with the error. ErrTokenExpired if the old token expired at or before next.CreatedAt and was
	// not used. ErrUnknownToken if there is none. A token that is both used and expired counts as reused.
	RotateRefreshToken(ctx context.Context, oldHash []byte, next RefreshToken) (RefreshToken, error)
	// RevokeRefreshFamily ends the session of the token with this hash and revokes every token of its family.
	// Tokens revoked earlier keep their time. Errors: ErrUnknownToken if there is none.
	RevokeRefreshFamily(ctx context.Context, hash []byte, at time.Time) error
}

// ThrottleStore stores the failed attempts that the throttle counts. It is part of Store.
type ThrottleStore interface {
	// UpdateLoginFailures reads the failures of all keys, passes them to update and stores its result, in one
	// transaction that locks these rows. update gets and returns one value per key, in the order of keys.
	// Keys without a row are passed with Count 0, and values with Count 0 need no row. If update returns an
	// error, nothing is stored, and the error is returned unchanged or wrapped.
	//
	// Rows are locked in the byte order of their keys, so two calls can't deadlock. update does no I/O and
	// has no side effects, so it may be called again if the transaction is retried. Rows whose LastAt is
	// older than LoginFailuresKept may be deleted at any time.
	UpdateLoginFailures(ctx context.Context, keys [][]byte, update func([]LoginFailures) ([]LoginFailures, error)) error
	// ForgetLoginFailures deletes the failures of all keys with one of the prefixes.
	ForgetLoginFailures(ctx context.Context, prefixes [][]byte, entry AuditEntry) error
}

// PasswordHashChange replaces a moderator's password hash with that of a new password, or with a newer hash
// of the same password.
type PasswordHashChange struct {
	ModeratorID string
	Old, New    string // PHC strings
}

// LoginFailures counts failed attempts for one account, device, address, network or session.
type LoginFailures struct {
	Key          []byte
	Count        int       // failures not forgiven yet, including attempts in progress
	BlockedUntil time.Time // zero: not blocked
	LastAt       time.Time // time up to which failures have been counted and forgiven
}

// RefreshToken is one token of a family: the chain of tokens that started with one login. The token itself is
// never stored.
type RefreshToken struct {
	ID          string // UUIDv7
	ModeratorID string
	// FamilyID is a UUIDv7 created at login, so it contains the start time of the family.
	FamilyID   string
	SecretHash []byte // SHA-256 of the 32-byte token
	Sealed     []byte // sealed under the previous token; empty: first token, or no longer retrievable
	CreatedAt  time.Time
	ExpiresAt  time.Time
	UsedAt     time.Time // zero: not used yet
	RevokedAt  time.Time // zero: not revoked
}

// Emails indexes and encrypts emails for storage, and encrypts other secrets of moderators.
type Emails interface {
	// Indexes returns the keyed indexes of an email, the primary one first, then those under older keys.
	// Spellings of the same mailbox have the same indexes. It accepts any string.
	Indexes(email string) [][]byte
	// Seal encrypts an email, or the secret of a second factor, and binds it to context.
	Seal(plain, context string) ([]byte, error)
	// Open decrypts a value sealed with the same context.
	Open(sealed []byte, context string) (string, error)
}
