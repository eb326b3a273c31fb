package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// ServerKeysConfig configures ServerKeys. Every field is required.
type ServerKeysConfig struct {
	Store  KeyStore
	Log    *slog.Logger
	Now    func() time.Time
	Random io.Reader
}

// ServerKeys authenticates programs by their keys, and administers the keys. It is safe for concurrent use, and
// several nodes may share one store.
type ServerKeys struct {
	store  KeyStore
	log    *slog.Logger
	now    func() time.Time
	random io.Reader

	generation atomic.Uint64 // incremented by every invalidation
	current    atomic.Pointer[keySnapshot]
	loading    sync.Mutex

	mu  sync.Mutex
	use map[string]*keyUse // by the key's ID
}

// keySnapshot holds all keys by the hashes of their secrets.
type keySnapshot struct {
	readAt     time.Time
	generation uint64 // when the read began
	byHash     map[string]ServerKey
}

// keyUse is what this node knows about the requests of one key.
type keyUse struct {
	bucket    *rate.Limiter
	writtenAt time.Time // when LastUsedAt was last written
}

// keyUseEvery is how often LastUsedAt of a key is written.
const keyUseEvery = time.Minute

// NewServerKeys returns ServerKeys, or an error if a field is missing.
func NewServerKeys(cfg ServerKeysConfig) (*ServerKeys, error) {
	if cfg.Store == nil || cfg.Log == nil || cfg.Now == nil || cfg.Random == nil {
		return nil, errors.New("new server keys: every field is required")
	}
	return &ServerKeys{store: cfg.Store, log: cfg.Log, now: cfg.Now, random: cfg.Random, use: map[string]*keyUse{}}, nil
}

// IsServerKey reports whether a bearer token is meant to be the secret of a server key.
func IsServerKey(token string) bool { return strings.HasPrefix(token, KeyPrefix) }

// Authenticate returns the identity of a key by its secret. Adding, rotating and revoking a key take effect
// immediately on this node and within PrincipalCacheAge on all others.
//
// Errors: ErrKeyRejected, ErrKeyRevoked, ErrKeyExpired, *KeyRateLimited, errors of the store.
func (s *ServerKeys) Authenticate(ctx context.Context, secret string) (Identity, error) {
	snap, err := s.load(ctx)
	if err != nil {
		return Identity{}, fmt.Errorf("authenticate key: %w", err)
	}
	hash := string(hashKey(secret))
	key, known := snap.byHash[hash]
	now := s.now()
	switch {
	case !known:
		return Identity{}, ErrKeyRejected
	case key.Status(now) == "revoked":
		return Identity{}, ErrKeyRevoked
	case key.Status(now) == "expired":
		return Identity{}, ErrKeyExpired
	case hash == string(key.PreviousHash) && !now.Before(key.PreviousUntil):
		return Identity{}, fmt.Errorf("%w: replaced by a rotation", ErrKeyRejected)
	}
	touch, err := s.count(key, now)
	if err != nil {
		return Identity{}, err
	}
	if touch {
		if err := s.store.TouchServerKey(ctx, key.ID, now); err != nil {
			s.log.WarnContext(ctx, "last use of a server key not written", "key", key, "err", err)
		}
	}
	return Identity{
		ModeratorID: key.ID, KeyID: key.ID, Name: key.AccountName(), Scopes: key.Scopes, SiteIDs: key.SiteIDs,
	}, nil
}

// count takes a request from the key's allowance, and reports whether LastUsedAt has to be written.
func (s *ServerKeys) count(key ServerKey, now time.Time) (touch bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	use := s.use[key.ID]
	if use == nil {
		use = &keyUse{
			bucket:    rate.NewLimiter(rate.Limit(float64(key.PerMinute)/60), key.PerMinute),
			writtenAt: key.LastUsedAt,
		}
		s.use[key.ID] = use
	}
	taken := use.bucket.ReserveN(now, 1)
	if wait := taken.DelayFrom(now); wait > 0 {
		taken.CancelAt(now)
		return false, &KeyRateLimited{PerMinute: key.PerMinute, RetryAfter: wait}
	}
	if touch = now.Sub(use.writtenAt) >= keyUseEvery; touch {
		use.writtenAt = now
	}
	return touch, nil
}

// Invalidate makes the next request read the store, after another node changed a key.
func (s *ServerKeys) Invalidate() { s.generation.Add(1) }

func (s *ServerKeys) fresh(now time.Time) *keySnapshot {
	snap := s.current.Load()
	if snap == nil || snap.generation != s.generation.Load() {
		return nil
	}
	// Treat snapshots from the future as expired: the clock moved back.
	if age := now.Sub(snap.readAt); age >= PrincipalCacheAge || age < 0 {
		return nil
	}
	return snap
}

// load returns a fresh snapshot. One request reads the store while the others wait.
func (s *ServerKeys) load(ctx context.Context) (*keySnapshot, error) {
	if snap := s.fresh(s.now()); snap != nil {
		return snap, nil
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	now := s.now()
	if snap := s.fresh(now); snap != nil {
		return snap, nil
	}
	next := &keySnapshot{readAt: now, generation: s.generation.Load(), byHash: map[string]ServerKey{}}
	keys, err := s.store.ServerKeys(ctx)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		next.byHash[string(key.SecretHash)] = key
		if len(key.PreviousHash) > 0 {
			next.byHash[string(key.PreviousHash)] = key
		}
	}
	s.current.Store(next)
	return next, nil
}
