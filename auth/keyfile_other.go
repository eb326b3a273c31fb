//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package auth

import (
	"io/fs"
	"sync"
)

// keyFileMutex stands in for the lock between processes, which these systems have no common call for: there,
// two processes must not start for the first time, or rotate keys, at the same moment.
var keyFileMutex sync.Mutex

// checkPrivate accepts every mode: these systems guard files by other means than mode bits.
func checkPrivate(string, fs.FileMode) error { return nil }

func lockKeyFile(string) (unlock func(), err error) {
	keyFileMutex.Lock()
	return keyFileMutex.Unlock, nil
}

// syncDir does nothing: these systems don't open folders for syncing.
func syncDir(string) error { return nil }
