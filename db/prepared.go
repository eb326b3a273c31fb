package db

import (
	"context"
	"sync"

	"github.com/jmoiron/sqlx"
)

// prepared keeps the statements of the busiest reads, with which PostgreSQL otherwise spends more time on planning than on
// reading. Each connection prepares a statement when it first needs it, and all end with the pool. Only constant texts
// belong here.
type prepared struct {
	mu    sync.Mutex
	stmts map[string]*sqlx.Stmt
}

// kept returns the prepared statement of a query. SQLite compiles faster than it looks one up.
func (d *DB) kept(ctx context.Context, query string) (*sqlx.Stmt, error) {
	d.prepared.mu.Lock()
	defer d.prepared.mu.Unlock()
	if stmt, ok := d.prepared.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := d.reader.PreparexContext(ctx, query)
	if err != nil {
		return nil, err
	}
	d.prepared.stmts[query] = stmt
	return stmt, nil
}

// getKept is get for a query that is run often.
func (d *DB) getKept(ctx context.Context, dest any, query string, args ...any) error {
	if !d.keepsPlans {
		return d.get(ctx, dest, query, args...)
	}
	stmt, err := d.kept(ctx, query)
	if err == nil {
		err = stmt.GetContext(ctx, dest, args...)
	}
	return d.translate(ctx, err)
}

// allKept is all for a query that is run often.
func (d *DB) allKept(ctx context.Context, dest any, query string, args ...any) error {
	if !d.keepsPlans {
		return d.all(ctx, dest, query, args...)
	}
	stmt, err := d.kept(ctx, query)
	if err == nil {
		err = stmt.SelectContext(ctx, dest, args...)
	}
	return d.translate(ctx, err)
}
