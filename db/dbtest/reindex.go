package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"rejoinder/db"
)

// WithoutIndexes drops the indexes of the tables that Multiply fills, calls fill, and creates them again,
// since building an index at once is faster than row by row. Indexes of keys stay.
func WithoutIndexes(ctx context.Context, address string, fill func() error) (err error) {
	pool, err := OpenPool(address)
	if err != nil {
		return err
	}
	defer pool.Close()
	engine, _ := driverOf(address)
	indexes, err := plainIndexes(ctx, pool, engine)
	if err != nil {
		return err
	}
	for _, index := range indexes {
		if _, err := pool.ExecContext(ctx, `DROP INDEX `+index.name); err != nil {
			return fmt.Errorf("drop index %s: %w", index.name, err)
		}
	}
	if err := fill(); err != nil {
		return err
	}
	for _, index := range indexes {
		if _, err := pool.ExecContext(ctx, index.definition); err != nil {
			return fmt.Errorf("create index %s: %w", index.name, err)
		}
	}
	return nil
}

type plainIndex struct{ name, definition string }

func plainIndexes(ctx context.Context, pool *sql.DB, engine db.Engine) ([]plainIndex, error) {
	tables := []string{"'" + copiedWords[engine].table + "'"}
	for _, part := range copied {
		tables = append(tables, "'"+part.table+"'")
	}
	query := `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN `
	if engine == db.Postgres {
		query = `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
			AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = (schemaname || '.' || indexname)::regclass)
			AND tablename IN `
	}
	rows, err := pool.QueryContext(ctx, query+"("+strings.Join(tables, ", ")+")")
	if err != nil {
		return nil, fmt.Errorf("list indexes: %w", err)
	}
	defer rows.Close()
	var indexes []plainIndex
	for rows.Next() {
		var index plainIndex
		if err := rows.Scan(&index.name, &index.definition); err != nil {
			return nil, fmt.Errorf("list indexes: %w", err)
		}
		indexes = append(indexes, index)
	}
	if len(indexes) == 0 && rows.Err() == nil {
		return nil, errors.New("list indexes: there are none")
	}
	return indexes, rows.Err()
}
