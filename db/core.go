package db

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"rejoinder/moderation"
)

// defaultAttempts is how often a transaction that loses against others is tried. A deadlock has a winner, so
// the loser's second try normally succeeds.
const defaultAttempts = 5

// core is what all stores of a database share: it reads through the executors and runs transactions.
type core struct {
	executor             // on the reader, without preparing statements
	prepared    executor // on the reader, for queries that run often and come in few texts
	reader      *sqlx.DB
	writer      *sqlx.DB // on PostgreSQL the same as reader
	writerStmts *stmtCache
	readOnly    bool   // SQLite: the file is on a read-only file system
	turns       *turns // SQLite: with other processes that write to the file
	now         func() time.Time
	attempts    int                   // at one transaction
	maxStmts    int                   // prepared statements of a pool
	unsorted    atomic.Int64          // comments created since Upkeep had their words sorted into the index
	refusal     atomic.Pointer[error] // why writes are refused; see Guard
}

func newCore(dialect *dialect, reader, writer *sqlx.DB, o Options) *core {
	c := &core{now: o.Now, attempts: defaultAttempts, maxStmts: maxCachedStmts}
	if o.NoPreparedStatements {
		c.maxStmts = 0
	}
	c.executor = executor{dialect: dialect, breaker: &breaker{}, broadcaster: newBroadcaster(), notifies: o.Notifies,
		webhookSites: &webhookSites{now: o.Now}}
	c.usePools(reader, writer)
	return c
}

func (c *core) usePools(reader, writer *sqlx.DB) {
	c.reader, c.writer, c.executor.pool = reader, writer, reader
	c.prepared = c.executor
	c.prepared.stmts = newStmtCache(reader, c.maxStmts, c.dialect)
	c.writerStmts = c.prepared.stmts
	if writer != reader {
		c.writerStmts = newStmtCache(writer, c.maxStmts, c.dialect)
	}
}

// transaction is the state of a running transaction.
type transaction struct {
	conn     *sqlx.Tx
	changes  []moderation.Change // published after the commit
	uncached []string            // queries that are prepared after the commit
	// doubtful: an earlier attempt may be committed. Only transactions of writeOnce are repeated then.
	doubtful bool
}

// write runs f in a transaction and commits when f returns no error. It repeats a transaction that lost against
// another one, and once a transaction whose connection broke before the commit, so f must not have effects outside the
// transaction. If the connection breaks during the commit, it returns ErrBusy, and the transaction may be committed.
func (c *core) write(ctx context.Context, purpose string, f func(tx executor) error) error {
	return wrap(purpose, c.repeat(ctx, f, false))
}

// writeOnce is write for an f that looks for the rows of an earlier attempt if tx.doubtful is set. It also repeats a
// transaction that may be committed.
func (c *core) writeOnce(ctx context.Context, purpose string, f func(tx executor) error) error {
	return wrap(purpose, c.repeat(ctx, f, true))
}

// reconnects is how often a transaction is repeated on another connection. When a whole cluster elects a primary,
// clients have to wait longer than their requests may take.
const reconnects = 1

func (c *core) repeat(ctx context.Context, f func(tx executor) error, recognizes bool) (err error) {
	defer func() { c.recordRefusal(err) }()
	doubtful, reconnected := false, 0
	for range c.attempts {
		err = c.transact(ctx, f, doubtful)
		var e *sqlError
		if !errors.As(err, &e) || !e.retry && !e.reconnect {
			return err
		}
		if !e.reconnect {
			continue
		}
		c.breaker.renewSessions()
		doubtful = doubtful || e.unknown
		if reconnected++; reconnected > reconnects || doubtful && !recognizes {
			return err
		}
	}
	return err
}

func (c *core) transact(ctx context.Context, f func(tx executor) error, doubtful bool) error {
	if err := c.breaker.check(); err != nil {
		return err
	}
	conn, err := c.writer.Connx(ctx)
	if err != nil {
		return c.translate(ctx, err)
	}
	defer conn.Close() // returns it to the pool; a second call does nothing
	// The end of ctx stops statements, but must not stop the commit: a primary that waits for its synchronous standby
	// would then report a commit that the standby lacks.
	sqlTx, err := c.begin(ctx, conn)
	if err != nil {
		return c.translate(ctx, err)
	}
	defer sqlTx.Rollback() // does nothing after the commit
	tx := &transaction{conn: sqlTx, doubtful: doubtful}
	x := c.executor
	x.pool, x.tx, x.stmts = c.writer, tx, c.writerStmts
	if err := f(x); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return c.commitError(ctx, err)
	}
	conn.Close() // prepareAll needs a connection, too
	c.writerStmts.prepareAll(ctx, tx.uncached)
	c.broadcaster.publish(tx.changes)
	return nil
}
