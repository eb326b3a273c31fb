package auth

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// KeyFileName is the name of the key file in the data directory.
const KeyFileName = "token-keys.json"

const maxKeyFileBytes = 1 << 20

// readKeyFile reads and checks a key file. It returns fs.ErrNotExist if there is none; any other error tells
// the operator how to fix it.
func readKeyFile(path string) (*keySet, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if err := checkPrivate(path, info.Mode()); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, maxKeyFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxKeyFileBytes {
		err = fmt.Errorf("it is larger than %d bytes", maxKeyFileBytes)
	}
	var set *keySet
	if err == nil {
		set, err = decodeKeySet(content)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is damaged (%w): restore it from your backup; or, if there is none, move it away "+
			"and start again: new keys are made then, and no moderator has to sign in again", path, err)
	}
	return set, nil
}

// writeKeyFile replaces the key file atomically. Readers see either the old or the new content, even after a
// power failure.
func writeKeyFile(path string, set *keySet) error {
	content, err := set.encode()
	if err != nil {
		return err
	}
	// CreateTemp creates the file with mode 0600.
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Sync()
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// updateKeyFile updates the key file under a lock shared with other processes. change gets nil if there is no
// file, and returns the key set to store, or its argument to store nothing.
func updateKeyFile(path string, change func(*keySet) (*keySet, error)) (*keySet, error) {
	unlock, err := lockKeyFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	old, err := readKeyFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	set, err := change(old)
	if err != nil || set == old {
		return set, err
	}
	return set, writeKeyFile(path, set)
}
