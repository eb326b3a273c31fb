package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/db"
)

// DSNVariable names an environment variable with the URL of a PostgreSQL server to use instead of a private
// one.
const DSNVariable = "TEST_POSTGRES_DSN"

// setUpTime bounds what preparing one database may take.
const setUpTime = time.Minute

// atEpoch opens a database whose clock stands still.
var atEpoch = db.Options{Now: func() time.Time { return Epoch }}

var (
	supervised atomic.Bool // Main runs, so the shared server will be stopped
	shared     = sync.OnceValues(startShared)
	started    atomic.Bool
	names      atomic.Int64
)

// Main runs a package's tests, then stops what they shared: by the functions in stop, and the PostgreSQL
// server.
func Main(m *testing.M, stop ...func()) {
	supervised.Store(true)
	code := m.Run()
	for _, end := range stop {
		end()
	}
	if started.Load() {
		if server, err := shared(); err == nil {
			server.stop()
		}
	}
	os.Exit(code)
}

func startShared() (*Postgres, error) {
	started.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), setUpTime)
	defer cancel()
	return start(ctx, fast)
}

// Each runs f twice: on a fresh SQLite file and on a fresh PostgreSQL schema, both with the present schema.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, Migrated(t, SQLiteURL(t))) })
	t.Run("postgres", func(t *testing.T) { f(t, Open(t, migratedPostgresURL(t))) })
}

// EachWith is Each for a database that is opened with options.
func EachWith(t *testing.T, o db.Options, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, MigratedWith(t, SQLiteURL(t), o)) })
	t.Run("postgres", func(t *testing.T) { f(t, openWith(t, migratedPostgresURL(t), o)) })
}

// EachURL runs f twice like Each, with the URL of a fresh, empty database.
func EachURL(t *testing.T, f func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, PostgresURL(t)) })
}

// SQLiteURL returns the URL of a fresh SQLite file, which is deleted after the test.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// PostgresURL returns the URL of a fresh schema on the server that the package's tests share. It is dropped
// after the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	dsn, schema := sharedDSN(t), freshName()
	execute(t, dsn, `CREATE SCHEMA `+schema)
	t.Cleanup(func() { execute(t, dsn, `DROP SCHEMA `+schema+` CASCADE`) })
	return withOption(t, dsn, "search_path", schema)
}

// PostgresDatabase returns the URL of a fresh database on the server that the package's tests share. It is
// dropped after the test. It takes longer than a schema, but pg_dump and psql accept its URL.
func PostgresDatabase(t testing.TB) string {
	t.Helper()
	dsn, name := sharedDSN(t), freshName()
	execute(t, dsn, `CREATE DATABASE `+name)
	t.Cleanup(func() { execute(t, dsn, `DROP DATABASE `+name+` WITH (FORCE)`) })
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("%s is not a URL", DSNVariable)
	}
	address.Path = "/" + name
	return address.String()
}

// sharedDSN is the URL of the server that the package's tests share.
func sharedDSN(t testing.TB) string {
	t.Helper()
	if dsn := os.Getenv(DSNVariable); dsn != "" {
		return dsn
	}
	if !supervised.Load() {
		t.Fatal("this package needs func TestMain(m *testing.M) { dbtest.Main(m) }, which stops the PostgreSQL server")
	}
	server, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return server.DSN()
}

// freshName is the name of a schema or database that no other test uses.
func freshName() string {
	return fmt.Sprintf("test_%d_%d_%d", os.Getpid(), time.Now().UnixNano(), names.Add(1))
}

// Migrated opens the database at address, migrates it, and closes it after the test. Its clock stands still
// at Epoch.
func Migrated(t testing.TB, address string) *db.DB {
	t.Helper()
	return MigratedWith(t, address, atEpoch)
}

// MigratedWith is Migrated for a database that is opened with options.
func MigratedWith(t testing.TB, address string, o db.Options) *db.DB {
	t.Helper()
	if path, isFile := strings.CutPrefix(address, "sqlite:"); isFile {
		copyTemplate(t, path)
	}
	return migrate(t, openWith(t, address, o))
}

func migrate(t testing.TB, d *db.DB) *db.DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), setUpTime)
	defer cancel()
	if err := d.Migrate(ctx); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return d
}

// Open opens the database at address without migrating it, and closes it after the test. Its clock stands
// still at Epoch.
func Open(t testing.TB, address string) *db.DB {
	t.Helper()
	return openWith(t, address, atEpoch)
}

func openWith(t testing.TB, address string, o db.Options) *db.DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), setUpTime)
	defer cancel()
	o.ProbeTimeout = setUpTime // a busy machine is no dead database
	d, err := db.Open(ctx, address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return d
}

func withOption(t testing.TB, dsn, name, value string) string {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("%s is not a URL", DSNVariable)
	}
	options := address.Query()
	options.Set(name, value)
	address.RawQuery = options.Encode()
	return address.String()
}
