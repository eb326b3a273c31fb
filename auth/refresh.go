package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
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

	// RefreshGrace is how long after its use a refresh token still yields the successor that it was traded for.
	RefreshGrace = 10 * time.Second

	refreshSecretBytes = 32
)

// refreshEncoding is strict, so that one token has one spelling.
var refreshEncoding = base64.RawURLEncoding.Strict()

// newRefreshSecret draws a refresh token and the hash under which it is stored. 256 random bits can't be
// guessed even at the speed of plain SHA-256, which is why no slow hash is needed here.
func newRefreshSecret(random io.Reader) (token string, hash []byte, err error) {
	secret := make([]byte, refreshSecretBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", nil, fmt.Errorf("make a refresh token: %w", err)
	}
	sum := sha256.Sum256(secret)
	return refreshEncoding.EncodeToString(secret), sum[:], nil
}

// refreshHash turns a token into the hash under which it is stored; ErrTokenInvalid if it can't be one of
// ours.
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

// sealSuccessor encrypts the token that next follows old. The key comes out of old, which no database holds,
// so only who has the old token gets the new one from what is stored.
func sealSuccessor(random io.Reader, old, next string) ([]byte, error) {
	gcm, err := successorCipher(old)
	if err != nil {
		return nil, fmt.Errorf("seal a refresh token: %w", err)
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("seal a refresh token: %w", err)
	}
	return gcm.Seal(nonce, nonce, []byte(next), nil), nil
}

func openSuccessor(old string, sealed []byte) (string, error) {
	gcm, err := successorCipher(old)
	if err != nil {
		return "", fmt.Errorf("open a refresh token: %w", err)
	}
	size := gcm.NonceSize()
	if len(sealed) < size {
		return "", fmt.Errorf("%w: its successor is gone", ErrTokenInvalid)
	}
	next, err := gcm.Open(nil, sealed[:size], sealed[size:], nil)
	if err != nil {
		return "", fmt.Errorf("%w: its successor can't be read", ErrTokenInvalid)
	}
	return string(next), nil
}

func successorCipher(old string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(old), nil, "rejoinder refresh successor", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Successor is next as it follows t: of the same moderator and family, and expiring with the family at the
// latest. A Store calls it while it rotates. A family whose id carries no time gets no more life.
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
