package db

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// rowsStmt is a statement about many rows of values. On PostgreSQL, all rows travel in one parameter with JSON: one
// text and one round trip do for any number of rows. On SQLite, where statements are cheap and JSON is not, it is a
// batchStmt.
type rowsStmt struct {
	batchStmt
	order    []int    // the value of a row that each parameter of batchStmt takes; nil: they are in order
	columns  []string // of a row
	fromJSON string   // with the parameter $1; for PostgreSQL
}

// newRowsStmt returns a statement without texts. columns are the names and PostgreSQL's types of a row's values.
func newRowsStmt(columns string) rowsStmt {
	var st rowsStmt
	for column := range strings.SplitSeq(columns, ",") {
		st.columns = append(st.columns, strings.Fields(column)[0])
	}
	return st
}

// columnName is how a query of newSelectStmt refers to a column.
var columnName = regexp.MustCompile(`:[a-z_0-9]+`)

// newSelectStmt returns a statement that runs a query once for each row. The query refers to the row's values as :name.
// It may limit what it reads for each row, which a join with a list of keys can't.
func newSelectStmt(columns, query string) rowsStmt {
	st := newRowsStmt(columns)
	union := columnName.ReplaceAllStringFunc(query, func(name string) string {
		st.order = append(st.order, slices.Index(st.columns, name[1:]))
		return "?"
	})
	st.batchStmt = repeatRow(repeatedRow{row: union, separator: " UNION ALL "}, someRows)
	st.fromJSON = `SELECT found.* FROM json_to_recordset(CAST($1 AS JSON)) AS v (` + columns + `)
		CROSS JOIN LATERAL (` + columnName.ReplaceAllStringFunc(query, func(name string) string {
		return "v." + name[1:]
	}) + `) AS found`
	return st
}

// newUpdateStmt returns a statement that begins with a common table expression v of all rows.
func newUpdateStmt(columns, update string) rowsStmt {
	st := newRowsStmt(columns)
	head := `WITH RECURSIVE v (` + strings.Join(st.columns, ", ") + `) AS (`
	row := `SELECT ?` + strings.Repeat(`, ?`, len(st.columns)-1)
	st.batchStmt = repeatRow(repeatedRow{head, row, " UNION ALL ", `)` + update}, someRows)
	st.fromJSON = head + `SELECT * FROM json_to_recordset(CAST($1 AS JSON)) AS v (` + columns + `))` + update
	return st
}

// insertStmt inserts rows into one table.
type insertStmt struct {
	rowsStmt
	copyFrom string // COPY, for PostgreSQL; empty if rows may conflict
	fromIDs  string // instead of all these: with ? for the list of the first values of all rows
}

// insertInto inserts the columns of a table.
func insertInto(table, columns, onConflict string) insertStmt {
	st := insertStmt{rowsStmt: newRowsStmt(columns)}
	insert := `INSERT INTO ` + table + ` (` + columns + `) `
	row := "(" + strings.Repeat("?, ", len(st.columns)-1) + "?)"
	st.batchStmt = repeatRow(repeatedRow{insert + `VALUES `, row, ", ", " " + onConflict}, maxInsertRows)
	st.fromJSON = insert + `SELECT ` + columns + `
		FROM json_populate_recordset(CAST(NULL AS ` + table + `), CAST($1 AS JSON)) ` + onConflict
	if onConflict == "" {
		st.copyFrom = `COPY ` + table + ` (` + columns + `) FROM STDIN`
	}
	return st
}

// eachCall calls run with the texts that together take all rows, and their parameters.
func (x executor) eachCall(st rowsStmt, rows [][]any, run func(query string, args []any) error) error {
	if len(rows) == 0 {
		return nil
	}
	if x.rowsAsJSON {
		encoded, err := encodeRows(st.columns, rows)
		if err != nil {
			return err
		}
		return run(st.fromJSON, []any{encoded})
	}
	for query, args := range st.chunks(st.ordered(rows)) {
		if err := run(query, args); err != nil {
			return err
		}
	}
	return nil
}

// ordered returns rows in the order of the parameters.
func (st rowsStmt) ordered(rows [][]any) [][]any {
	if st.order == nil {
		return rows
	}
	ordered := make([][]any, len(rows))
	for i, row := range rows {
		for _, column := range st.order {
			ordered[i] = append(ordered[i], row[column])
		}
	}
	return ordered
}

// execRows runs a statement for rows and returns how many it changed. A row may have more values than the
// statement has columns; the rest is ignored.
func (x executor) execRows(ctx context.Context, st rowsStmt, rows [][]any) (int64, error) {
	var changed int64
	err := x.eachCall(st, rows, func(query string, args []any) error {
		n, err := x.exec(ctx, query, args...)
		changed += n
		return err
	})
	return changed, err
}

// selectRows runs a statement for rows, like execRows, and reads what it returns.
func selectRows[T any](ctx context.Context, x executor, st rowsStmt, rows [][]any) ([]T, error) {
	var found []T
	err := x.eachCall(st, rows, func(query string, args []any) error {
		var some []T
		err := x.selectAll(ctx, &some, query, args...)
		found = append(found, some...)
		return err
	})
	return found, err
}
