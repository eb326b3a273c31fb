package db_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"testing/fstest"

	"rejoinder/db"
	"rejoinder/db/dbtest"
)

func TestAFreshDatabaseIsStampedAndThenNeedsNothing(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address)
		if !must[bool](t)(d.NeedsMigration(t.Context())) {
			t.Fatal("an empty database needs no migration?")
		}
		for range 2 {
			ok(t, d.Migrate(t.Context()))
			if must[bool](t)(d.NeedsMigration(t.Context())) {
				t.Fatal("it needs a migration after Migrate")
			}
		}
		files := must[[]string](t)(filepath.Glob("migrations/*.sql"))
		if n := queryInt(t, d, `SELECT COUNT(*) FROM schema_migrations`); n != len(files) || n == 0 {
			t.Errorf("stamped with %d of %d migrations", n, len(files))
		}
	})
}

func TestProcessesThatMigrateAtOnceDoNotCollide(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		var group sync.WaitGroup
		for range 8 {
			d := dbtest.Open(t, address)
			group.Go(func() {
				if err := d.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		dbtest.Build(t, dbtest.Open(t, address)).Site("daily")
	})
}

var steps = fstest.MapFS{
	"migrations/0001_one.sql": {Data: []byte(`
		CREATE TABLE schema_migrations (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,
			applied_at TIMESTAMPTZ NOT NULL);
		CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY);`)},
	"migrations/0002_two.sql": {Data: []byte(`ALTER TABLE things ADD COLUMN name TEXT; INSERT INTO things (id) VALUES (1);`)},
}

func without(files fstest.MapFS, name string) fstest.MapFS {
	rest := fstest.MapFS{}
	for path, file := range files {
		if path != name {
			rest[path] = file
		}
	}
	return rest
}

func TestAnOlderDatabaseGetsTheMigrationsItLacks(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address)
		ok(t, db.MigrateWith(t.Context(), d, "", without(steps, "migrations/0002_two.sql")))
		ok(t, db.MigrateWith(t.Context(), d, "", steps))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM things WHERE name IS NULL`), 1)
	})
}

func TestAMigrationThatFailsLeavesNothingBehind(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address)
		broken := without(steps, "")
		broken["migrations/0002_two.sql"] = &fstest.MapFile{Data: []byte(`INSERT INTO things (id) VALUES (7); SELECT * FROM nowhere;`)}
		if err := db.MigrateWith(t.Context(), d, "", broken); err == nil {
			t.Fatal("a migration with a fault was accepted")
		}
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM things`), 0)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM schema_migrations`), 1)
		ok(t, db.MigrateWith(t.Context(), d, "", steps))
	})
}

func TestADatabaseThatThisProgramDoesNotKnowIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		tamper string
		want   error
	}{
		"made by a newer version": {`INSERT INTO schema_migrations (version, name, checksum, applied_at)
			SELECT 9999, 'later', 'x', applied_at FROM schema_migrations WHERE version = 1`, db.ErrNewerDatabase},
		"by a migration with another text": {`UPDATE schema_migrations SET checksum = 'x'`, db.ErrChangedMigration},
		"by one with another name":         {`UPDATE schema_migrations SET name = 'x'`, db.ErrChangedMigration},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				tamper(t, d, tc.tamper)
				_, err := d.NeedsMigration(t.Context())
				wantErr(t, err, tc.want)
				wantErr(t, d.Migrate(t.Context()), tc.want)
			})
		})
	}
}

func TestFilesOutOfOrderAreRefused(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLiteURL(t))
	for name, files := range map[string]fstest.MapFS{
		"a gap":      without(steps, "migrations/0001_one.sql"),
		"a bad name": {"migrations/one.sql": {}},
	} {
		if err := db.MigrateWith(t.Context(), d, "", files); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestSchemaAndMigrationsGiveTheSameShape(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		fresh := dbtest.Migrated(t, address)
		want := schemaFacts(t, fresh)
		if len(want) < 100 {
			t.Fatalf("the shape has only %d lines: %v", len(want), want)
		}
		other := dbtest.PostgresURL
		if fresh.Engine() == db.SQLite {
			other = dbtest.SQLiteURL
		}
		stepwise := dbtest.Open(t, other(t))
		ok(t, db.MigrateStepByStep(t.Context(), stepwise))
		wantEqual(t, schemaFacts(t, stepwise), want)
	})
}

// TestEveryDifferenceShowsInTheShape keeps the test above honest.
func TestEveryDifferenceShowsInTheShape(t *testing.T) {
	schema := string(must[[]byte](t)(os.ReadFile("../schema.sql")))
	for name, change := range map[string]struct{ from, to string }{
		"a column less":               {`\n    public_reason .*`, ""},
		"another type":                {`version  ( +)BIGINT`, "version  ${1}INTEGER"},
		"a column that may be NULL":   {`(author_name +TEXT) +NOT NULL`, "$1"},
		"another check":               {`'admin', 'moderator'`, "'admin', 'moderator', 'owner'"},
		"a check less":                {`CHECK \(approved_count >= 0\)`, ""},
		"an index less":               {`CREATE INDEX comments_risk.*;`, ""},
		"an index with another order": {`\(site_id, status, risk, id\)`, "(site_id, status, id, risk)"},
		"another partial index":       {`parent_id IS NOT NULL AND \(status = 'approved' OR visible_replies > 0\)`, "parent_id IS NOT NULL"},
		"a foreign key less":          {`(moderator_id +TEXT) NOT NULL REFERENCES moderators \(id\)`, "$1 NOT NULL"},
		"a unique constraint less":    {`UNIQUE \(comment_id, version\)`, "CHECK (version > 0)"},
		"a primary key less":          {`PRIMARY KEY \(key_hash, site_id\)`, "CHECK (length(key_hash) > 0)"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := regexp.MustCompile(change.from).ReplaceAllString(schema, change.to)
			if changed == schema {
				t.Fatal("the change changes nothing")
			}
			dbtest.EachURL(t, func(t *testing.T, address string) {
				d := dbtest.Open(t, address)
				ok(t, db.MigrateWith(context.Background(), d, changed, os.DirFS(".")))
				other := dbtest.Migrated(t, map[db.Engine]func(testing.TB) string{
					db.SQLite: dbtest.SQLiteURL, db.Postgres: dbtest.PostgresURL}[d.Engine()](t))
				if got, want := schemaFacts(t, d), schemaFacts(t, other); equal(got, want) {
					t.Error("the shape is the same")
				}
			})
		})
	}
}
