package db

import (
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A statement has one text for each number of rows up to maxExactRows, and one for each larger size. The
// largest size is for imports: SQLite saves each page that a statement changes, in case the statement fails.
// Larger statements would save almost nothing more, and each connection keeps every text prepared.
const (
	maxExactRows  = 8
	someRows      = 16
	maxInsertRows = 64
)

// batchStmt is a statement with a repeated part for each of many rows. It takes any number of rows with few texts,
// which are prepared.
type batchStmt struct {
	repeatedRow
	maxRows int       // of the largest text
	params  int       // of one row
	texts   *sync.Map // texts that were needed, by their number of rows
}

// repeatedRow is the text of a statement with one row.
type repeatedRow struct{ head, row, separator, tail string }

func repeatRow(r repeatedRow, maxRows int) batchStmt {
	return batchStmt{r, maxRows, strings.Count(r.row, "?"), &sync.Map{}}
}

// text returns the statement for a number of rows.
func (st batchStmt) text(rows int) string {
	if text, ok := st.texts.Load(rows); ok {
		return text.(string)
	}
	text := numberPlaceholders(st.head + strings.Repeat(st.row+st.separator, rows-1) + st.row + st.tail)
	st.texts.Store(rows, text)
	return text
}

// rowsOfText returns the largest number of rows that has a text, up to a number of rows.
func (st batchStmt) rowsOfText(rows int) int {
	switch {
	case rows >= st.maxRows:
		return st.maxRows
	case rows >= someRows:
		return someRows
	}
	return min(rows, maxExactRows)
}

// numberPlaceholders writes $1, $2 … for each ?.
func numberPlaceholders(query string) string {
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

// placeholder is a parameter in a query.
var placeholder = regexp.MustCompile(`\$[0-9]+`)

// unnumbered replaces $1, $2 … by ? if they occur once each and in order. SQLite treats $1 as a name, and its
// driver searches a list of all parameters for each name, which takes a third of the time to insert 16 rows.
func unnumbered(query string) string {
	n, ordered := 0, true
	text := placeholder.ReplaceAllStringFunc(query, func(name string) string {
		n++
		ordered = ordered && name == "$"+strconv.Itoa(n)
		return "?"
	})
	if !ordered {
		return query
	}
	return text
}

// chunks yields the texts that together take all rows, with their parameters.
func (st batchStmt) chunks(rows [][]any) iter.Seq2[string, []any] {
	return func(yield func(string, []any) bool) {
		for len(rows) > 0 {
			n := st.rowsOfText(len(rows))
			args := make([]any, 0, n*st.params)
			for _, row := range rows[:n] {
				args = append(args, row[:st.params]...)
			}
			if !yield(st.text(n), args) {
				return
			}
			rows = rows[n:]
		}
	}
}

// padded repeats the last element of a list until its length is a power of two, so that queries with lists
// come in few lengths, which are prepared.
func padded[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	n := 1
	for n < len(list) {
		n *= 2
	}
	return slices.Concat(list, slices.Repeat(list[len(list)-1:], n-len(list)))
}
