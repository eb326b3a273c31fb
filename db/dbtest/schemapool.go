package dbtest

import (
	"context"
	"database/sql"
	"sync"
	"testing"
)

// schemas keeps migrated PostgreSQL schemas between tests, since creating and dropping one takes half a
// second of processor time: some 40 tables with their indexes. A returned schema is emptied. It is dropped
// instead if the test failed, changed more than rows, or left many rows.
var schemas struct {
	sync.Mutex
	free []migratedSchema
}

// migratedSchema is a schema of the shared server that has the present tables, and no rows.
type migratedSchema struct {
	name     string
	contents string // fingerprint of everything but rows
}

// migratedPostgresURL returns the URL of a migrated, empty schema that is returned after the test.
func migratedPostgresURL(t testing.TB) string {
	t.Helper()
	dsn := sharedDSN(t)
	s, found := takeSchema()
	if !found {
		s = makeSchema(t, dsn)
	}
	t.Cleanup(func() {
		if t.Failed() || !s.empty(t, dsn) {
			execute(t, dsn, `DROP SCHEMA `+s.name+` CASCADE`)
			return
		}
		schemas.Lock()
		defer schemas.Unlock()
		schemas.free = append(schemas.free, s)
	})
	return withOption(t, dsn, "search_path", s.name)
}

func takeSchema() (migratedSchema, bool) {
	schemas.Lock()
	defer schemas.Unlock()
	n := len(schemas.free)
	if n == 0 {
		return migratedSchema{}, false
	}
	s := schemas.free[n-1]
	schemas.free = schemas.free[:n-1]
	return s, true
}

func makeSchema(t testing.TB, dsn string) migratedSchema {
	t.Helper()
	s := migratedSchema{name: freshName()}
	execute(t, dsn, `CREATE SCHEMA `+s.name)
	d := Migrated(t, withOption(t, dsn, "search_path", s.name))
	if err := d.Close(); err != nil {
		t.Fatalf("close database: %v", err)
	}
	s.inside(t, dsn, func(ctx context.Context, conn *sql.Conn) (err error) {
		s.contents, err = s.fingerprint(ctx, conn)
		return err
	})
	return s
}

// inside runs f on a connection with the schema.
func (s migratedSchema) inside(t testing.TB, dsn string, f func(context.Context, *sql.Conn) error) {
	t.Helper()
	administer(t, dsn, func(ctx context.Context, conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, `SET search_path = `+s.name); err != nil {
			return err
		}
		return f(ctx, conn)
	})
}

func (s migratedSchema) fingerprint(ctx context.Context, conn *sql.Conn) (found string, err error) {
	return found, conn.QueryRowContext(ctx, fingerprintQuery, s.name).Scan(&found)
}

// fingerprintQuery changes with the definition of anything in schema $1, with its statistics, and with its
// list of migrations: the system catalogues write a new row version for each change.
const fingerprintQuery = `
	WITH tables AS (SELECT oid, xmin FROM pg_class WHERE relnamespace = $1::regnamespace),
	rows AS (
		SELECT 'class' AS kind, oid::text AS id, xmin::text AS version FROM tables
		UNION ALL SELECT 'column', attrelid || ' ' || attnum, xmin::text
			FROM pg_attribute WHERE attrelid IN (SELECT oid FROM tables)
		UNION ALL SELECT 'default', oid::text, xmin::text FROM pg_attrdef WHERE adrelid IN (SELECT oid FROM tables)
		UNION ALL SELECT 'constraint', oid::text, xmin::text FROM pg_constraint WHERE connamespace = $1::regnamespace
		UNION ALL SELECT 'trigger', oid::text, xmin::text FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM tables)
		UNION ALL SELECT 'function', oid::text, xmin::text FROM pg_proc WHERE pronamespace = $1::regnamespace
		UNION ALL SELECT 'statistics', starelid || ' ' || staattnum, xmin::text
			FROM pg_statistic WHERE starelid IN (SELECT oid FROM tables)
		UNION ALL SELECT 'migrations', ctid::text, xmin::text FROM schema_migrations
	)
	SELECT md5(string_agg(kind || ' ' || id || ' ' || version, ',' ORDER BY kind, id)) FROM rows`

// removeRows empties the tables of a schema that have pages; a table of more than 100 pages stops it. Foreign
// keys are not followed: every table is emptied.
const removeRows = `
	DO $$
	DECLARE t record;
	BEGIN
		SET LOCAL session_replication_role = replica;
		FOR t IN SELECT oid::regclass AS name, pg_relation_size(oid) AS size FROM pg_class
			WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'schema_migrations' LOOP
			IF t.size > 100 * 8192 THEN
				RAISE 'table % is large', t.name;
			ELSIF t.size > 0 THEN
				EXECUTE 'DELETE FROM ' || t.name;
			END IF;
		END LOOP;
	END $$`

// empty removes the rows of the schema. It reports false if the schema can't be used again.
func (s migratedSchema) empty(t testing.TB, dsn string) (reusable bool) {
	t.Helper()
	s.inside(t, dsn, func(ctx context.Context, conn *sql.Conn) error {
		if now, err := s.fingerprint(ctx, conn); err != nil || now != s.contents {
			return err
		}
		_, err := conn.ExecContext(ctx, removeRows)
		reusable = err == nil
		return nil // a schema that can't be emptied is dropped
	})
	return reusable
}
