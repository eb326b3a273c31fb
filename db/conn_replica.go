package db

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"rejoinder/moderation"
)

// How a replica is used.
const (
	replicaPollInterval = time.Second // between two looks at how far it is
	replicaTimeout      = time.Second // for one statement: the primary can answer instead
	replicaMaxVersions  = 10_000      // whose version is remembered
)

// ErrNoReplica refuses a replica of a database that can't have one.
var ErrNoReplica = errors.New("only a PostgreSQL database has a replica")

// Replica reads threads from a streaming replica, everything else from the primary. An article's version
// comes from the primary each time, and the replica is used only if it has that version: authors see their
// own comments at once, however far the replica lags. If the replica is down or lags too far, the primary
// serves alone.
type Replica struct {
	moderation.ThreadStore // the primary's

	primary   *DB
	replica   *DB
	maxLag    time.Duration // that it may be behind
	now       func() time.Time
	versions  *lru.Cache[string, int64] // versions of articles, as the primary said last
	startedAt int64
	// caughtUpAt is in nanoseconds since 1970: it has everything that was committed before; 0: not to be used
	caughtUpAt atomic.Int64
	reads      atomic.Uint64
	fallbacks  atomic.Uint64
}

var _ moderation.ThreadStore = (*Replica)(nil)

// OpenReplica prepares reads from the replica that the URL names. It need not answer now: see Follow.
// ErrNoReplica, or an error in the URL; none repeats its password.
func OpenReplica(primary *DB, address string, most time.Duration) (*Replica, error) {
	if primary.engine != Postgres {
		return nil, fmt.Errorf("open replica: %w", ErrNoReplica)
	}
	found, err := connectPostgres(address, replicaSessions,
		Options{Now: primary.now, NoPreparedStatements: primary.maxStmts == 0})
	if err != nil {
		return nil, fmt.Errorf("open replica: %w", err)
	}
	seen, err := lru.New[string, int64](replicaMaxVersions)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open replica: %w", err), found.closePools())
	}
	found.LimitStatements(replicaTimeout)
	return &Replica{
		ThreadStore: primary.ForThreads(),
		primary:     primary,
		replica:     found,
		maxLag:      most,
		now:         primary.now,
		versions:    seen,
		startedAt:   primary.now().UnixNano(),
	}, nil
}

// CloseReplica closes the connections to the replica; the primary stays open.
func (r *Replica) CloseReplica() error { return r.replica.closePools() }

