package db_test

import (
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestASlowStatementTimesOut(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.PostgresURL(t))
	site := dbtest.Build(t, d).Site("daily")
	tx, err := db.Raw(d).BeginTxx(t.Context(), nil)
	ok(t, err)
	defer tx.Rollback()
	_, err = tx.ExecContext(t.Context(), `UPDATE sites SET name = 'x' WHERE id = $1`, site.ID)
	ok(t, err)
	d.LimitStatements(50 * time.Millisecond)
	wantErr(t, d.Sites.UpdateSite(t.Context(), site, nil), moderation.ErrBusy)
	ok(t, tx.Rollback())
	d.LimitStatements(0)
	ok(t, d.Sites.UpdateSite(t.Context(), site, nil))
}

func TestAFrozenDatabaseIsDroppedAndFoundAgain(t *testing.T) {
	server := dbtest.StartPostgres(t)
	d := dbtest.Migrated(t, server.DSN())
	t.Cleanup(server.Resume)
	d.LimitStatements(100 * time.Millisecond)
	server.Pause()
	_, err := d.Sites.Sites(t.Context())
	wantErr(t, err, moderation.ErrBusy)
	wantErr(t, d.Ping(t.Context()), moderation.ErrBusy)
	server.Resume()
	d.LimitStatements(0)
	ok(t, d.Ping(t.Context()))
	_, err = d.Sites.Sites(t.Context())
	ok(t, err)
}
