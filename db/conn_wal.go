package db

import (
	"context"
	"errors"
	"fmt"
)

// checkpoint writes SQLite's write-ahead log into the database file and truncates the log, which may hold
// erased texts. While a reader blocks the truncation, it returns without it.
func (d *DB) checkpoint(ctx context.Context) error {
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
