package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"rejoinder/auth"
	"rejoinder/privacy"
)

// othersBits are the permission bits of group and others.
const othersBits = 0o077

// prepareDataFolder creates the data folder, and restricts the folder and the files of an SQLite database to
// their owner. It returns the paths that others could access before. Errors say how to fix what it could not
// change.
func prepareDataFolder(config Config) (mended []string, err error) {
	if err := os.MkdirAll(config.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	if runtime.GOOS == "windows" { // mode bits do not control access there
		return nil, nil
	}
	var exposed []string
	if path, ok := strings.CutPrefix(config.DatabaseURL, "sqlite:"); ok {
		exposed = append(exposed, path, path+"-wal", path+"-shm")
	}
	// Leave the permissions of another program's folder alone, even if it holds our database.
	if isDataFolder(config.DataDir) {
		exposed = append(exposed, config.DataDir)
	}
	for _, path := range exposed {
		changed, err := makePrivate(path)
		if err != nil {
			return mended, err
		}
		if changed {
			mended = append(mended, path)
		}
	}
	return mended, nil
}

// isDataFolder reports whether a folder contains our keys and is not shared on purpose. Temporary folders
// have the sticky bit, group folders the setgid bit.
func isDataFolder(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil || info.Mode()&(fs.ModeSticky|fs.ModeSetgid) != 0 {
		return false
	}
	for _, name := range []string{privacy.FileName, auth.KeyFileName} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// makePrivate removes other users' permissions, and reports whether there were any.
func makePrivate(path string) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("check who may read %s: %w", path, err)
	}
	mode := info.Mode().Perm()
	if mode&othersBits == 0 {
		return false, nil
	}
	if err := os.Chmod(path, mode&^othersBits); err != nil {
		return false, fmt.Errorf("%s has mode %04o, so others on this machine can access it; run as its owner: chmod %04o %s (%w)",
			path, mode, mode&^othersBits, path, err)
	}
	return true, nil
}
