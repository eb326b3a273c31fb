package db_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rejoinder/db"
)

// schemaFacts describes a schema as a sorted list of facts: columns with type and nullability, keys, checks,
// indexes. Its history and the order of columns are left out.
func schemaFacts(t *testing.T, d *db.DB) []string {
	t.Helper()
	if d.Engine() == db.Postgres {
		return postgresShape(t, d)
	}
	return sqliteShape(t, d)
}

func equal(a, b []string) bool { return slices.Equal(a, b) }

// queryLines runs a query whose only column is text.
func queryLines(t *testing.T, d *db.DB, query string, args ...any) []string {
	t.Helper()
	var found []string
	ok(t, db.Raw(d).SelectContext(t.Context(), &found, query, args...))
	return found
}

func postgresShape(t *testing.T, d *db.DB) []string {
	t.Helper()
	shape := queryLines(t, d, `
		SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '')
		FROM information_schema.columns WHERE table_schema = current_schema()`)
	shape = append(shape, queryLines(t, d, `
		SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid)
		FROM pg_constraint WHERE connamespace = current_schema()::regnamespace`)...)
	shape = append(shape, queryLines(t, d, `
		SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = current_schema()`)...)
	slices.Sort(shape)
	return shape
}

var checkStart = regexp.MustCompile(`CHECK\s*\(`)

func sqliteShape(t *testing.T, d *db.DB) []string {
	t.Helper()
	shape := queryLines(t, d, `
		SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk || ' ' || COALESCE(c.dflt_value, '')
		FROM sqlite_master t, pragma_table_xinfo(t.name) c WHERE t.type = 'table'`)
	shape = append(shape, queryLines(t, d, `
		SELECT t.name || ' ' || k."from" || ' refers to ' || k."table" || '.' || k."to" || ' ' || k.on_delete || ' ' || k.on_update
		FROM sqlite_master t, pragma_foreign_key_list(t.name) k WHERE t.type = 'table'`)...)
	shape = append(shape, queryLines(t, d, `
		SELECT t.name || ' ' || l.origin || ' unique ' || l."unique" || ' ' || CASE l.origin WHEN 'c' THEN l.name ELSE '' END || ' ('
			|| (SELECT group_concat(x.name || CASE x."desc" WHEN 1 THEN ' desc' ELSE '' END)
			    FROM (SELECT * FROM pragma_index_xinfo(l.name) WHERE key = 1 ORDER BY seqno) x)
			|| ')' || COALESCE((SELECT substr(m.sql, instr(m.sql, ' WHERE ')) FROM sqlite_master m
			                    WHERE m.name = l.name AND instr(m.sql, ' WHERE ') > 0), '')
		FROM sqlite_master t, pragma_index_list(t.name) l WHERE t.type = 'table'`)...)
	for _, table := range queryLines(t, d, `SELECT name || char(10) || sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL`) {
		name, ddl, _ := strings.Cut(table, "\n")
		for _, check := range checkConstraints(ddl) {
			shape = append(shape, fmt.Sprintf("%s CHECK (%s)", name, check))
		}
	}
	for i, line := range shape {
		shape[i] = strings.Join(strings.Fields(line), " ")
	}
	slices.Sort(shape)
	return shape
}

// checkConstraints finds the conditions of all CHECKs in a table's DDL, which SQLite stores as written.
func checkConstraints(ddl string) []string {
	ddl = regexp.MustCompile(`--.*`).ReplaceAllString(ddl, "")
	var found []string
	for _, at := range checkStart.FindAllStringIndex(ddl, -1) {
		depth, from := 1, at[1]
		for i := from; i < len(ddl) && depth > 0; i++ {
			switch ddl[i] {
			case '(':
				depth++
			case ')':
				depth--
				if depth == 0 {
					found = append(found, ddl[from:i])
				}
			}
		}
	}
	return found
}
