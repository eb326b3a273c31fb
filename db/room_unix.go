//go:build darwin || freebsd || linux

package db

import (
	"fmt"
	"path/filepath"
	"syscall"

	"rejoinder/moderation"
)

// leastRoom is how many bytes must be free beside an SQLite file: with fewer, the next comments find no room.
const leastRoom = 1 << 20

// room returns ErrStorageFull when the disk with the database is full. PostgreSQL looks after its own.
func (d *DB) room() error {
	if d.path == "" {
		return nil
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(d.path), &disk); err != nil {
		return nil // it can't be told; a write will
	}
	// Where Bavail is signed, it is negative while only root may write.
	if free := max(0, int64(disk.Bavail)) * int64(disk.Bsize); free < leastRoom {
		return fmt.Errorf("%w: %d bytes are free beside the database", moderation.ErrStorageFull, free)
	}
	return nil
}
