package auth

import (
	"context"
	"time"
)

// Store keeps moderators, sessions, refresh tokens and login failures. Each method is one transaction. A
// change of what Moderators and EndedSessions return is told to every node (Service.InvalidatePrincipals).
type Store interface {
	AccountStore
	SecondFactorStore

	// CreateModerator stores a new moderator with its sites. ErrModeratorExists when the email index is taken.
	CreateModerator(ctx context.Context, m Moderator) error
	// ModeratorByEmail finds the moderator whose email index is one of indexes. ErrUnknownModerator otherwise.
	ModeratorByEmail(ctx context.Context, indexes [][]byte) (Moderator, error)
	// Moderator finds a moderator, disabled or not, by id. ErrUnknownModerator otherwise.
	Moderator(ctx context.Context, id string) (Moderator, error)
	// ReplacePasswordHash stores change.New if the stored hash still is change.Old, and does nothing otherwise.
	ReplacePasswordHash(ctx context.Context, change PasswordHashChange) error

	// UpdateLoginFailures reads the failures of every key, hands them to update and stores what it returns, in
	// one transaction in which nobody else reads or writes these rows. update gets and returns one value per
	// key, in the order of keys; a key without a row is handed over with Count 0, and a value with Count 0 needs
	// no row. An error of update is returned as it is, wrapped at most, and nothing is stored.
	//
	// Rows are locked in the order of their keys' bytes, so that two calls can't wait for each other. update
	// does no I/O and has no effects, so it may be called again when the transaction has to be repeated. Rows
	// whose LastAt is older than LoginFailuresKept may be deleted at any time.
	UpdateLoginFailures(ctx context.Context, keys [][]byte, update func([]LoginFailures) ([]LoginFailures, error)) error

	// ForgetLoginFailures deletes the failures of every key with one of the prefixes.
	ForgetLoginFailures(ctx context.Context, prefixes [][]byte, entry AuditEntry) error
	// KnownOrigin returns whether the device and the address of a sign-in are known.
	KnownOrigin(ctx context.Context, q OriginQuery) (KnownOrigin, error)

	// BeginSession stores a session with its first refresh token, whose family it is, its sign-in, and,
	// unless event.DeviceID is empty, the moderator's sign-in on that device.
	BeginSession(ctx context.Context, t RefreshToken, event SignIn) error
	// RotateRefreshToken marks the token with hash oldHash as used at next.CreatedAt and stores
	// old.Successor(next), in one transaction, and returns the token stored. Of several calls with the same
	// oldHash one succeeds.
	//
	// If the old token was used at most RefreshGrace ago and its family is not revoked, nothing changes, and
	// the successor stored then is returned with its Sealed. ErrTokenReused if it was used earlier or is
	// revoked: the same transaction, which is committed all the same, revokes every token of its family at
	// next.CreatedAt and forgets its device, and the old token is returned with the error. ErrTokenExpired if
	// the old one expired at or before next.CreatedAt and was not used; ErrUnknownToken if there is none. A
	// token that is used and expired counts as reused.
	RotateRefreshToken(ctx context.Context, oldHash []byte, next RefreshToken) (RefreshToken, error)
	// RevokeRefreshFamily ends the session and revokes every token of the family to which the token with this
	// hash belongs; those revoked earlier keep their time. ErrUnknownToken when there is none.
	RevokeRefreshFamily(ctx context.Context, hash []byte, at time.Time) error
}

// PasswordHashChange replaces a moderator's password hash by that of a new password, or by a newer one of the
// same.
type PasswordHashChange struct {
	ModeratorID string
	Old, New    string // PHC strings
}

// LoginFailures counts the failed attempts on one account, or from one device, address, network or session.
type LoginFailures struct {
	Key          []byte
	Count        int       // failures not forgiven yet, attempts still being checked included
	BlockedUntil time.Time // zero: not blocked
	LastAt       time.Time // up to when failures have been counted and forgiven
}

// RefreshToken is one link in a family: the chain of tokens that began with one login. The token itself is
// never stored.
type RefreshToken struct {
	ID          string // UUIDv7
	ModeratorID string
	// FamilyID is a UUIDv7 made at the login, so it carries the time at which the family began.
	FamilyID   string
	SecretHash []byte // SHA-256 of the token's 32 bytes
	Sealed     []byte // this token, sealed under the one before; empty for the first, and once nobody may ask for it again
	CreatedAt  time.Time
	ExpiresAt  time.Time
	UsedAt     time.Time // zero: not used yet
	RevokedAt  time.Time // zero: not revoked
}

// Emails turns an email into what may be stored, and keeps other secrets of moderators.
type Emails interface {
	// Indexes gives the keyed indexes of an email, the primary one first, then those under older keys. Spellings
	// that mean the same mailbox have the same indexes. It accepts any string.
	Indexes(email string) [][]byte
	// Seal encrypts the email, or the secret of a second factor, and binds it to context.
	Seal(plain, context string) ([]byte, error)
	// Open returns what Seal was given with the same context.
	Open(sealed []byte, context string) (string, error)
}
