package auth

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// unknownKeyInterval is the minimum interval between early reads of the key file because of an unknown kid.
// It bounds the cost of made-up kids.
const unknownKeyInterval = time.Second

// KeyRingConfig configures a KeyRing. Every field is required.
type KeyRingConfig struct {
	Dir    string // the data directory; created with mode 0700 if missing
	Now    func() time.Time
	Random io.Reader
	Log    *slog.Logger
}

// KeyRing holds the Ed25519 keys that sign and verify access tokens. Several nodes may share its key file. It
// reads the file again every minute and on an unknown kid, so a rotation by one node reaches the others. It
// is safe for concurrent use.
type KeyRing struct {
	path   string
	now    func() time.Time
	random io.Reader
	log    *slog.Logger

	mu       sync.Mutex
	keys     *keySet
	loadedAt time.Time
}

// OpenKeyRing reads DIR/token-keys.json, or creates it with a first key. If several processes start for the
// first time at once, one creates it and the others read it. It rejects a damaged file and one that anyone
// but its owner can read; the error tells the operator how to fix it.
func OpenKeyRing(cfg KeyRingConfig) (*KeyRing, error) {
	if cfg.Dir == "" || cfg.Now == nil || cfg.Random == nil || cfg.Log == nil {
		return nil, errors.New("open key ring: Dir, Now, Random and Log are required")
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	r := &KeyRing{path: filepath.Join(cfg.Dir, KeyFileName), now: cfg.Now, random: cfg.Random, log: cfg.Log}
	if err := r.open(); err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	return r, nil
}

// open takes no lock if the file exists, so a key file on a read-only mount works.
func (r *KeyRing) open() error {
	set, err := readKeyFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return r.update(func(old *keySet) (*keySet, error) {
			if old != nil {
				return old, nil
			}
			key, err := newSigningKey(r.now(), r.random)
			return &keySet{signing: key}, err
		})
	}
	if err != nil {
		return err
	}
	r.keys, r.loadedAt = set.pruned(r.now()), r.now()
	return nil
}

// Path returns the path of the key file, so that the operator can back it up.
func (r *KeyRing) Path() string { return r.path }

// SigningKeySince returns when the signing key was created. Use it to decide when to Rotate.
func (r *KeyRing) SigningKeySince() time.Time { return r.current().signing.createdAt }

// Rotate creates a new signing key and returns its kid. The previous key verifies until the last token it may
// have signed has expired. Its private half is erased from the file immediately.
func (r *KeyRing) Rotate() (kid string, err error) {
	err = r.update(func(old *keySet) (*keySet, error) {
		key, err := newSigningKey(r.now(), r.random)
		if err != nil {
			return nil, err
		}
		kid = key.id
		if old == nil {
			return &keySet{signing: key}, nil
		}
		return old.rotated(key).pruned(r.now()), nil
	})
	if err != nil {
		return "", fmt.Errorf("rotate token keys: %w", err)
	}
	return kid, nil
}

func (r *KeyRing) update(change func(*keySet) (*keySet, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	set, err := updateKeyFile(r.path, change)
	if err != nil {
		return err
	}
	r.keys, r.loadedAt = set, r.now()
	return nil
}

// current returns the key set, at most keyFileInterval old.
func (r *KeyRing) current() *keySet {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fresh(keyFileInterval)
}

// verifying returns the public key with this kid.
func (r *KeyRing) verifying(kid string) (ed25519.PublicKey, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if public, ok := r.fresh(keyFileInterval).verifying(kid, now); ok {
		return public, true
	}
	return r.fresh(unknownKeyInterval).verifying(kid, now)
}

// fresh reads the file again if the last read is older than interval. If the file can't be read, the keys
// stay unchanged: moderators can keep working while the operator reads the log.
func (r *KeyRing) fresh(interval time.Duration) *keySet {
	now := r.now()
	if age := now.Sub(r.loadedAt); age >= 0 && age < interval {
		return r.keys
	}
	r.loadedAt = now
	set, err := readKeyFile(r.path)
	if err != nil {
		r.log.Error("token keys not read again", "err", err)
		return r.keys
	}
	r.keys = set.pruned(now)
	return r.keys
}
