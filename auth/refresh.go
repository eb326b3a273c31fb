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
	// RefreshTokenLife is the lifetime of an unused refresh token. Each use returns a new one.
	RefreshTokenLife = 30 * 24 * time.Hour
	// RefreshFamilyLife is the maximum lifetime of a login, however often it is refreshed.
	RefreshFamilyLife = 90 * 24 * time.Hour

	// RefreshGrace is how long a used refresh token still returns its successor.
	RefreshGrace = 10 * time.Second

	refreshSecretBytes = 32
)

// refreshEncoding is strict, so each token has one spelling.
var refreshEncoding = base64.RawURLEncoding.Strict()

// newRefreshSecret generates a refresh token and the hash to store. 256 random bits can't be guessed even at
// the speed of plain SHA-256, so no slow hash is needed.
func newRefreshSecret(random io.Reader) (token string, hash []byte, err error) {
	secret := make([]byte, refreshSecretBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", nil, fmt.Errorf("make a refresh token: %w", err)
	}
	sum := sha256.Sum256(secret)
	return refreshEncoding.EncodeToString(secret), sum[:], nil
}

// refreshHash returns the stored hash of a token, or ErrTokenInvalid if the token is malformed.
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

// sealSuccessor encrypts next, the successor of old. The key is derived from old, which is not in the
// database, so decrypting the stored value requires the old token.
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

// Successor returns next as the successor of t: same moderator and family, expiring with the family at the
// latest. A Store calls it during rotation. If the family id contains no time, the expiry is not extended.
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
