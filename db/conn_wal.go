package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// SQLite's write-ahead log, in pages of 4 KiB. Under load the same pages are written again and again, so it may get
// long before they are moved into the database file.
const (
	// movedPages is how many pages a checkpoint beside the writer moves at least.
	movedPages = 2_000
	// restartPages is how long the log may get before the writer waits until the last of its pages are moved. Only
	// then does the log start anew: as long as somebody writes, pages are added while others are moved.
	restartPages = 8_000
	// maxLogPages is how long the log may get before a commit makes a checkpoint: without Upkeep.
	maxLogPages = 16_000
)

// logState is what SQLite says of its log, in pages.
type logState struct {
	Busy  int `db:"busy"`
	Log   int `db:"log"`
	Moved int `db:"checkpointed"`
}

// shortenLog moves pages from the log into the database file if there are many. It does so on a connection of its
// own, while others write, and on that of the writer only what little is left.
func (d *DB) shortenLog(ctx context.Context) error {
	state, err := d.walCheckpoint(ctx, d.upkeepPool, `NOOP`)
	if err != nil || state.Log-state.Moved < movedPages {
		return err
	}
	state, err = d.walCheckpoint(ctx, d.upkeepPool, `PASSIVE`)
	if err != nil || state.Log < restartPages {
		return err
	}
	// What was added meanwhile, while the writer works, and then what was added while that was moved.
	for _, pool := range []*sqlx.DB{d.upkeepPool, d.writer} {
		if _, err := d.walCheckpoint(ctx, pool, `PASSIVE`); err != nil {
			return err
		}
	}
	return nil
}

// walCheckpoint makes a checkpoint that waits for nobody (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).
func (d *DB) walCheckpoint(ctx context.Context, pool *sqlx.DB, mode string) (logState, error) {
	x := d.executor
	x.pool = pool
	var state logState
	err := x.get(ctx, &state, `PRAGMA wal_checkpoint(`+mode+`)`)
	return state, wrap("shorten the log", err)
}

// checkpoint writes SQLite's write-ahead log into the database file and truncates the log, which may hold
// erased texts. While a reader blocks the truncation, it returns without it.
func (c *core) checkpoint(ctx context.Context) error {
	if c.engine != SQLite || c.readOnly {
		return nil
	}
	conn, err := c.writer.Conn(ctx)
	if err != nil {
		return wrap("empty the log", c.translate(ctx, err))
	}
	// All three run, whatever happens: the connection goes back to the pool with the patience it had.
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for _, statement := range []string{
		`PRAGMA busy_timeout = 0`, `PRAGMA wal_checkpoint(TRUNCATE)`, fmt.Sprintf(`PRAGMA busy_timeout = %d`, busyMillis),
	} {
		_, err := conn.ExecContext(ctx, statement)
		errs = append(errs, c.translate(ctx, err))
	}
	return wrap("empty the log", errors.Join(append(errs, conn.Close())...))
}
