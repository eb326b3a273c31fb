package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"

	"rejoinder/moderation"
)

// How many connections there are unless Options says otherwise.
const (
	defaultReaders     = 4  // SQLite, besides the one that writes
	defaultConnections = 10 // PostgreSQL
	idleConnections    = 5 * time.Minute
)

// DB is one database: its connections, and a store for each entity. Methods such as ForIntake (usecases.go)
// combine the stores that a use case needs. It is safe for concurrent use.
type DB struct {
	*core

	Sites         *SiteStore
	Articles      *ArticleStore
	Threads       *ThreadStore
	Submissions   *SubmissionStore
	History       *HistoryStore
	Comments      *CommentStore
	Commenters    *CommenterStore
	Votes         *VoteStore
	Reports       *ReportStore
	Appeals       *AppealStore
	Queue         *QueueStore
	Claims        *ClaimStore
	Decisions     *DecisionStore
	Notes         *NoteStore
	Highlights    *HighlightStore
	Blocks        *BlockStore
	Rulesets      *RulesetStore
	RuleDays      *RuleDayStore
	Rollups       *RollupStore
	Classifiers   *ClassifierStore
	External      *ExternalStore
	Audit         *AuditStore
	Moderators    *ModeratorStore
	ServerKeys    *ServerKeyStore
	Sessions      *SessionStore
	SecondFactors *SecondFactorStore
	LoginFailures *LoginFailureStore
	Federation    *FederationStore
	Janitor       *JanitorStore
	Retention     *RetentionStore
	Outbox        *OutboxStore
	ReaderMail    *ReaderMailStore
	ModeratorMail *ModeratorMailStore
	Webhooks      *WebhookStore
	Imports       *ImportStore
	Archive       *ArchiveStore
	SignedReaders *SignedReaderStore

	path         string        // SQLite: the file
	dsn          string        // PostgreSQL: the URL
	listenDSN    string        // PostgreSQL: for the connection that listens
	listenHosts  hostConnector // PostgreSQL: of Options.ListenURL
	probePool    *sqlx.DB      // PostgreSQL: one connection on which nothing else waits
	probeTimeout time.Duration
	sortedAt     time.Time // PostgreSQL: when Upkeep last had words sorted into the search index
	closed       atomic.Bool
}

// Options are the choices in opening a database. The zero value is good.
type Options struct {
	// Connections bounds the pool: of readers on SQLite, of all on PostgreSQL. 0: 4 and 10.
	Connections int
	// ProbeTimeout bounds how long the database may take to respond to a health check. 0: 2 seconds.
	ProbeTimeout time.Duration
	// AllowReadOnly also opens an SQLite file on a read-only file system; writes then fail with
	// moderation.ErrReadOnly. Use it only in commands that end soon: if the file changes nevertheless, reads may
	// return garbage.
	AllowReadOnly bool
	// Now is the clock for rows without a time of their own, such as migrations. nil: time.Now.
	Now func() time.Time
	// ListenURL names the PostgreSQL server for the connection that listens for notifications, which a pooler of
	// transactions cannot provide. Empty: the database URL.
	ListenURL string
	// NoPreparedStatements sends each statement with its text, for poolers that lose prepared statements.
	NoPreparedStatements bool
	// Notifies stores events in the outbox. Set it if something sends them.
	Notifies bool
	// Batched receives the kind and size of each batch of calls that are executed together. It must be quick and
	// safe for concurrent use. nil: not called.
	Batched func(kind BatchKind, size int)
}

// Open connects to the database that the URL names, sqlite:PATH or postgres://…, and checks that it responds.
// It creates a missing SQLite file, but changes nothing else: see NeedsMigration and Migrate. Errors never
// contain the URL's password. moderation.ErrBusy if the server can't be reached.
func Open(ctx context.Context, address string, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	d, err := connect(address, o)
	if err != nil {
		return nil, err
	}
	if err := d.openPools(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", explainConnect(d.dsn, err)), d.closePools())
	}
	if err := d.checkListener(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("listen: %w", explainConnect(d.listenDSN, err)), d.closePools())
	}
	return d, nil
}

func connect(address string, o Options) (*DB, error) {
	switch scheme, _, _ := strings.Cut(address, ":"); scheme {
	case "sqlite":
		return connectSQLite(address, o)
	case "postgres", "postgresql":
		return connectPostgres(address, primarySessions, o)
	}
	return nil, errors.New("database URL: must start with sqlite: or postgres://")
}

// connectSQLite makes two pools: one connection that writes, so that writers queue up here rather than in
// SQLite, and several that can only read and never wait for it (write-ahead log).
func connectSQLite(address string, o Options) (*DB, error) {
	path, err := sqlitePath(address)
	write, read := sqliteWrites, sqliteReads
	readOnly := o.AllowReadOnly && errors.Is(err, syscall.EROFS)
	if readOnly {
		path, write, read = strings.TrimPrefix(address, sqlitePrefix), sqliteReadsOnly, sqliteReadsOnly
		err = checkWALReadable(path)
	}
	if err != nil {
		return nil, err
	}
	writer, err := openSQLite(path, write)
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	reader, err := openSQLite(path, read)
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	readers := orDefault(o.Connections, defaultReaders)
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	d := newDB(sqliteDialect, reader, writer, o)
	d.path, d.readOnly = path, readOnly
	if !readOnly {
		d.turns = &turns{path: path + "-turns"}
	}
	return d, nil
}

