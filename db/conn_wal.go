package db

import (
	"context"
	"errors"
	"fmt"
)

// checkpoint writes SQLite's write-ahead log into the database file and truncates the log, which may hold
// erased texts. While a reader blocks the truncation, it returns without it.
func (c *core) checkpoint(ctx context.Context) error {
	if c.engine != SQLite || c.readOnly {
		return nil
	}
	conn, err := c.writer.Conn(ctx)
	if err != nil {
		return wrap("truncate the log", c.translate(ctx, err))
	}
	// All three statements must run: the connection returns to the pool, and needs its old timeout.
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for _, statement := range []string{
		`PRAGMA busy_timeout = 0`, `PRAGMA wal_checkpoint(TRUNCATE)`, fmt.Sprintf(`PRAGMA busy_timeout = %d`, busyMillis),
	} {
		_, err := conn.ExecContext(ctx, statement)
		errs = append(errs, c.translate(ctx, err))
	}
	return wrap("truncate the log", errors.Join(append(errs, conn.Close())...))
}
