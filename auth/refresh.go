package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"time"
)

const (
	// RefreshTokenLife is how long a refresh token waits to be used. Each use hands out a fresh one.
	RefreshTokenLife = 30 * 24 * time.Hour
	// RefreshFamilyLife is how long after a login its last refresh token expires, however often it was renewed.
	RefreshFamilyLife = 90 * 24 * time.Hour

	refreshSecretBytes = 32
)

// refreshEncoding is strict, so that one token has one spelling.
var refreshEncoding = base64.RawURLEncoding.Strict()

// newRefreshSecret draws a refresh token and the hash under which it is stored. 256 random bits can't be guessed
// even at the speed of plain SHA-256, which is why no slow hash is needed here.
func newRefreshSecret(random io.Reader) (token string, hash []byte, err error) {
	secret := make([]byte, refreshSecretBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", nil, fmt.Errorf("make a refresh token: %w", err)
	}
	sum := sha256.Sum256(secret)
	return refreshEncoding.EncodeToString(secret), sum[:], nil
}

// refreshHash turns a token into the hash under which it is stored; ErrTokenInvalid if it can't be one of ours.
func refreshHash(token string) ([]byte, error) {
	if len(token) != refreshEncoding.EncodedLen(refreshSecretBytes) {
		return nil, fmt.Errorf("%w: not a refresh token", ErrTokenInvalid)
	}
	secret, err := refreshEncoding.DecodeString(token)
	if err != nil || len(secret) != refreshSecretBytes {
		return nil, fmt.Errorf("%w: not a refresh token", ErrTokenInvalid)
	}
	sum := sha256.Sum256(secret)
	return sum[:], nil
}

// Successor is next as it follows t: of the same moderator and family, and expiring with the family at the latest.
// A Store calls it while it rotates. A family whose id carries no time gets no more life.
func (t RefreshToken) Successor(next RefreshToken) RefreshToken {
	next.ModeratorID, next.FamilyID = t.ModeratorID, t.FamilyID
	end := t.ExpiresAt
	if began, ok := uuidTime(t.FamilyID); ok {
		end = began.Add(RefreshFamilyLife)
	}
	if next.ExpiresAt.After(end) {
		next.ExpiresAt = end
	}
	return next
}
