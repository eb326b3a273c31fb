package db

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/jmoiron/sqlx"
)

// executor runs SQL on a pool or in a transaction, within the statement timeout, and translates the engines'
// errors. Parameters are $1, $2 …, or ? throughout a query, where a slice stands for a list.
type executor struct {
	*dialect
	pool        *sqlx.DB
	tx          *transaction // nil: each statement is a transaction of its own
	stmts       *stmtCache   // nil: statements are not prepared
	breaker     *breaker
	broadcaster *broadcaster
	notifies    bool // changes leave events and messages in the outbox

	webhookSites *webhookSites // whose changes always leave events
}

// get reads one row; ErrNotFound without any.
func (x executor) get(ctx context.Context, dest any, query string, args ...any) error {
	return x.read(ctx, query, args, func(ctx context.Context, c call) error {
		return sqlx.GetContext(ctx, c.on, dest, c.query, c.args...)
	})
}

// selectAll reads all rows.
func (x executor) selectAll(ctx context.Context, dest any, query string, args ...any) error {
	rows := reflect.ValueOf(dest).Elem()
	before := reflect.New(rows.Type()).Elem()
	before.Set(rows)
	return x.read(ctx, query, args, func(ctx context.Context, c call) error {
		rows.Set(before) // a first attempt may have appended some
		return sqlx.SelectContext(ctx, c.on, dest, c.query, c.args...)
	})
}

// read is run for queries that change nothing. Outside of a transaction, it repeats a query once whose connection
// breaks.
func (x executor) read(ctx context.Context, query string, args []any, f func(context.Context, call) error) error {
	err := x.run(ctx, query, args, f)
	if e := (*sqlError)(nil); x.tx == nil && errors.As(err, &e) && e.reconnect {
		x.breaker.renewSessions()
		err = x.run(ctx, query, args, f)
	}
	return err
}

// selectIDs reads all rows of a single column with ids.
func (x executor) selectIDs(ctx context.Context, query string, args ...any) ([]string, error) {
	var ids []ID
	err := x.selectAll(ctx, &ids, query, args...)
	return fromIDs(ids), err
}

// exec runs a statement and returns how many rows it changed.
func (x executor) exec(ctx context.Context, query string, args ...any) (int64, error) {
	var changed int64
	err := x.run(ctx, query, args, func(ctx context.Context, c call) error {
		result, err := c.on.ExecContext(ctx, c.query, c.args...)
		if err != nil {
			return err
		}
		changed, err = result.RowsAffected()
		return err
	})
	return changed, err
}

// execNamed is exec for a statement whose :names are the fields of row.
func (x executor) execNamed(ctx context.Context, query string, row any) (int64, error) {
	query, args, err := sqlx.BindNamed(sqlx.DOLLAR, query, row)
	if err != nil {
		return 0, err
	}
	return x.exec(ctx, query, args...)
}

// runner is what pools, transactions and prepared statements have in common.
type runner interface {
	sqlx.QueryerContext
	sqlx.ExecerContext
}

// call is a statement with its parameters and what runs it: a pool, a transaction or a prepared statement.
type call struct {
	on    runner
	query string
	args  []any
}

// run calls f with a statement that is ready to run.
func (x executor) run(ctx context.Context, query string, args []any, f func(context.Context, call) error) error {
	if err := x.breaker.check(); err != nil {
		return err
	}
	query, args, err := expand(query, x.bind(args)) // expand would replace a Time by its text
	if err != nil {
		return err
	}
	limited, cancel := x.breaker.withTimeout(ctx)
	defer cancel()
	on, err := x.target(limited, query)
	if err == nil {
		err = f(limited, call{on, query, args})
	}
	return x.translate(ctx, err)
}

// bind returns parameters as the engine stores them.
func (d *dialect) bind(args []any) []any {
	if d.param == nil {
		return args
	}
	bound := make([]any, len(args))
	for i, arg := range args {
		bound[i] = d.param(arg)
	}
	return bound
}

// expand replaces each ? by $1, $2 …, with as many parameters as its slice has elements.
func expand(query string, args []any) (string, []any, error) {
	if len(args) == 0 || !strings.Contains(query, "?") {
		return query, args, nil
	}
	query, args, err := sqlx.In(query, args...)
	return sqlx.Rebind(sqlx.DOLLAR, query), args, err
}

// target returns what runs a query. A transaction uses statements that are prepared, but prepares none: that
// takes a second connection, and transactions that wait for one while they hold the first would deadlock.
func (x executor) target(ctx context.Context, query string) (runner, error) {
	switch {
	case x.tx != nil:
		stmt := x.stmts.lookup(query)
		if stmt == nil {
			x.tx.uncached = append(x.tx.uncached, query)
			return x.tx.conn, nil
		}
		return preparedStmt{x.tx.conn.StmtxContext(ctx, stmt)}, nil
	case x.stmts != nil:
		stmt, err := x.stmts.prepare(ctx, query)
		if stmt == nil || err != nil {
			return x.pool, err
		}
		return preparedStmt{stmt}, nil
	}
	return x.pool, nil
}

// wrap names the purpose in an error; nil stays nil.
func wrap(purpose string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", purpose, err)
}
