package db

import (
	"fmt"
	"strings"
)

// columnsOf lists the columns of a table for a query in which the table has this alias.
func columnsOf(alias, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = alias + "." + strings.TrimSpace(name)
	}
	return strings.Join(names, ", ")
}

// prefixed is columnsOf for a struct that holds several rows: each column is named prefix.column.
func prefixed(alias, prefix, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		name = strings.TrimSpace(name)
		names[i] = fmt.Sprintf(`%s.%s AS "%s.%s"`, alias, name, prefix, name)
	}
	return strings.Join(names, ", ")
}

// insertNamed is an INSERT of all columns of a table for execNamed.
func insertNamed(table, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = ":" + strings.TrimSpace(name)
	}
	return `INSERT INTO ` + table + ` (` + columns + `) VALUES (` + strings.Join(names, ", ") + `)`
}
