package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// writeUninterrupted is write for transactions with copyAll: they end even if ctx ends meanwhile. A transaction whose
// context ends is rolled back at once, but the driver can't do that in the middle of COPY: it would wait for ever.
func (c *core) writeUninterrupted(
	ctx context.Context, purpose string, f func(ctx context.Context, tx executor) error,
) error {
	if err := ctx.Err(); err != nil {
		return wrap(purpose, err)
	}
	ctx = context.WithoutCancel(ctx)
	return c.write(ctx, purpose, func(tx executor) error { return f(ctx, tx) })
}

// copyAll inserts thousands of rows into several tables, within writeUninterrupted. On PostgreSQL it uses COPY: a
// round trip for each table, but the server reads a row in half the time that it needs for JSON. On SQLite it is
// insertAll.
func (x executor) copyAll(ctx context.Context, tables ...tableRows) error {
	if !x.rowsAsJSON {
		return x.insertEach(ctx, tables)
	}
	var rest []tableRows
	for _, t := range tables {
		if t.insert.copyFrom == "" {
			rest = append(rest, t)
			continue
		}
		if err := x.copyRows(ctx, t); err != nil {
			return err
		}
	}
	return x.insertAll(ctx, rest...)
}

// copyRows inserts rows into one table with COPY. The statement timeout bounds each write to and read from the server.
func (x executor) copyRows(ctx context.Context, t tableRows) error {
	if len(t.rows) == 0 {
		return nil
	}
	if err := x.breaker.check(); err != nil {
		return err
	}
	return x.translate(ctx, sendCopy(ctx, x.tx.conn, t))
}

func sendCopy(ctx context.Context, tx *sqlx.Tx, t tableRows) (err error) {
	stmt, err := tx.PrepareContext(ctx, t.insert.copyFrom)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	values := make([]any, len(t.insert.columns))
	for _, row := range t.rows {
		for i := range values {
			if values[i], err = copyValue(row[i]); err != nil {
				return fmt.Errorf("write %s: %w", t.insert.columns[i], err)
			}
		}
		if _, err := stmt.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	_, err = stmt.ExecContext(ctx) // waits until the server has taken all rows
	return err
}

// copyValue returns a parameter as COPY reads it: ids as text.
func copyValue(arg any) (any, error) {
	switch v := arg.(type) {
	case ID:
		return idText(v), nil
	case nullID:
		if v == "" {
			return nil, nil
		}
		return idText(ID(v)), nil
	case driver.Valuer:
		return v.Value()
	}
	return arg, nil
}
