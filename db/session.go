package db

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"rejoinder/moderation"
)

// querier is what a pool and a transaction have in common.
type querier interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	NamedExecContext(ctx context.Context, query string, arg any) (sql.Result, error)
}

// session runs statements, in a transaction or each on its own, and translates what goes wrong.
type session struct {
	q querier
	*dialect
	news *news
	// changes are what a transaction has to tell once it has committed; nil outside of one.
	changes *[]moderation.Change
}

// get reads one row; ErrNotFound when there is none.
func (s session) get(ctx context.Context, dest any, query string, args ...any) error {
	return s.translate(ctx, s.q.GetContext(ctx, dest, query, args...))
}

// all reads all rows.
func (s session) all(ctx context.Context, dest any, query string, args ...any) error {
	return s.translate(ctx, s.q.SelectContext(ctx, dest, query, args...))
}

// allIn reads all rows of a query with ? for parameters, of which slices stand for lists.
func (s session) allIn(ctx context.Context, dest any, query string, args ...any) error {
	query, args, err := sqlx.In(query, args...)
	if err != nil {
		return err
	}
	return s.all(ctx, dest, sqlx.Rebind(sqlx.DOLLAR, query), args...)
}

// getIn reads the one row of a query with ? for parameters, of which slices stand for lists.
func (s session) getIn(ctx context.Context, dest any, query string, args ...any) error {
	query, args, err := sqlx.In(query, args...)
	if err != nil {
		return err
	}
	return s.get(ctx, dest, sqlx.Rebind(sqlx.DOLLAR, query), args...)
}

// execIn runs a statement with ? for parameters, of which slices stand for lists.
func (s session) execIn(ctx context.Context, query string, args ...any) (int64, error) {
	query, args, err := sqlx.In(query, args...)
	if err != nil {
		return 0, err
	}
	return s.exec(ctx, sqlx.Rebind(sqlx.DOLLAR, query), args...)
}

// exec runs a statement and returns how many rows it changed.
func (s session) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := s.q.ExecContext(ctx, query, args...)
	return s.changed(ctx, result, err)
}

// execRow runs a statement whose :names are the fields of row.
func (s session) execRow(ctx context.Context, query string, row any) (int64, error) {
	result, err := s.q.NamedExecContext(ctx, query, row)
	return s.changed(ctx, result, err)
}

func (s session) changed(ctx context.Context, result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, s.translate(ctx, err)
	}
	n, err := result.RowsAffected()
	return n, s.translate(ctx, err)
}

// write runs f in a transaction, again if it lost against another one, and commits when f returns no error.
// f must not have effects outside the transaction.
func (d *DB) write(ctx context.Context, purpose string, f func(s session) error) error {
	var err error
	for range d.attempts {
		if err = d.transact(ctx, f); err == nil || !repeatable(err) {
			break
		}
	}
	d.noteRefusal(err)
	return wrap(purpose, err)
}

func (d *DB) transact(ctx context.Context, f func(s session) error) error {
	if err := d.limit.refuse(); err != nil {
		return err
	}
	tx, err := d.writer.BeginTxx(ctx, nil)
	if err != nil {
		return d.dialect.translate(ctx, err)
	}
	defer tx.Rollback() // after a commit this does nothing
	var changes []moderation.Change
	var unknown []string
	within := timed{keepingTx{tx, d.writing, &unknown}, d.limit}
	if err := f(session{within, d.dialect, d.news, &changes}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return d.dialect.translate(ctx, err)
	}
	d.keep(ctx, unknown)
	d.news.publish(changes)
	return nil
}

// wrap names the purpose in an error; nil stays nil.
func wrap(purpose string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", purpose, err)
}

// prefixed lists the columns of a table for a struct that holds several rows: each is named prefix.column.
func prefixed(table, prefix, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		name = strings.TrimSpace(name)
		names[i] = fmt.Sprintf(`%s.%s AS "%s.%s"`, table, name, prefix, name)
	}
	return strings.Join(names, ", ")
}