// Follow measures the replica's lag every second until ctx ends, and calls tell when its use begins or ends:
// with nil, or with the reason.
func (r *Replica) Follow(ctx context.Context, tell func(unused error)) {
	tick := time.NewTicker(replicaPollInterval)
	defer tick.Stop()
	var mark walMark
	used := false
	for {
		err := r.measure(ctx, &mark)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.caughtUpAt.Store(0)
		} else if lag := r.lag(); lag > r.maxLag {
			err = fmt.Errorf("it is %s behind", lag.Round(time.Second))
		}
		if (err == nil) != used {
			used = err == nil
			tell(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// walMark is a position in the primary's write-ahead log, and when it was the end.
type walMark struct {
	lsn string
	at  int64
}

// measure determines up to which time the replica is complete: it is complete for a time once it has replayed
// the position that the primary's log had at that time. The replica's own lag is not used, because a replica
// that is disconnected from the primary reports none.
func (r *Replica) measure(ctx context.Context, m *walMark) error {
	if m.lsn == "" {
		at := r.now().UnixNano()
		if err := r.primary.get(ctx, &m.lsn, `SELECT pg_current_wal_lsn()::text`); err != nil {
			return fmt.Errorf("ask the primary: %w", err)
		}
		m.at = at
	}
	var state struct {
		Replica bool `db:"replica"`
		There   bool `db:"there"`
	}
	err := r.replica.get(ctx, &state, `
		SELECT pg_is_in_recovery() AS replica, COALESCE(pg_last_wal_replay_lsn() >= $1::pg_lsn, FALSE) AS there`, m.lsn)
	switch {
	case err != nil:
		return fmt.Errorf("ask the replica: %w", err)
	case !state.Replica: // it may have been promoted; another of several hosts may be one
		r.replica.breaker.renewSessions()
		return errors.New("not a replica")
	case state.There:
		r.caughtUpAt.Store(m.at)
		*m = walMark{}
	}
	return nil
}

// lag is how far the replica may lag; since the start if it was never up to date.
func (r *Replica) lag() time.Duration {
	upTo := r.caughtUpAt.Load()
	if upTo == 0 {
		upTo = r.startedAt
	}
	return time.Duration(r.now().UnixNano() - upTo)
}

// usable reports whether the replica has the article's version that the primary has.
func (r *Replica) usable(ctx context.Context, articleID string) bool {
	if r.caughtUpAt.Load() == 0 || r.lag() > r.maxLag {
		return false
	}
	wanted, known := r.versions.Get(articleID)
	if !known {
		return false
	}
	var version int64
	err := r.replica.prepared.get(ctx, &version, `SELECT version FROM articles WHERE id = $1`, ID(articleID))
	if errors.Is(err, moderation.ErrBusy) {
		r.caughtUpAt.Store(0) // until the next look, so that not everybody waits for it
	}
	return err == nil && version >= wanted
}

// readFrom reads about an article from the replica, otherwise from the primary.
func readFrom[T any](
	ctx context.Context, r *Replica, articleID string, read func(*ThreadStore) (T, error),
) (T, error) {
	if r.usable(ctx, articleID) {
		if found, err := read(r.replica.Threads); err == nil {
			r.reads.Add(1)
			return found, nil
		}
	}
	r.fallbacks.Add(1)
	return read(r.primary.Threads)
}

// rememberVersion records the primary's version of an article.
func (r *Replica) rememberVersion(articleID string, version int64) {
	if articleID == "" {
		return
	}
	if before, known := r.versions.Peek(articleID); !known || before < version {
		r.versions.Add(articleID, version)
	}
}

// ThreadArticle implements moderation.ThreadStore.
func (r *Replica) ThreadArticle(ctx context.Context, slug, key string) (moderation.Site, moderation.Article, error) {
	site, article, err := r.primary.Threads.ThreadArticle(ctx, slug, key)
	if err == nil {
		r.rememberVersion(article.ID, article.Version)
	}
	return site, article, err
}

// ArticleVersion implements moderation.ThreadStore.
func (r *Replica) ArticleVersion(ctx context.Context, slug, key string) (moderation.ArticleVersion, error) {
	at, err := r.primary.Threads.ArticleVersion(ctx, slug, key)
	if err == nil {
		r.rememberVersion(at.ArticleID, at.Version)
	}
	return at, err
}

// ThreadRoots implements moderation.ThreadStore.
func (r *Replica) ThreadRoots(ctx context.Context, sel moderation.RootsSelect) ([]moderation.Branch, error) {
	return readFrom(ctx, r, sel.ArticleID,
		func(t *ThreadStore) ([]moderation.Branch, error) { return t.ThreadRoots(ctx, sel) })
}

// ThreadBranch implements moderation.ThreadStore.
func (r *Replica) ThreadBranch(
	ctx context.Context, sel moderation.BranchSelect,
) ([]*moderation.Comment, error) {
	return readFrom(ctx, r, sel.ArticleID,
		func(t *ThreadStore) ([]*moderation.Comment, error) { return t.ThreadBranch(ctx, sel) })
}

// ThreadComment implements moderation.ThreadStore.
func (r *Replica) ThreadComment(ctx context.Context, articleID, id string) (moderation.Comment, error) {
	return readFrom(ctx, r, articleID,
		func(t *ThreadStore) (moderation.Comment, error) { return t.ThreadComment(ctx, articleID, id) })
}

// LatestComments implements moderation.ThreadStore. Those of a whole site come from the primary: no single
// version tells whether the replica has them all.
func (r *Replica) LatestComments(ctx context.Context, sel moderation.LatestSelect) ([]moderation.LatestRow, error) {
	if sel.ArticleID == "" {
		return r.primary.Threads.LatestComments(ctx, sel)
	}
	return readFrom(ctx, r, sel.ArticleID,
		func(t *ThreadStore) ([]moderation.LatestRow, error) { return t.LatestComments(ctx, sel) })
}

// ReplicaStats are numbers for metrics.
type ReplicaStats struct {
	Lag       time.Duration // how far it may be behind; exact to about a second
	Reads     uint64        // answered by the replica
	Fallbacks uint64        // that the primary had to answer
	Pool      PoolStats     // "replica"
}

// ReplicaStats returns the numbers now.
func (r *Replica) ReplicaStats() ReplicaStats {
	return ReplicaStats{
		Lag:       r.lag(),
		Reads:     r.reads.Load(),
		Fallbacks: r.fallbacks.Load(),
		Pool:      PoolStats{"replica", r.replica.writer.Stats()},
	}
}
