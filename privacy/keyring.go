package privacy

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// FileName is the name of the key file inside the data folder.
const FileName = "privacy-keys.json"

var (
	// ErrNoKeys reports that the data folder holds no key file.
	ErrNoKeys = errors.New("no privacy keys")
	// ErrExposed reports a key file or folder that other accounts on the machine can reach.
	ErrExposed = errors.New("privacy keys are exposed")
	// ErrDamaged reports a key file that is truncated, edited or otherwise unreadable.
	ErrDamaged = errors.New("privacy keys are damaged")
	// ErrSealed reports a sealed email that no key opens in the given context: it was sealed with another
	// keyring or for another commenter, or was altered.
	ErrSealed = errors.New("sealed email cannot be opened")
)

// Keyring holds the keys of one installation. It is safe for concurrent use. Printing or logging it yields a
// fixed text, never a key.
type Keyring struct {
	path    string
	now     func() time.Time
	created bool

	rotating sync.Mutex
	current  atomic.Pointer[keys]
}

// Open loads the keys from FileName in dir, or creates them if the file is missing; Created then reports
// true, and the operator must be told to back the file up. A missing dir is created with mode 0700. Processes
// that call Open concurrently get the same keys.
//
// If sealed data may already exist, call Load instead: new keys would make that data permanently unreadable.
//
// now provides the creation time of new keys. Errors: ErrExposed and ErrDamaged, each with a remedy; no keys
// are created then.
func Open(dir string, now func() time.Time) (*Keyring, error) {
	ring, err := Load(dir, now)
	if !errors.Is(err, ErrNoKeys) {
		return ring, err
	}
	path := filepath.Join(dir, FileName)
	created, err := createFile(path, now())
	if err != nil {
		return nil, fmt.Errorf("create privacy keys: %w", err)
	}
	ring, err = Load(dir, now)
	if err != nil {
		return nil, err
	}
	ring.created = created
	return ring, nil
}

// Load loads the keys from FileName in dir and never creates any. Errors: ErrNoKeys if the file is missing,
// ErrExposed, ErrDamaged.
func Load(dir string, now func() time.Time) (*Keyring, error) {
	path := filepath.Join(dir, FileName)
	loaded, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("load %s: %w; restore the file from your backup", path, ErrNoKeys)
	}
	if err != nil {
		return nil, fmt.Errorf("load privacy keys: %w", err)
	}
	ring := &Keyring{path: path, now: now}
	ring.current.Store(loaded)
	return ring, nil
}

// Created reports whether the call of Open that returned this keyring created the keys. It is true for
// exactly one of several processes that start concurrently.
func (k *Keyring) Created() bool { return k.created }

// Path returns the path of the key file, which the operator must back up.
func (k *Keyring) Path() string { return k.path }

// Rotate adds a new primary key to every keyset and replaces the key file atomically. Old keys are kept:
// emails sealed with them still open, tokens made with them still verify, and Indexes still returns their
// values. Other processes use the new keys once they load the file again. It fails without any change while
// another rotation runs.
func (k *Keyring) Rotate() error {
	k.rotating.Lock()
	defer k.rotating.Unlock()
	rotated, err := rotateFile(k.path, k.now())
	if err != nil {
		return fmt.Errorf("rotate privacy keys: %w", err)
	}
	k.current.Store(rotated)
	return nil
}

// KeyInfo describes one key without revealing it.
type KeyInfo struct {
	Set     string    // what the key is for: "sealing", "index" or "tokens"
	ID      uint32    // Tink's key id, unique within the set
	Created time.Time // UTC, whole seconds
	Primary bool      // whether new values are made with this key
}

// KeyInfo lists all keys in order of creation, set by set.
func (k *Keyring) KeyInfo() []KeyInfo {
	return append([]KeyInfo(nil), k.current.Load().info...)
}

const redacted = "privacy.Keyring(redacted)"

// String returns a fixed text, so that keys never appear in errors or logs.
func (k *Keyring) String() string { return redacted }

// GoString returns the text of String for %#v.
func (k *Keyring) GoString() string { return redacted }

// LogValue returns the text of String for slog.
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns the text of String for encoders.
func (k *Keyring) MarshalText() ([]byte, error) { return []byte(redacted), nil }
