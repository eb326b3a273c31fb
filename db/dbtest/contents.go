package dbtest

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rejoinder/db"
)

// Contents returns a hash of every table's rows, by the name of the table, so that a test can show that
// nothing was written. It reads the database at address without package db.
func Contents(t testing.TB, address string) map[string]string {
	t.Helper()
	hashes := map[string]string{}
	for table, rows := range Rows(t, address) {
		sum := sha256.Sum256([]byte(strings.Join(rows, "\n")))
		hashes[table] = fmt.Sprintf("%d rows, %s", len(rows), hex.EncodeToString(sum[:8]))
	}
	return hashes
}

// Rows returns every table's rows in a fixed order, each as one text, by the name of the table. It reads the
// database at address without package db.
func Rows(t testing.TB, address string) map[string][]string {
	t.Helper()
	engine, source, list := db.Postgres, address, `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	if path, isFile := strings.CutPrefix(address, "sqlite:"); isFile {
		engine, source, list = db.SQLite, path, `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	pool, err := sql.Open(string(engine), source)
	if err != nil {
		t.Fatal("open the database to read its tables: malformed address")
	}
	defer pool.Close()
	all := map[string][]string{}
	for _, table := range readRows(t, pool, list) {
		all[table] = readRows(t, pool, `SELECT * FROM `+table)
		slices.Sort(all[table])
	}
	return all
}

// readRows reads every row as one text.
func readRows(t testing.TB, pool *sql.DB, query string) []string {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for rows.Next() {
		values, targets := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = string(v)
		}
		all = append(all, strings.Join(texts, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
