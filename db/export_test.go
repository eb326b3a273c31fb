package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"

	"rejoinder/db/batch"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// FrozenJSON is JSON as facts and verdicts are stored.
type FrozenJSON = frozenJSON

// Raw is the pool that writes, for tests that look at rows or tamper with them.
func Raw(d *DB) *sqlx.DB { return d.writer }

// Maintain runs one round of Upkeep.
func Maintain(ctx context.Context, d *DB) error { return d.sortWords(ctx) }

// Bind returns parameters as the engine stores them.
func Bind(d *DB, args []any) []any { return d.bind(args) }

// ErrConcurrentReports is the reason why a report is retried.
var ErrConcurrentReports error = errConcurrentReports

// TryOnce makes a transaction that loses against another one fail.
func TryOnce(d *DB) { d.attempts = 1 }

// MigrateStepByStep migrates a fresh database by all migrations instead of by schema.sql.
func MigrateStepByStep(ctx context.Context, d *DB) error {
	p, err := d.newMigrationPlan()
	if err != nil {
		return err
	}
	p.schema = ""
	return d.runMigrations(ctx, p)
}

// MigrateWith migrates with other migrations than the program's own.
func MigrateWith(ctx context.Context, d *DB, schema string, files fs.FS) error {
	migrations, err := readMigrations(files)
	if err != nil {
		return err
	}
	return d.runMigrations(ctx, migrationPlan{schema: schema, migrations: migrations})
}

// SubmissionContexts reads contexts as one batch.
func SubmissionContexts(
	ctx context.Context, d *DB, qs []moderation.SubmissionContextQuery,
) []batch.Result[moderation.SubmissionContext] {
	return d.Submissions.contextBatches.Run(ctx, qs)
}

// Translate translates a driver's error.
func Translate(d *DB, err error) error { return d.translate(context.Background(), err) }

// Statement is a statement that a database ran.
type Statement struct {
	Query string
	Args  []driver.NamedValue
}

// QueueStatement returns the statement that reads a page of a selection on one site, with its parameters.
func QueueStatement(d *DB, q queue.Select) (string, []any) {
	conditions, err := queueConditions(context.Background(), d.executor, q)
	if err != nil {
		panic(err)
	}
	query, args := queueBranch(q, conditions[0])
	return sqlx.Rebind(sqlx.DOLLAR, query), args
}

// OpenRecording opens an SQLite database that records every statement.
func OpenRecording(t *testing.T, address string) (*DB, *Recorder) {
	t.Helper()
	d, err := Open(t.Context(), address, Options{})
	if err != nil {
		t.Fatal(err)
	}
	path, err := sqlitePath(address)
	if err != nil {
		t.Fatal(err)
	}
	log := &Recorder{}
	if err := errors.Join(d.reader.Close(), d.writer.Close()); err != nil {
		t.Fatal(err)
	}
	d.usePools(log.open(t, sqliteDSN(path, sqliteReads)), log.open(t, sqliteDSN(path, sqliteWrites)))
	d.writer.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d, log
}

// Recorder notes statements.
type Recorder struct {
	mu         sync.Mutex
	statements []Statement
}

func (r *Recorder) open(t *testing.T, dsn string) *sqlx.DB {
	t.Helper()
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return sqlx.NewDb(sql.OpenDB(recordingConnector{connector, r}), string(SQLite))
}

// Take returns the statements since the last call.
func (r *Recorder) Take() []Statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.statements
	r.statements = nil
	return taken
}

func (r *Recorder) note(query string, args []driver.NamedValue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements = append(r.statements, Statement{query, args})
}

type recordingConnector struct {
	driver.Connector
	log *Recorder
}

func (c recordingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return recordingConn{conn.(fullConn), c.log}, nil
}

// fullConn has the methods of the driver's connections that database/sql uses.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

type recordingConn struct {
	fullConn
	log *Recorder
}

func (c recordingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.log.note(query, args)
	return c.fullConn.ExecContext(ctx, query, args)
}

func (c recordingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.log.note(query, args)
	return c.fullConn.QueryContext(ctx, query, args)
}

func (c recordingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.fullConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return recordingStmt{stmt.(fullStmt), query, c.log}, nil
}

// fullStmt has the methods of the driver's statements that database/sql uses.
type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type recordingStmt struct {
	fullStmt
	query string
	log   *Recorder
}

func (s recordingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.log.note(s.query, args)
	return s.fullStmt.ExecContext(ctx, args)
}

func (s recordingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.log.note(s.query, args)
	return s.fullStmt.QueryContext(ctx, args)
}

// WalkSearches makes every search with more hits than this walk the list, without a probe.
func WalkSearches(d *DB, rare int) {
	own := *d.dialect
	own.search.probeSize, own.search.maxIndexHits = 0, rare
	d.dialect, d.prepared.dialect = &own, &own
}

// SetProbeSize sets how many comments a search probes.
func SetProbeSize(d *DB, head int) {
	own := *d.dialect
	own.search.probeSize = head
	d.dialect, d.prepared.dialect = &own, &own
}

// CreateBatch creates comments in one batch, and returns the result of each.
func CreateBatch(ctx context.Context, d *DB, ns []moderation.NewComment) ([]moderation.Comment, []error) {
	all := make([]tokenizedComment, len(ns))
	for i, n := range ns {
		all[i] = tokenize(n)
	}
	return runBatch(ctx, d.Submissions.commentBatches, all)
}

// DecideBatch records decisions in one batch, and returns the result of each.
func DecideBatch(ctx context.Context, d *DB, decisions []moderation.Decision) []error {
	_, errs := runBatch(ctx, d.Decisions.batches, decisions)
	return errs
}

// LoadContextBatch loads the contexts of one batch.
func LoadContextBatch(ctx context.Context, d *DB, qs []moderation.SubmissionContextQuery) ([]moderation.SubmissionContext, []error) {
	return runBatch(ctx, d.Submissions.contextBatches, qs)
}

func runBatch[T, R any](ctx context.Context, b *batch.Batcher[T, R], items []T) ([]R, []error) {
	results := b.Run(ctx, items)
	values, errs := make([]R, len(items)), make([]error, len(items))
	for i, r := range results {
		values[i], errs[i] = r.Value, r.Err
	}
	return values, errs
}

// RemovedWithComment reports whether undoing an import deletes from a table.
func RemovedWithComment(table string) bool { return slices.Contains(ofComment, table) }

// RemovedWithSite reports whether RemoveSite deletes from a table.
func RemovedWithSite(table string) bool {
	for _, of := range slices.Concat(ofSite, ofAccount) {
		if of.table == table {
			return true
		}
	}
	return false
}
