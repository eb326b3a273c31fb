package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// refusals make a database refuse writes, like a full or read-only disk, and end that again.
var refusals = map[db.Engine]map[error]struct{ begin, end []string }{
	db.SQLite: {
		moderation.ErrStorageFull: {[]string{`PRAGMA max_page_count = 1`}, []string{`PRAGMA max_page_count = 1000000`}},
		moderation.ErrReadOnly:    {[]string{`PRAGMA query_only = 1`}, []string{`PRAGMA query_only = 0`}},
	},
	db.Postgres: {
		moderation.ErrStorageFull: {refuseWrites("53100"), []string{`DROP TABLE write_probe`, `DROP TRIGGER refuse ON sites`}},
		moderation.ErrReadOnly:    {refuseWrites("25006"), []string{`DROP TABLE write_probe`, `DROP TRIGGER refuse ON sites`}},
	},
}

// refuseWrites makes PostgreSQL refuse to write sites, and the guard's probe.
func refuseWrites(code string) []string {
	return []string{
		fmt.Sprintf(`CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '%s'; END $$`, code),
		`CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON sites FOR EACH ROW EXECUTE FUNCTION refuse()`,
		`CREATE TABLE write_probe (padding BYTEA NOT NULL)`,
		`CREATE TRIGGER refuse BEFORE INSERT ON write_probe FOR EACH ROW EXECUTE FUNCTION refuse()`,
	}
}

func TestADatabaseReportsRefusedWritesUntilOneSucceeds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "quay")
		watching, stop := context.WithCancel(t.Context())
		told := make(chan error, 8)
		ended := make(chan struct{})
		go func() { defer close(ended); d.Guard(watching, func(reason error) { told <- reason }) }()
		defer func() { stop(); <-ended }()
		for reason, refusal := range refusals[d.Engine()] {
			for _, statement := range refusal.begin {
				db.Raw(d).MustExecContext(t.Context(), statement)
			}
			// SQLite fills its existing pages before it needs another one.
			err := error(nil)
			for i := 0; err == nil && i < 1_000; i++ {
				site.Name += strings.Repeat(" and more of it", 100)
				if err = d.Sites.UpdateSite(t.Context(), site, nil); err == nil {
					site.Version++
				}
			}
			wantErr(t, err, reason)
			wantErr(t, d.Ping(t.Context()), reason)
			if got := <-told; !errors.Is(got, reason) {
				t.Errorf("the guard tells %v, want %v", got, reason)
			}
			if _, err := d.Threads.ArticleVersion(t.Context(), "daily", article.Key); err != nil {
				t.Errorf("reading: %v", err)
			}
			for _, statement := range refusal.end {
				db.Raw(d).MustExecContext(t.Context(), statement)
			}
			if got := <-told; got != nil {
				t.Errorf("afterwards the guard tells %v", got)
			}
			ok(t, d.Ping(t.Context()))
			ok(t, d.Sites.UpdateSite(t.Context(), site, nil))
			site.Version++
		}
		wantEqual(t, queryInt(t, d, tablesNamed[d.Engine()], "write_probe"), 0)
	})
}

// tablesNamed counts the tables with a name.
var tablesNamed = map[db.Engine]string{
	db.SQLite:   `SELECT COUNT(*) FROM sqlite_master WHERE name = $1`,
	db.Postgres: `SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1`,
}
