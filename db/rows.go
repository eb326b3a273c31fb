package db

import (
	"context"
	"iter"
	"strconv"
	"strings"
)

// rowsEach is up to which number of rows each has a statement of its own, rowsMost how many rows one has at
// most: more would save next to nothing, and each connection keeps what it prepared.
const (
	rowsEach = 8
	rowsMost = 16
)

// rowsStatement is a statement with a list of rows in it, VALUES (…), (…). It has a text for each number of
// rows up to rowsEach, and for rowsMost, so that any number of rows is written with few statements, all of
// them prepared.
type rowsStatement struct {
	texts map[int]string
	width int // parameters of one row
}

// overRows makes a statement of what stands before the rows, one row with ? for its parameters, and what
// stands behind.
func overRows(head, row, tail string) rowsStatement {
	st := rowsStatement{texts: map[int]string{}, width: strings.Count(row, "?")}
	for n := 1; n <= rowsMost; n++ {
		if n <= rowsEach || n == rowsMost {
			st.texts[n] = numbered(head + " " + strings.Repeat(row+", ", n-1) + row + " " + tail)
		}
	}
	return st
}

// numbered writes $1, $2 … for each ?.
func numbered(query string) string {
	parts := strings.Split(query, "?")
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}

// each yields the texts that together take all rows, with their parameters.
func (st rowsStatement) each(rows [][]any) iter.Seq2[string, []any] {
	return func(yield func(string, []any) bool) {
		for len(rows) > 0 {
			n := min(len(rows), rowsMost)
			for st.texts[n] == "" {
				n--
			}
			args := make([]any, 0, n*st.width)
			for _, row := range rows[:n] {
				args = append(args, row[:st.width]...)
			}
			if !yield(st.texts[n], args) {
				return
			}
			rows = rows[n:]
		}
	}
}

// execRows runs a statement for rows, of which each has as many parameters as the statement, or more, which
// are left out. It returns how many rows it changed.
func (s session) execRows(ctx context.Context, st rowsStatement, rows [][]any) (int64, error) {
	var changed int64
	for query, args := range st.each(rows) {
		n, err := s.exec(ctx, query, args...)
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// allRows runs a statement for rows, like execRows, and reads what it returns.
func allRows[T any](ctx context.Context, s session, st rowsStatement, rows [][]any) ([]T, error) {
	var found []T
	for query, args := range st.each(rows) {
		var some []T
		if err := s.all(ctx, &some, query, args...); err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// askRows reads what a question about rows returns, outside of a transaction. It may ask about a row more
// than once.
func askRows[T any](ctx context.Context, d *DB, st rowsStatement, rows [][]any) ([]T, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var found []T
	for query, args := range st.each(padded(rows)) {
		var some []T
		if err := d.allKept(ctx, &some, query, args...); err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// padded repeats the last of a list until there are as many as a power of two, so that a list in a query has
// few lengths.
func padded[T any](list []T) []T {
	n := 1
	for n < len(list) {
		n *= 2
	}
	full := make([]T, n)
	for i := range full {
		full[i] = list[min(i, len(list)-1)]
	}
	return full
}
