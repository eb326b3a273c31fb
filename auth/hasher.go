package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"golang.org/x/text/unicode/norm"
)

// DefaultHashesAtOnce is the maximum number of concurrent hash computations: 38 MiB with DefaultHashParams.
const DefaultHashesAtOnce = 2

// HasherConfig configures a Hasher.
type HasherConfig struct {
	Params HashParams // DefaultHashParams in production
	AtOnce int        // maximum number of concurrent computations, at least 1; others wait
	Random io.Reader  // crypto/rand.Reader in production
}

// Hasher hashes passwords with argon2id and compares them. It is safe for concurrent use.
type Hasher struct {
	params   HashParams
	slots    chan struct{}
	random   io.Reader
	dummy    passwordHash
	computed atomic.Int64
}

// NewHasher returns a Hasher, or an error if a parameter is out of bounds or Random fails.
func NewHasher(cfg HasherConfig) (*Hasher, error) {
	if cfg.Random == nil {
		return nil, errors.New("new hasher: Random is missing")
	}
	if cfg.AtOnce < 1 {
		return nil, errors.New("new hasher: AtOnce must be at least 1")
	}
	if err := cfg.Params.validate(); err != nil {
		return nil, fmt.Errorf("new hasher: %w", err)
	}
	h := &Hasher{params: cfg.Params, slots: make(chan struct{}, cfg.AtOnce), random: cfg.Random}
	// A random key matches no known password and avoids a computation at startup.
	var err error
	if h.dummy, err = h.blank(); err != nil {
		return nil, fmt.Errorf("new hasher: %w", err)
	}
	if _, err := io.ReadFull(h.random, h.dummy.key); err != nil {
		return nil, fmt.Errorf("new hasher: %w", err)
	}
	return h, nil
}

// Hash returns the hash of a password with a new salt. It does not validate the password; CheckPassword does.
// It waits for a slot until ctx ends, then returns the context's error.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	hash, err := h.blank()
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	if hash.key, err = h.derive(ctx, hash, password); err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash.String(), nil
}

// Verify reports whether encoded is the hash of password. It waits for a slot until ctx ends, then returns
// the context's error. Any other error means that encoded is not a hash written by this package.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (bool, error) {
	hash, err := parseHash(encoded)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	return h.compare(ctx, hash, password)
}

// VerifyDummy costs as much as Verify for a hash with the Hasher's own parameters, and never matches.
func (h *Hasher) VerifyDummy(ctx context.Context, password string) error {
	_, err := h.compare(ctx, h.dummy, password)
	return err
}

// NeedsRehash reports whether encoded was made with different parameters or can't be parsed.
func (h *Hasher) NeedsRehash(encoded string) bool {
	hash, err := parseHash(encoded)
	return err != nil || hash.params != h.params || len(hash.salt) != saltBytes || len(hash.key) != keyBytes
}

// Computations returns the number of argon2id computations started by the Hasher.
func (h *Hasher) Computations() int64 { return h.computed.Load() }

func (h *Hasher) blank() (passwordHash, error) {
	hash := passwordHash{params: h.params, salt: make([]byte, saltBytes), key: make([]byte, keyBytes)}
	_, err := io.ReadFull(h.random, hash.salt)
	return hash, err
}

func (h *Hasher) compare(ctx context.Context, hash passwordHash, password string) (bool, error) {
	key, err := h.derive(ctx, hash, password)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	return subtle.ConstantTimeCompare(key, hash.key) == 1, nil
}

// derive computes the key in one of the slots. It normalizes the password first, because keyboards compose
// the same letter differently.
func (h *Hasher) derive(ctx context.Context, hash passwordHash, password string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	h.computed.Add(1)
	return hash.derive(normalPassword(password)), nil
}

// normalPassword returns the form of a password that is counted and hashed: NFKC, as NIST SP 800-63B
// recommends.
func normalPassword(password string) string { return norm.NFKC.String(password) }
