package privacy

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
)

const (
	fileFormat = "rejoinder privacy keys 1"
	fileAdvice = "Secret. Back this file up, apart from the database: without it no stored email can be read and no commenter recognised."
	// maxFileBytes is far larger than any real key file (a key takes about 400 bytes).
	maxFileBytes = 1 << 20

	restoreAdvice = "restore it from your backup; new keys could not read the emails that are already stored"
)

// keyFile is the key file: the keysets in Tink's JSON, their creation times, which Tink does not store, and a
// checksum, because a key with a flipped bit would pass as another valid key.
type keyFile struct {
	Format  string                          `json:"format"`
	Advice  string                          `json:"advice"`
	Keysets map[string]json.RawMessage      `json:"keysets"`
	Created map[string]map[uint32]time.Time `json:"created"`
	SHA256  string                          `json:"sha256"`
}

// checksum hashes every keyset with its name, ignoring white space.
func (f *keyFile) checksum() (string, error) {
	hash := sha256.New()
	for _, set := range sets {
		var compact bytes.Buffer
		if err := json.Compact(&compact, f.Keysets[set.name]); err != nil {
			return "", fmt.Errorf("keyset %s: %w", set.name, err)
		}
		fmt.Fprintf(hash, "%s %d\n", set.name, compact.Len())
		hash.Write(compact.Bytes())
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// readFile reads, checks and prepares the keys at path. Errors: fs.ErrNotExist, ErrExposed, ErrDamaged.
func readFile(path string) (*keys, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := checkExposure(file, path); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxFileBytes))
	if err != nil {
		return nil, err
	}
	loaded, err := decodeFile(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w (%w): %s", path, ErrDamaged, err, restoreAdvice)
	}
	return loaded, nil
}

// checkExposure checks the open file, not the path, so the file that is read is the one that was checked.
func checkExposure(file *os.File, path string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%w: %s has mode %04o, others on this machine may have read it; run: chmod 600 %s",
			ErrExposed, path, mode, path)
	}
	dir := filepath.Dir(path)
	info, err = os.Stat(dir)
	if err != nil {
		return err
	}
	if mode := info.Mode(); mode&0o002 != 0 && mode&fs.ModeSticky == 0 {
		return fmt.Errorf("%w: everyone on this machine may replace files in %s; run: chmod 700 %s", ErrExposed, dir, dir)
	}
	return nil
}

func decodeFile(raw []byte) (*keys, error) {
	var file keyFile
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("text after the end")
	}
	if file.Format != fileFormat {
		return nil, fmt.Errorf("format is %q, expected %q", file.Format, fileFormat)
	}
	sum, err := file.checksum()
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(sum), []byte(file.SHA256)) != 1 {
		return nil, errors.New("checksum does not match")
	}
	loaded := &keys{handles: map[string]*keyset.Handle{}, created: file.Created}
	for _, set := range sets {
		if loaded.handles[set.name], err = decodeKeyset(file.Keysets[set.name]); err != nil {
			return nil, fmt.Errorf("keyset %s: %w", set.name, err)
		}
	}
	return loaded, loaded.prepare()
}

func encodeFile(k *keys) ([]byte, error) {
	file := keyFile{Format: fileFormat, Advice: fileAdvice, Keysets: map[string]json.RawMessage{}, Created: k.created}
	for _, set := range sets {
		encoded, err := encodeKeyset(k.handles[set.name])
		if err != nil {
			return nil, err
		}
		file.Keysets[set.name] = encoded
	}
	var err error
	if file.SHA256, err = file.checksum(); err != nil {
		return nil, err
	}
	raw, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

// createFile writes new keys to path unless the file exists, and reports whether it created it. The complete
// file is linked into place, so another process sees either nothing or all of it.
func createFile(path string, now time.Time) (bool, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	made, err := newKeys(now)
	if err != nil {
		return false, err
	}
	temp, err := os.CreateTemp(dir, FileName+".*.tmp") // CreateTemp uses mode 0600
	if err != nil {
		return false, err
	}
	defer os.Remove(temp.Name())
	if err := writeKeys(temp, made); err != nil {
		return false, err
	}
	if err := os.Link(temp.Name(), path); errors.Is(err, fs.ErrExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return true, syncDir(dir)
}

// rotateFile adds a new primary key to each keyset at path. The name of the new file is also the lock: if two
// rotations read the same old keys, one of the new keys would be lost, with everything sealed under it.
func rotateFile(path string, now time.Time) (*keys, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	fresh := path + ".new"
	file, err := os.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil,
			fmt.Errorf("another rotation is under way or was interrupted; if none is running, delete %s and try again",
				fresh)
	}
	if err != nil {
		return nil, err
	}
	rotated, err := writeRotation(file, path, now)
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(fresh))
	}
	// The rename released the lock: from here on, a file at fresh belongs to another rotation.
	return rotated, syncDir(filepath.Dir(path))
}

// writeRotation writes the rotated keys of path to fresh and closes it.
func writeRotation(fresh *os.File, path string, now time.Time) (*keys, error) {
	current, err := readFile(path)
	if err != nil {
		return nil, errors.Join(err, fresh.Close())
	}
	rotated, err := current.rotated(now)
	if err != nil {
		return nil, errors.Join(err, fresh.Close())
	}
	return rotated, writeKeys(fresh, rotated)
}

// writeKeys writes, syncs and closes file.
func writeKeys(file *os.File, k *keys) error {
	raw, err := encodeFile(k)
	if err == nil {
		_, err = file.Write(raw)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncDir makes a new name in dir survive a power failure.
func syncDir(dir string) error {
	handle, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(handle.Sync(), handle.Close())
}
