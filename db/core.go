package db

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"rejoinder/moderation"
)

// defaultAttempts is how often a transaction is tried that loses against others. A deadlock has a winner, so
// the loser's second try normally succeeds.
const defaultAttempts = 5

// core is what all stores of a database share: it reads through the executors and runs transactions.
type core struct {
	executor             // on the reader, without preparing statements
	prepared    executor // on the reader, for queries that run often and come in few texts
	reader      *sqlx.DB
	writer      *sqlx.DB // on PostgreSQL the same as reader
	writerStmts *stmtCache
	readOnly    bool // SQLite: the file is on a read-only file system
	now         func() time.Time
	attempts    int                   // at one transaction
	unsorted    atomic.Int64          // comments created since Upkeep had their words sorted into the index
	refusal     atomic.Pointer[error] // why writes are refused; see Guard
}

func newCore(dialect *dialect, reader, writer *sqlx.DB, o Options) *core {
	c := &core{now: o.Now, attempts: defaultAttempts}
	c.executor = executor{dialect: dialect, breaker: &breaker{}, broadcaster: newBroadcaster(), notifies: o.Notifies,
		webhookSites: &webhookSites{now: o.Now}}
	c.usePools(reader, writer)
	return c
}

func (c *core) usePools(reader, writer *sqlx.DB) {
	c.reader, c.writer, c.executor.pool = reader, writer, reader
	c.prepared = c.executor
	c.prepared.stmts = newStmtCache(reader, c.dialect)
	c.writerStmts = c.prepared.stmts
	if writer != reader {
		c.writerStmts = newStmtCache(writer, c.dialect)
	}
}

// transaction is the state of a running transaction.
type transaction struct {
	conn     *sqlx.Tx
	changes  []moderation.Change // published after the commit
	uncached []string            // queries that are prepared after the commit
}

// write runs f in a transaction and commits when f returns no error. It repeats a transaction that lost
// against another one, so f must not have effects outside the transaction.
func (c *core) write(ctx context.Context, purpose string, f func(tx executor) error) error {
	var err error
	for range c.attempts {
		if err = c.transact(ctx, f); err == nil || !retryable(err) {
			break
		}
	}
	c.recordRefusal(err)
	return wrap(purpose, err)
}

func (c *core) transact(ctx context.Context, f func(tx executor) error) error {
	if err := c.breaker.check(); err != nil {
		return err
	}
	conn, err := c.writer.BeginTxx(ctx, nil)
	if err != nil {
		return c.translate(ctx, err)
	}
	defer conn.Rollback() // does nothing after the commit
	tx := &transaction{conn: conn}
	x := c.executor
	x.pool, x.tx, x.stmts = c.writer, tx, c.writerStmts
	if err := f(x); err != nil {
		return err
	}
	if err := conn.Commit(); err != nil {
		return c.translate(ctx, err)
	}
	c.writerStmts.prepareAll(ctx, tx.uncached)
	c.broadcaster.publish(tx.changes)
	return nil
}
