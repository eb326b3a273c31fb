package db

import (
	"errors"
	"regexp"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is everything in which the engines differ, besides how they are opened (conn_url.go).
type dialect struct {
	engine Engine
	// forShare and forUpdate end a SELECT whose rows must not change, or not be changed by others, until the
	// transaction is over. SQLite has one writer at a time and needs neither.
	forShare  string
	forUpdate string
	// writers is how many groups of submissions, or of decisions, are written at once: as one commits, another
	// writes.
	writers int
	// readsAtOnce is how many queries for the same submissions run at once. With a remote server, most of
	// their time is the round trip; with SQLite, all of it is work.
	readsAtOnce int
	// skipLocked is the end of a SELECT on alias c that locks its rows and skips those locked by others.
	skipLocked string
	// lockMigrations serializes the migrations of concurrent processes.
	lockMigrations string
	// tables lists the tables there are.
	tables string
	// notify tells other processes of the changes in a JSON array, when the transaction commits; empty where they
	// can't hear it.
	notify string
	// rowsAsJSON tells that rows of parameters travel in one parameter with JSON (executor_insert.go,
	// executor_select.go): one round trip then does for any number of rows.
	rowsAsJSON bool
	// unindexed, before a column in a condition, keeps the planner from using an index on it. SQLite has no
	// statistics and assumes that few rows match.
	unindexed string
	// uuidType is what a column of type UUID is declared as.
	uuidType string
	// clustered is the end of a table that is stored in its primary key.
	clustered string
	// param returns a parameter as the engine stores it; nil where drivers know all.
	param func(any) any
	// prepared returns the text to prepare for a query; nil: the query itself.
	prepared func(query string) string
	// search finds comments by their words.
	search searchIndex
	// classify returns what a driver's error means; false if it is not an error of this engine.
	classify func(error) (fault, bool)
}

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

func init() {
	sqlx.BindDriver(string(SQLite), sqlx.DOLLAR)
}

var sqliteDialect = &dialect{
	engine:  SQLite,
	writers: 1, readsAtOnce: 1,
	// A write transaction holds the lock from its beginning.
	lockMigrations: `SELECT 1`,
	tables:         `SELECT name FROM sqlite_master WHERE type = 'table'`,
	// SQLite treats a column of an unknown type as a small number, and then chooses worse indexes.
	uuidType:  "BLOB",
	clustered: "WITHOUT ROWID",
	unindexed: "+",
	param:     sqliteParam,
	prepared:  unnumbered,
	search:    sqliteSearch,
	classify:  classifySQLite,
}

var postgresDialect = &dialect{
	engine:  Postgres,
	writers: 2, readsAtOnce: 4,
	forShare: ` FOR SHARE`,
	// Weaker than FOR UPDATE: rows that refer to this one may still be inserted.
	forUpdate:      ` FOR NO KEY UPDATE`,
	skipLocked:     ` FOR NO KEY UPDATE OF c SKIP LOCKED`,
	lockMigrations: `SELECT 1 FROM pg_advisory_xact_lock(hashtext('rejoinder migrations in ' || current_schema()))`,
	tables:         `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`,
	rowsAsJSON:     true,
	uuidType:       "UUID",
	notify:         `SELECT pg_notify(` + channelQuery + `, CAST(value AS TEXT)) FROM json_array_elements(CAST($1 AS JSON))`,
	search:         postgresSearch,
	classify:       classifyPostgres,
}

var uuidColumn = regexp.MustCompile(`\bUUID\b`)

// ddl returns statements that make tables, with the types of the engine.
func (d *dialect) ddl(script string) string {
	return strings.ReplaceAll(uuidColumn.ReplaceAllString(script, d.uuidType), "/* WITHOUT ROWID */", d.clustered)
}

// faultKind classifies an error of the database.
type faultKind int

const (
	faultOther    faultKind = iota
	faultUnique             // a row with that key exists
	faultForeign            // a referenced row does not exist
	faultBusy               // not possible at the moment
	faultFull               // no space to write
	faultReadOnly           // writes are refused
	faultRetry              // the transaction was rolled back in favour of another one
)

// fault replaces a driver's error. Its text has the kind and the place, but no values, which drivers quote.
type fault struct {
	kind      faultKind
	text      string
	reconnect bool // to another server
}

// classifySQLite reads result codes (https://www.sqlite.org/rescode.html).
func classifySQLite(err error) (fault, bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fault{}, false
	}
	f := fault{text: "sqlite: " + e.Error()}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		f.kind = faultUnique
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		f.kind = faultForeign
	case sqlite3.SQLITE_IOERR_SHMSIZE: // the shared-memory file can't grow
		f.kind = faultFull
	case sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE:
		// Returned when the disk was remounted read-only, or is over its quota.
		f.kind = faultReadOnly
	default:
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT:
			f.kind = faultBusy
		case sqlite3.SQLITE_FULL:
			f.kind = faultFull
		case sqlite3.SQLITE_READONLY:
			f.kind = faultReadOnly
		}
	}
	return f, true
}

// classifyPostgres reads SQLSTATE codes (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func classifyPostgres(err error) (fault, bool) {
	var e *pq.Error
	if !errors.As(err, &e) {
		return fault{}, false
	}
	f := fault{text: "postgres: " + string(e.Code)}
	if e.Table != "" || e.Constraint != "" {
		f.text += " on " + e.Table + " " + e.Constraint
	}
	switch e.Code.Class() {
	case "08", "28", "3D", "42", "53", "57":
		// About the connection, the configuration or the statement: the message quotes names, no values.
		f.text += ": " + e.Message
	}
	switch e.Code {
	case "25006", "57P01", "57P02", "57P03":
		f.reconnect = true
	}
	switch e.Code {
	case "23505":
		f.kind = faultUnique
	case "23503":
		f.kind = faultForeign
	case "40001", "40P01":
		f.kind = faultRetry
	case "55P03":
		f.kind = faultBusy
	case "53100":
		f.kind = faultFull
	case "25006":
		f.kind = faultReadOnly
	default:
		switch e.Code.Class() {
		case "08", "53", "57":
			f.kind = faultBusy
		}
	}
	return f, true
}
