package db

import (
	"context"
	"errors"
	"fmt"
)

// emptyLog moves what SQLite's write-ahead log holds into the file and cuts the log to nothing: until then
// the log may hold texts that were erased. While somebody reads, it leaves the log for the next time rather
// than wait.
func (d *DB) emptyLog(ctx context.Context) error {
	if d.engine != SQLite || d.readOnly {
		return nil
	}
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return wrap("empty the log", d.translate(ctx, err))
	}
	// All three run, whatever happens: the connection goes back to the pool with the patience it had.
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for _, statement := range []string{
		`PRAGMA busy_timeout = 0`, `PRAGMA wal_checkpoint(TRUNCATE)`, fmt.Sprintf(`PRAGMA busy_timeout = %d`, busyMillis),
	} {
		_, err := conn.ExecContext(ctx, statement)
		errs = append(errs, d.translate(ctx, err))
	}
	return wrap("empty the log", errors.Join(append(errs, conn.Close())...))
}
