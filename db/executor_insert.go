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

// insertAll inserts rows into several tables. On PostgreSQL, it uses one statement, and so one round trip,
// whose text does not depend on the number of rows. On SQLite, where statements are cheap, it inserts table
// by table.
func (x executor) insertAll(ctx context.Context, tables ...tableRows) error {
	if !x.rowsAsJSON {
		return x.insertEach(ctx, tables)
	}
	var parts []string
	var args []any
	for _, t := range tables {
		if len(t.rows) == 0 {
			continue
		}
		rows, err := encodeRows(t.insert.columns, t.rows)
		if err != nil {
			return err
		}
		args = append(args, rows)
		insert := strings.Replace(t.insert.fromJSON, "$1", "$"+strconv.Itoa(len(args)), 1)
		parts = append(parts, fmt.Sprintf("part_%d AS (%s)", len(args), insert))
	}
	if len(parts) == 0 {
		return nil
	}
	_, err := x.exec(ctx, `WITH `+strings.Join(parts, ", ")+` SELECT 1`, args...)
	return err
}

// deleteFrom deletes what tables have about comments, on PostgreSQL in one round trip.
func (x executor) deleteFrom(ctx context.Context, tables, commentIDs []string) error {
	ids := padded(toIDs(commentIDs))
	if !x.rowsAsJSON {
		for _, table := range tables {
			if _, err := x.exec(ctx, `DELETE FROM `+table+` WHERE comment_id IN (?)`, ids); err != nil {
				return err
			}
		}
		return nil
	}
	parts, args := make([]string, len(tables)), make([]any, len(tables))
	for i, table := range tables {
		parts[i], args[i] = fmt.Sprintf("part_%d AS (DELETE FROM %s WHERE comment_id IN (?))", i, table), ids
	}
	_, err := x.exec(ctx, `WITH `+strings.Join(parts, ", ")+` SELECT 1`, args...)
	return err
}

// insertEach inserts rows table by table.
func (x executor) insertEach(ctx context.Context, tables []tableRows) error {
	for _, t := range tables {
		if t.insert.fromIDs == "" {
			if _, err := x.execRows(ctx, t.insert.rowsStmt, t.rows); err != nil {
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

// encodeRows writes rows as a JSON array of objects, as PostgreSQL reads the columns' types. Values of a row beyond
// the columns are ignored.
func encodeRows(columns []string, rows [][]any) (string, error) {
	b := []byte{'['}
	for i, row := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		for j, column := range columns {
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
	case jsonText:
		return append(b, v...), nil
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
