package db_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestOpenExplainsInvalidURLs(t *testing.T) {
	folder := t.TempDir()
	for name, tc := range map[string]struct{ address, want string }{
		"nothing at all":                    {"", "must start with sqlite: or postgres://"},
		"another engine":                    {"mysql://h/d", "must start with sqlite: or postgres://"},
		"no path":                           {"sqlite:", "needs the path of a file"},
		"slashes before the path":           {"sqlite://data/x.db", "without slashes"},
		"a database in memory":              {"sqlite::memory:", "neither :memory: nor"},
		"a folder that is not there":        {"sqlite:" + folder + "/none/x.db", "there is no folder " + folder + "/none"},
		"a folder instead of a file":        {"sqlite:" + folder, "is a directory"},
		"no host":                           {"postgres:///d", "names no host"},
		"no database":                       {"postgres://u@h/", "names no database"},
		"an unknown mode of encryption":     {"postgres://u:secret@h/d?sslmode=maybe", "sslmode"},
		"a port that is no number":          {"postgres://h:port/d", "not a URL"},
		"a password that is not encoded":    {"postgres://u:sec/ret@h/d", "percent-encoded"},
		"a password with a stray percent":   {"postgres://u:secret%zz@h/d", "percent-encoded"},
		"a password with a control byte":    {"postgres://u:secret\x01@h/d", "percent-encoded"},
		"a scheme that only looks the same": {"postgresx://h/d", "must start with"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := db.Open(t.Context(), tc.address, db.Options{})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want an error with %q", err, tc.want)
			}
			if strings.Contains(err.Error(), "sec") {
				t.Fatalf("the error repeats the password: %v", err)
			}
		})
	}
}

func TestAnUnreachableServerIsBusyAndItsPasswordStaysSecret(t *testing.T) {
	_, err := db.Open(t.Context(), "postgres://u:secret@127.0.0.1:1/d?sslmode=disable", db.Options{})
	wantErr(t, err, moderation.ErrBusy)
	if want := "open database: can't connect to PostgreSQL at 127.0.0.1:1: connection refused"; err.Error() != want {
		t.Fatalf("got %q, want %q", err, want)
	}
}

func TestAnSQLiteFileIsReadableByItsOwnerOnly(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "with space, ?, # and %41")
	ok(t, os.Mkdir(folder, 0o755))
	d := dbtest.Open(t, "sqlite:"+filepath.Join(folder, "x.db"))
	ok(t, d.Migrate(t.Context()))
	dbtest.Build(t, d).Site("daily")
	files := must[[]os.DirEntry](t)(os.ReadDir(folder))
	if len(files) == 0 {
		t.Fatal("the database is somewhere else")
	}
	for _, file := range files {
		if mode := must[os.FileInfo](t)(file.Info()).Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", file.Name(), mode)
		}
	}
}

func TestSQLiteRunsWithTheSettingsThatDurabilityNeeds(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLiteURL(t))
	ok(t, d.Migrate(t.Context()))
	var mode string
	ok(t, db.Raw(d).GetContext(t.Context(), &mode, `PRAGMA journal_mode`))
	wantEqual(t, mode, "wal")
	for pragma, want := range map[string]int{"foreign_keys": 1, "synchronous": 2, "busy_timeout": 5_000, "secure_delete": 1} {
		if got := queryInt(t, d, `PRAGMA `+pragma); got != want {
			t.Errorf("%s is %d, want %d", pragma, got, want)
		}
	}
}

func TestPingAndStatsDescribeAnOpenDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ok(t, d.Ping(t.Context()))
		for _, stats := range d.Stats() {
			if stats.Pool == "" || stats.MaxOpenConnections == 0 {
				t.Errorf("a pool without a name or a bound: %+v", stats)
			}
		}
	})
}

func TestATransactionThatMustWaitTooLongIsBusy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		tx, err := db.Raw(d).BeginTxx(t.Context(), nil)
		ok(t, err)
		defer tx.Rollback()
		_, err = tx.ExecContext(t.Context(), `UPDATE sites SET name = 'x' WHERE id = $1`, site.ID)
		ok(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		wantErr(t, d.Sites.UpdateSite(ctx, site, nil), moderation.ErrBusy)
	})
}

func TestACancelledCallIsNotMistakenForABusyDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := d.Sites.Sites(ctx)
		wantErr(t, err, context.Canceled)
	})
}

func TestReadersDoNotWaitForAWriter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		site := dbtest.Build(t, d).Site("daily")
		tx, err := db.Raw(d).BeginTxx(t.Context(), nil)
		ok(t, err)
		defer tx.Rollback()
		_, err = tx.ExecContext(t.Context(), `UPDATE sites SET name = 'x' WHERE id = $1`, site.ID)
		ok(t, err)
		found, err := d.Sites.SiteBySlug(t.Context(), "daily")
		ok(t, err)
		wantEqual(t, found, site)
	})
}

func TestPostgresPlansByIndex(t *testing.T) {
	address := dbtest.PostgresURL(t)
	dbtest.Migrated(t, address)
	d := dbtest.Open(t, address)
	for _, setting := range []string{"enable_seqscan", "jit"} {
		var value string
		ok(t, db.Raw(d).GetContext(t.Context(), &value, `SHOW `+setting))
		wantEqual(t, value, "off")
	}
}
