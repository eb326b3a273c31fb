//go:build darwin || freebsd || linux

package db

import (
	"fmt"
	"path/filepath"
	"syscall"

	"rejoinder/moderation"
)

// minFreeBytes is the minimum free space in bytes beside an SQLite file: with less, the next comments may not
// fit.
const minFreeBytes = 1 << 20

// checkDiskSpace returns ErrStorageFull if the disk of an SQLite file is nearly full. PostgreSQL checks its
// own.
func (d *DB) checkDiskSpace() error {
	if d.path == "" {
		return nil
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(d.path), &disk); err != nil {
		return nil // unknown; a write will show it
	}
	// Where Bavail is signed, it is negative while only root may write.
	if free := max(0, int64(disk.Bavail)) * int64(disk.Bsize); free < minFreeBytes {
		return fmt.Errorf("%w: %d bytes are free beside the database", moderation.ErrStorageFull, free)
	}
	return nil
}
