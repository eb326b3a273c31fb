package db

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jmoiron/sqlx"
)

// maxCachedStmts bounds the statements of a cache: those with lists come in many lengths.
const maxCachedStmts = 256

// stmtCache keeps the prepared statements of a pool: an engine may take longer to plan a query than to run
// it. Each connection prepares a statement when it first needs it, and all end with the pool.
type stmtCache struct {
	pool  *sqlx.DB
	limit int                       // of statements; 0: none are prepared
	text  func(query string) string // the text to prepare for a query; nil: the query

	mu    sync.Mutex
	stmts map[string]*sqlx.Stmt
}

func newStmtCache(pool *sqlx.DB, limit int, d *dialect) *stmtCache {
	return &stmtCache{pool: pool, limit: limit, text: d.prepared, stmts: map[string]*sqlx.Stmt{}}
}

// lookup returns a statement that was prepared before, or nil.
func (c *stmtCache) lookup(query string) *sqlx.Stmt {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stmts[query]
}

func (c *stmtCache) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.stmts) >= c.limit
}

// prepare returns the prepared statement of a query; nil when the cache is full.
func (c *stmtCache) prepare(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if stmt := c.lookup(query); stmt != nil || c.full() {
		return stmt, nil
	}
	// Not under the lock: a server that does not respond must not block the other callers.
	text := query
	if c.text != nil {
		text = c.text(query)
	}
	stmt, err := c.pool.PreparexContext(ctx, text)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if first, ok := c.stmts[query]; ok {
		return first, stmt.Close()
	}
	c.stmts[query] = stmt
	return stmt, nil
}

// prepareAll prepares queries for later transactions. It ignores errors: what is not prepared runs as text.
func (c *stmtCache) prepareAll(ctx context.Context, queries []string) {
	for _, query := range queries {
		if _, err := c.prepare(ctx, query); err != nil {
			return
		}
	}
}

// preparedStmt is a prepared statement that can stand in for a pool or a transaction. It ignores the query.
type preparedStmt struct{ *sqlx.Stmt }

// QueryContext implements sqlx.QueryerContext.
func (s preparedStmt) QueryContext(ctx context.Context, _ string, args ...any) (*sql.Rows, error) {
	return s.Stmt.QueryContext(ctx, args...)
}

// QueryxContext implements sqlx.QueryerContext.
func (s preparedStmt) QueryxContext(ctx context.Context, _ string, args ...any) (*sqlx.Rows, error) {
	return s.Stmt.QueryxContext(ctx, args...)
}

// QueryRowxContext implements sqlx.QueryerContext.
func (s preparedStmt) QueryRowxContext(ctx context.Context, _ string, args ...any) *sqlx.Row {
	return s.Stmt.QueryRowxContext(ctx, args...)
}

// ExecContext implements sqlx.ExecerContext.
func (s preparedStmt) ExecContext(ctx context.Context, _ string, args ...any) (sql.Result, error) {
	return s.Stmt.ExecContext(ctx, args...)
}
