package db

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jmoiron/sqlx"
)

// prepared keeps the statements of a pool that run most: an engine may spend more time on planning them than
// on the rest. Each connection prepares a statement when it first needs it, and all end with the pool. Only
// texts of which there are few belong here.
type prepared struct {
	pool *sqlx.DB

	mu    sync.Mutex
	stmts map[string]*sqlx.Stmt
}

func newPrepared(pool *sqlx.DB) *prepared {
	return &prepared{pool: pool, stmts: map[string]*sqlx.Stmt{}}
}

// stmt returns the prepared statement of a query.
func (p *prepared) stmt(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if stmt, _ := p.find(query); stmt != nil {
		return stmt, nil
	}
	// Unlocked, so that nobody waits longer than their context for a server that does not answer.
	stmt, err := p.pool.PreparexContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first, ok := p.stmts[query]; ok {
		return first, stmt.Close()
	}
	p.stmts[query] = stmt
	return stmt, nil
}

// find returns a statement that was prepared before, nil without one, and whether there is room for more.
func (p *prepared) find(query string) (stmt *sqlx.Stmt, room bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stmts[query], len(p.stmts) < maxKept
}

// getKept is get for a query that is run often.
func (d *DB) getKept(ctx context.Context, dest any, query string, args ...any) error {
	return d.kept(
		ctx,
		query,
		func(ctx context.Context, stmt *sqlx.Stmt) error { return stmt.GetContext(ctx, dest, args...) },
	)
}

// allKept is all for a query that is run often.
func (d *DB) allKept(ctx context.Context, dest any, query string, args ...any) error {
	return d.kept(
		ctx,
		query,
		func(ctx context.Context, stmt *sqlx.Stmt) error { return stmt.SelectContext(ctx, dest, args...) },
	)
}

// kept has a query read that is kept prepared.
func (d *DB) kept(ctx context.Context, query string, read func(context.Context, *sqlx.Stmt) error) error {
	if err := d.limit.refuse(); err != nil {
		return err
	}
	bounded, cancel := d.limit.bound(ctx)
	defer cancel()
	stmt, err := d.reading.stmt(bounded, query)
	if err == nil {
		err = read(bounded, stmt)
	}
	return d.translate(ctx, err)
}

// allInKept is allIn for a query that is run often, with lists of few lengths.
func (d *DB) allInKept(ctx context.Context, dest any, query string, args ...any) error {
	query, args, err := sqlx.In(query, args...)
	if err != nil {
		return err
	}
	return d.allKept(ctx, dest, sqlx.Rebind(sqlx.DOLLAR, query), args...)
}

// maxKept bounds the statements that transactions have prepared: those with lists come in many lengths.
const maxKept = 256

// keepingTx runs the statements of a transaction prepared, as far as they are. What is not is noted, and
// prepared once the transaction is over: preparing takes a connection, and whoever waits for a second one
// while they hold the first may wait for ever.
type keepingTx struct {
	*sqlx.Tx
	prepared *prepared
	unknown  *[]string
}

func (k keepingTx) stmt(ctx context.Context, query string) *sqlx.Stmt {
	stmt, room := k.prepared.find(query)
	if stmt == nil {
		if room {
			*k.unknown = append(*k.unknown, query)
		}
		return nil
	}
	return k.Tx.StmtxContext(ctx, stmt)
}

// GetContext implements querier.
func (k keepingTx) GetContext(ctx context.Context, dest any, query string, args ...any) error {
	if stmt := k.stmt(ctx, query); stmt != nil {
		return stmt.GetContext(ctx, dest, args...)
	}
	return k.Tx.GetContext(ctx, dest, query, args...)
}

// SelectContext implements querier.
func (k keepingTx) SelectContext(ctx context.Context, dest any, query string, args ...any) error {
	if stmt := k.stmt(ctx, query); stmt != nil {
		return stmt.SelectContext(ctx, dest, args...)
	}
	return k.Tx.SelectContext(ctx, dest, query, args...)
}

// ExecContext implements querier.
func (k keepingTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if stmt := k.stmt(ctx, query); stmt != nil {
		return stmt.ExecContext(ctx, args...)
	}
	return k.Tx.ExecContext(ctx, query, args...)
}

// NamedExecContext implements querier.
func (k keepingTx) NamedExecContext(ctx context.Context, query string, arg any) (sql.Result, error) {
	bound, args, err := k.Tx.BindNamed(query, arg)
	if err != nil {
		return nil, err
	}
	return k.ExecContext(ctx, bound, args...)
}

// keep prepares statements for the transactions to come. That it does not work is no fault: they run
// unprepared then.
func (d *DB) keep(ctx context.Context, queries []string) {
	for _, query := range queries {
		if _, err := d.writing.stmt(ctx, query); err != nil {
			return
		}
	}
}
