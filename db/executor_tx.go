package db

import (
	"context"

	"github.com/jmoiron/sqlx"

	"rejoinder/moderation"
)

// transaction is the state of a running transaction.
type transaction struct {
	conn     *sqlx.Tx
	changes  []moderation.Change // published after the commit
	uncached []string            // queries that are prepared after the commit
}

// write runs f in a transaction and commits when f returns no error. It repeats a transaction that lost
// against another one, so f must not have effects outside the transaction.
func (d *DB) write(ctx context.Context, purpose string, f func(tx executor) error) error {
	var err error
	for range d.attempts {
		if err = d.transact(ctx, f); err == nil || !retryable(err) {
			break
		}
	}
	d.recordRefusal(err)
	return wrap(purpose, err)
}

func (d *DB) transact(ctx context.Context, f func(tx executor) error) error {
	if err := d.breaker.check(); err != nil {
		return err
	}
	conn, err := d.writer.BeginTxx(ctx, nil)
	if err != nil {
		return d.translate(ctx, err)
	}
	defer conn.Rollback() // does nothing after the commit
	tx := &transaction{conn: conn}
	x := d.executor
	x.pool, x.tx, x.stmts = d.writer, tx, d.writerStmts
	if err := f(x); err != nil {
		return err
	}
	if err := conn.Commit(); err != nil {
		return d.translate(ctx, err)
	}
	d.writerStmts.prepareAll(ctx, tx.uncached)
	d.broadcaster.publish(tx.changes)
	return nil
}
