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
	stmt, ok := d.prepared.stmts[query]
	d.prepared.mu.Unlock()
	if ok {
		return stmt, nil
	}
	// Unlocked, so that nobody waits longer than their context for a server that does not answer.
	stmt, err := d.reader.PreparexContext(ctx, query)
	if err != nil {
		return nil, err
	}
	d.prepared.mu.Lock()
	defer d.prepared.mu.Unlock()
	if first, ok := d.prepared.stmts[query]; ok {
		return first, stmt.Close()
	}
	d.prepared.stmts[query] = stmt
	return stmt, nil
}

// getKept is get for a query that is run often.
func (d *DB) getKept(ctx context.Context, dest any, query string, args ...any) error {
	if !d.keepsPlans {
		return d.get(ctx, dest, query, args...)
	}
	if err := d.limit.refuse(); err != nil {
		return err
	}
	bounded, cancel := d.limit.bound(ctx)
	defer cancel()
	stmt, err := d.kept(bounded, query)
	if err == nil {
		err = stmt.GetContext(bounded, dest, args...)
	}
	return d.translate(ctx, err)
}

// allKept is all for a query that is run often.
func (d *DB) allKept(ctx context.Context, dest any, query string, args ...any) error {
	if !d.keepsPlans {
		return d.all(ctx, dest, query, args...)
	}
	if err := d.limit.refuse(); err != nil {
		return err
	}
	bounded, cancel := d.limit.bound(ctx)
	defer cancel()
	stmt, err := d.kept(bounded, query)
	if err == nil {
		err = stmt.SelectContext(bounded, dest, args...)
	}
	return d.translate(ctx, err)
}
