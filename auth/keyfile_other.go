//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package auth

import (
	"io/fs"
	"sync"
)

// keyFileMutex replaces the lock between processes, for which these systems have no common call. Here, two
// processes must not start for the first time, or rotate keys, at the same time.
var keyFileMutex sync.Mutex

// checkPrivate accepts every mode: these systems do not protect files by mode bits.
func checkPrivate(string, fs.FileMode) error { return nil }

func lockKeyFile(string) (unlock func(), err error) {
	keyFileMutex.Lock()
	return keyFileMutex.Unlock, nil
}

// syncDir does nothing: these systems cannot open directories for syncing.
func syncDir(string) error { return nil }
