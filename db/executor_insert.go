package db

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// tableRows are rows to insert, with the statement that does.
type tableRows struct {
	insert insertStmt
	rows   [][]any
}

// insertStmt inserts rows into one table: as a batchStmt, or all rows from one parameter with JSON.
type insertStmt struct {
	batchStmt
	columns  []string
	fromJSON string // with ? for the parameter; for PostgreSQL
	copyFrom string // COPY, for PostgreSQL; empty if rows may conflict
	fromIDs  string // instead of all these: with ? for the list of the first values of all rows
}

// insertInto inserts the columns of a table.
func insertInto(table, columns, onConflict string) insertStmt {
	row := "(" + strings.Repeat("?, ", strings.Count(columns, ",")) + "?)"
	st := insertStmt{batchStmt: newValuesStmt(`INSERT INTO `+table+` (`+columns+`) VALUES`, row, onConflict)}
	for column := range strings.SplitSeq(columns, ",") {
		st.columns = append(st.columns, strings.TrimSpace(column))
	}
	if onConflict == "" {
		st.copyFrom = `COPY ` + table + ` (` + columns + `) FROM STDIN`
	}
	st.fromJSON = `INSERT INTO ` + table + ` (` + columns + `) SELECT ` + columns + `
		FROM json_populate_recordset(CAST(NULL AS ` + table + `), CAST(? AS JSON)) ` + onConflict
	return st
}

// insertAll inserts rows into several tables. On PostgreSQL, it uses one statement, and so one round trip,
// whose text does not depend on the number of rows. On SQLite, where statements are cheap, it inserts table
// by table.
func (x executor) insertAll(ctx context.Context, tables ...tableRows) error {
	if !x.insertsJSON {
		return x.insertEach(ctx, tables)
	}
	var parts []string
	var args []any
	for _, t := range tables {
		if len(t.rows) == 0 {
			continue
		}
		rows, err := t.insert.encode(t.rows)
		if err != nil {
			return err
		}
		parts, args = append(parts, fmt.Sprintf("part_%d AS (%s)", len(args), t.insert.fromJSON)), append(args, rows)
	}
	if len(parts) == 0 {
		return nil
	}
	_, err := x.exec(ctx, `WITH `+strings.Join(parts, ", ")+` SELECT 1`, args...)
	return err
}

// insertEach inserts rows table by table.
func (x executor) insertEach(ctx context.Context, tables []tableRows) error {
	for _, t := range tables {
		if t.insert.fromIDs == "" {
			if _, err := x.execRows(ctx, t.insert.batchStmt, t.rows); err != nil {
				return err
			}
			continue
		}
		for rows := range slices.Chunk(t.rows, maxListed) {
			ids := make([]any, len(rows))
			for i, row := range rows {
				ids[i] = row[0]
			}
			if _, err := x.exec(ctx, t.insert.fromIDs, padded(ids)); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxListed is how many ids of rows a list has at most.
const maxListed = 2048

// insertReturning inserts rows with a statement that ends in RETURNING, and reads what it returns.
func insertReturning[T any](ctx context.Context, x executor, st insertStmt, rows [][]any) ([]T, error) {
	if !x.insertsJSON {
		return selectRows[T](ctx, x, st.batchStmt, rows)
	}
	encoded, err := st.encode(rows)
	if err != nil {
		return nil, err
	}
	var found []T
	err = x.selectAll(ctx, &found, st.fromJSON, encoded)
	return found, err
}

// encode writes rows as a JSON array of objects, as PostgreSQL reads the columns' types. Values of a row beyond
// the columns are ignored.
func (st insertStmt) encode(rows [][]any) (string, error) {
	b := []byte{'['}
	for i, row := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		for j, column := range st.columns {
			b = append(b, "{,"[min(j, 1)], '"')
			b = append(append(b, column...), '"', ':')
			var err error
			if b, err = appendJSON(b, row[j]); err != nil {
				return "", fmt.Errorf("write %s: %w", column, err)
			}
		}
		b = append(b, '}')
	}
	return string(append(b, ']')), nil
}

// appendJSON writes a parameter.
func appendJSON(b []byte, arg any) ([]byte, error) {
	var err error
	switch v := arg.(type) {
	case ID:
		arg = idText(v)
	case nullID:
		if arg = nil; v != "" {
			arg = idText(ID(v))
		}
	case driver.Valuer:
		arg, err = v.Value()
	}
	if err != nil {
		return nil, err
	}
	switch v := arg.(type) {
	case []byte:
		b = append(b, `"\\x`...)
		return append(hex.AppendEncode(b, v), '"'), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	}
	written, err := json.Marshal(arg)
	return append(b, written...), err
}

// idText is the id in the database as text.
func idText(id ID) string {
	stored := id.bytes()
	text := uuidText(stored[:])
	return string(text[:])
}
