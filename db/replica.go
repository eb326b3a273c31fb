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
	replicaLook      = time.Second // between two looks at how far it is
	replicaStatement = time.Second // for one statement: the primary can answer instead
	replicaArticles  = 10_000      // whose version is remembered
)

// ErrNoReplica refuses a replica of a database that can't have one.
var ErrNoReplica = errors.New("only a PostgreSQL database has a replica")

// Replica reads what is in a thread from a streaming replica of the primary, which does all else. An
// article's version comes from the primary each time, and the replica is asked only when it has that version,
// too: so whoever posts, and whoever hears of a change, sees it at once, however far behind the replica is.
// When it is gone, or too far behind, the primary answers alone.
type Replica struct {
	*DB    // the primary
	copy   *DB
	most   time.Duration // that it may be behind
	now    func() time.Time
	seen   *lru.Cache[string, int64] // versions of articles, as the primary said last
	began  int64
	upTo   atomic.Int64 // nanoseconds since 1970: it has everything that was committed before; 0: not to be used
	copied atomic.Uint64
	passed atomic.Uint64
}

var _ moderation.ThreadStore = (*Replica)(nil)

// OpenReplica prepares reads from the replica that the URL names. It need not answer now: see Follow.
// ErrNoReplica, or an error in the URL; none repeats its password.
func OpenReplica(primary *DB, address string, most time.Duration) (*Replica, error) {
	if primary.engine != Postgres {
		return nil, fmt.Errorf("open replica: %w", ErrNoReplica)
	}
	found, err := connectPostgres(address, Options{Now: primary.now})
	if err != nil {
		return nil, fmt.Errorf("open replica: %w", err)
	}
	seen, err := lru.New[string, int64](replicaArticles)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open replica: %w", err), found.disconnect())
	}
	found.LimitStatements(replicaStatement)
	return &Replica{
		DB:    primary,
		copy:  found,
		most:  most,
		now:   primary.now,
		seen:  seen,
		began: primary.now().UnixNano(),
	}, nil
}

// CloseReplica closes the connections to the replica; the primary stays open.
func (r *Replica) CloseReplica() error { return r.copy.disconnect() }