func openSQLite(path string, access sqliteAccess) (*sqlx.DB, error) {
	pool, err := sqlx.Open(string(SQLite), sqliteDSN(path, access))
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	return pool, nil
}

func connectPostgres(address, sessions string, o Options) (*DB, error) {
	connector, dsn, err := postgresConnector(address, sessions)
	if err != nil {
		return nil, err
	}
	prober, listenDSN, err := postgresConnector(address, sessions)
	if err != nil {
		return nil, err
	}
	var listenHosts hostConnector
	if o.ListenURL != "" {
		if listenHosts, listenDSN, err = postgresConnector(o.ListenURL, sessions); err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
	}
	opener := &sessionConnector{hostConnector: connector}
	pool := sqlx.NewDb(sql.OpenDB(opener), string(Postgres))
	connections := orDefault(o.Connections, defaultConnections)
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(idleConnections)
	d := newDB(postgresDialect, pool, pool, o)
	d.dsn, d.listenDSN, d.listenHosts = dsn, listenDSN, listenHosts
	prober.latest = connector.latest
	// Before the first connection:
	opener.breaker = d.breaker
	connector.dialer(deadlineDialer{silence: d.breaker.statementSilence})
	prober.dialer(deadlineDialer{silence: d.probeSilence})
	d.probePool = sqlx.NewDb(sql.OpenDB(prober), string(Postgres))
	d.probePool.SetMaxOpenConns(1)
	return d, nil
}

func newDB(dialect *dialect, reader, writer *sqlx.DB, o Options) *DB {
	c := newCore(dialect, reader, writer, o)
	sites, articles := newSiteStore(c, o), &ArticleStore{c}
	return &DB{
		core:          c,
		probeTimeout:  cmp.Or(o.ProbeTimeout, defaultProbeTimeout),
		Sites:         sites,
		Articles:      articles,
		Threads:       &ThreadStore{c, sites, articles},
		Submissions:   newSubmissionStore(c, o),
		History:       &HistoryStore{c},
		Comments:      &CommentStore{c},
		Commenters:    &CommenterStore{c},
		Votes:         &VoteStore{c},
		Reports:       &ReportStore{c},
		Appeals:       &AppealStore{c},
		Queue:         &QueueStore{c},
		Claims:        &ClaimStore{c},
		Decisions:     newDecisionStore(c, o),
		Notes:         &NoteStore{c},
		Highlights:    &HighlightStore{c},
		Blocks:        &BlockStore{c},
		Rulesets:      &RulesetStore{c},
		RuleDays:      &RuleDayStore{c},
		Rollups:       &RollupStore{c},
		Classifiers:   &ClassifierStore{c},
		External:      &ExternalStore{c},
		Audit:         &AuditStore{c},
		Moderators:    &ModeratorStore{c},
		ServerKeys:    &ServerKeyStore{c},
		Sessions:      &SessionStore{c},
		SecondFactors: &SecondFactorStore{c},
		LoginFailures: &LoginFailureStore{c},
		Federation:    &FederationStore{c},
		Janitor:       &JanitorStore{c},
		Retention:     &RetentionStore{c},
		Outbox:        newOutboxStore(c, o),
		ReaderMail:    &ReaderMailStore{c},
		ModeratorMail: &ModeratorMailStore{c},
		Webhooks:      &WebhookStore{c},
		Imports:       &ImportStore{c},
		Archive:       &ArchiveStore{c},
		SignedReaders: &SignedReaderStore{c},
	}
}

func orDefault(n, standard int) int {
	if n > 0 {
		return n
	}
	return standard
}

// Engine says which engine this database runs on.
func (d *DB) Engine() Engine { return d.engine }

// openPools opens the first connection of each pool. On a new SQLite file the writer must come first: it
// turns on the write-ahead log.
func (d *DB) openPools(ctx context.Context) error {
	var tables []string
	writer := d.executor
	writer.pool = d.writer
	if err := writer.selectAll(ctx, &tables, d.tables); err != nil {
		return err
	}
	return d.checkAlive(ctx)
}

// Close waits for running statements and closes all connections. A second call does nothing. If the disk is
// full or read-only, the write-ahead log remains: nothing is lost, and the next process goes on with it.
func (d *DB) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	err := d.checkpoint(context.Background())
	if errors.Is(err, moderation.ErrStorageFull) || errors.Is(err, moderation.ErrReadOnly) {
		err = nil
	}
	return errors.Join(err, d.closePools())
}

func (d *DB) closePools() error {
	if d.reader == d.writer {
		return errors.Join(ignoreHangup(d.probePool.Close()), ignoreHangup(d.writer.Close()))
	}
	// The last connection to an SQLite file tidies up its log, so it must be the one that may write.
	return errors.Join(d.reader.Close(), d.writer.Close(), d.turns.close())
}

// ignoreHangup ignores EPIPE and ECONNRESET on close: the server is gone.
func ignoreHangup(err error) error {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return nil
	}
	return err
}

// PoolStats describes the connections of one pool, for metrics.
type PoolStats struct {
	Pool string // "read" and "write" on SQLite, "all" on PostgreSQL
	sql.DBStats
}

// Stats returns the state of every pool now.
func (d *DB) Stats() []PoolStats {
	if d.reader == d.writer {
		return []PoolStats{{"all", d.writer.Stats()}}
	}
	return []PoolStats{{"read", d.reader.Stats()}, {"write", d.writer.Stats()}}
}