// Follow looks every second how far the replica is, until ctx ends, and tells when it begins or ceases to be
// used: nil, or the reason.
func (r *Replica) Follow(ctx context.Context, tell func(unused error)) {
	tick := time.NewTicker(replicaLook)
	defer tick.Stop()
	var mark mark
	used := false
	for {
		err := r.measure(ctx, &mark)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.upTo.Store(0)
		} else if lag := r.lag(); lag > r.most {
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

// mark is a place in the primary's log, and when it was the end.
type mark struct {
	place string
	at    int64
}

// measure finds out up to when the replica has everything: it has once it has replayed what was the end of
// the primary's log at that time. What the replica says about its own lag is not enough: cut off from the
// primary, it believes to be up to date.
func (r *Replica) measure(ctx context.Context, m *mark) error {
	if m.place == "" {
		at := r.now().UnixNano()
		if err := r.get(ctx, &m.place, `SELECT pg_current_wal_lsn()::text`); err != nil {
			return fmt.Errorf("ask the primary: %w", err)
		}
		m.at = at
	}
	var state struct {
		Replica bool `db:"replica"`
		There   bool `db:"there"`
	}
	err := r.copy.get(ctx, &state, `
		SELECT pg_is_in_recovery() AS replica, COALESCE(pg_last_wal_replay_lsn() >= $1::pg_lsn, FALSE) AS there`, m.place)
	switch {
	case err != nil:
		return fmt.Errorf("ask the replica: %w", err)
	case !state.Replica:
		return errors.New("it is no replica")
	case state.There:
		r.upTo.Store(m.at)
		*m = mark{}
	}
	return nil
}

// lag is how far the replica may be behind; as long as it was never seen up to date, since the beginning.
func (r *Replica) lag() time.Duration {
	upTo := r.upTo.Load()
	if upTo == 0 {
		upTo = r.began
	}
	return time.Duration(r.now().UnixNano() - upTo)
}

// usable reports whether the replica knows the article as the primary does.
func (r *Replica) usable(ctx context.Context, articleID string) bool {
	if r.upTo.Load() == 0 || r.lag() > r.most {
		return false
	}
	wanted, known := r.seen.Get(articleID)
	if !known {
		return false
	}
	var version int64
	err := r.copy.getKept(ctx, &version, `SELECT version FROM articles WHERE id = $1`, articleID)
	if errors.Is(err, moderation.ErrBusy) {
		r.upTo.Store(0) // until the next look, so that not everybody waits for it
	}
	return err == nil && version >= wanted
}

// fromCopy reads about an article from the replica, or else from the primary.
func fromCopy[T any](ctx context.Context, r *Replica, articleID string, read func(*DB) (T, error)) (T, error) {
	if r.usable(ctx, articleID) {
		if found, err := read(r.copy); err == nil {
			r.copied.Add(1)
			return found, nil
		}
	}
	r.passed.Add(1)
	return read(r.DB)
}

// note remembers which version of an article the primary has.
func (r *Replica) note(articleID string, version int64) {
	if articleID == "" {
		return
	}
	if before, known := r.seen.Peek(articleID); !known || before < version {
		r.seen.Add(articleID, version)
	}
}

// ThreadArticle is DB.ThreadArticle.
func (r *Replica) ThreadArticle(ctx context.Context, slug, key string) (moderation.Site, moderation.Article, error) {
	site, article, err := r.DB.ThreadArticle(ctx, slug, key)
	if err == nil {
		r.note(article.ID, article.Version)
	}
	return site, article, err
}

// ArticleVersion is DB.ArticleVersion.
func (r *Replica) ArticleVersion(ctx context.Context, slug, key string) (moderation.ArticleVersion, error) {
	at, err := r.DB.ArticleVersion(ctx, slug, key)
	if err == nil {
		r.note(at.ArticleID, at.Version)
	}
	return at, err
}

// ThreadRoots is DB.ThreadRoots.
func (r *Replica) ThreadRoots(ctx context.Context, sel moderation.RootsSelect) ([]moderation.Branch, error) {
	return fromCopy(ctx, r, sel.ArticleID, func(d *DB) ([]moderation.Branch, error) { return d.ThreadRoots(ctx, sel) })
}

// ThreadBranch is DB.ThreadBranch.
func (r *Replica) ThreadBranch(ctx context.Context, sel moderation.BranchSelect) ([]moderation.Comment, error) {
	return fromCopy(ctx, r, sel.ArticleID, func(d *DB) ([]moderation.Comment, error) { return d.ThreadBranch(ctx, sel) })
}

// ThreadComment is DB.ThreadComment.
func (r *Replica) ThreadComment(ctx context.Context, articleID, id string) (moderation.Comment, error) {
	return fromCopy(
		ctx,
		r,
		articleID,
		func(d *DB) (moderation.Comment, error) { return d.ThreadComment(ctx, articleID, id) },
	)
}

// LatestComments is DB.LatestComments. Those of a whole site come from the primary: no single version tells
// whether the replica has them all.
func (r *Replica) LatestComments(ctx context.Context, sel moderation.LatestSelect) ([]moderation.LatestRow, error) {
	if sel.ArticleID == "" {
		return r.DB.LatestComments(ctx, sel)
	}
	return fromCopy(
		ctx,
		r,
		sel.ArticleID,
		func(d *DB) ([]moderation.LatestRow, error) { return d.LatestComments(ctx, sel) },
	)
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
		Reads:     r.copied.Load(),
		Fallbacks: r.passed.Load(),
		Pool:      PoolStats{"replica", r.copy.writer.Stats()},
	}
}
