package db_test

import (
	"context"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// replicaFixture is a primary with a standby, and the stores that read from both.
type replicaFixture struct {
	t       *testing.T
	replica *db.Replica
	standby *dbtest.Postgres
	told    chan error // whenever the replica begins or ceases to be used
	build   *dbtest.Builder
	article moderation.Article
}

func newReplicaFixture(t *testing.T, most time.Duration) *replicaFixture {
	t.Helper()
	server := dbtest.StartPostgres(t)
	primary := must[*db.DB](t)(db.Open(t.Context(), server.DSN(), db.Options{Now: time.Now}))
	t.Cleanup(func() { ok(t, primary.Close()) })
	ok(t, primary.Migrate(t.Context()))
	r := &replicaFixture{t: t, told: make(chan error, 16), build: dbtest.Build(t, primary)}
	r.article = r.build.Article(r.build.Site("daily"), "quay")
	r.standby = server.Standby(t)
	r.replica = must[*db.Replica](t)(db.OpenReplica(primary, r.standby.DSN(), most))
	t.Cleanup(func() { ok(t, r.replica.CloseReplica()) })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.replica.Follow(ctx, func(err error) { r.told <- err })
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return r
}

// wait waits until the replica is used, or no longer used.
func (r *replicaFixture) wait(used bool) {
	r.t.Helper()
	select {
	case err := <-r.told:
		if (err == nil) != used {
			r.t.Fatalf("told %v", err)
		}
	case <-time.After(30 * time.Second):
		r.t.Fatal("nothing was reported about the replica")
	}
}

// read reads a page of the thread, and reports whether it came from the replica.
func (r *replicaFixture) read() (roots int, fromReplica bool) {
	r.t.Helper()
	before := r.replica.ReplicaStats().Reads
	_, article, err := r.replica.ThreadArticle(r.t.Context(), "daily", "quay")
	ok(r.t, err)
	branches, err := r.replica.ThreadRoots(r.t.Context(), moderation.RootsSelect{ArticleID: article.ID, Budget: 10, Replies: 3})
	ok(r.t, err)
	return len(branches), r.replica.ReplicaStats().Reads > before
}

// waitForReplica reads until the replica is used.
func (r *replicaFixture) waitForReplica() (roots int) {
	r.t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		roots, fromReplica := r.read()
		if fromReplica {
			return roots
		}
		select {
		case <-tick.C:
		case <-deadline:
			r.t.Fatal("the replica never answers")
		}
	}
}

func TestAReplicaServesCurrentArticlesOnly(t *testing.T) {
	r := newReplicaFixture(t, time.Hour)
	r.wait(true)
	wantEqual(t, r.waitForReplica(), 0)

	r.standby.Execute(t, `SELECT pg_wal_replay_pause()`)
	r.build.Comment(r.article, dbtest.Draft{Status: moderation.StatusApproved})
	roots, fromReplica := r.read()
	if roots != 1 || fromReplica {
		t.Errorf("while the replica is behind: %d roots, from it: %t", roots, fromReplica)
	}
	r.standby.Execute(t, `SELECT pg_wal_replay_resume()`)
	wantEqual(t, r.waitForReplica(), 1)
}

func TestALaggingOrMissingReplicaIsNotUsed(t *testing.T) {
	r := newReplicaFixture(t, 2*time.Second)
	r.wait(true)
	r.waitForReplica()

	r.standby.Execute(t, `SELECT pg_wal_replay_pause()`)
	r.build.Site("weekly") // something that the replica lacks
	r.wait(false)
	if _, fromReplica := r.read(); fromReplica {
		t.Error("a replica that is too far behind is asked")
	}
	r.standby.Execute(t, `SELECT pg_wal_replay_resume()`)
	r.wait(true)
	r.waitForReplica()

	r.standby.Kill()
	if _, fromReplica := r.read(); fromReplica {
		t.Error("a replica that is gone is said to have answered")
	}
	r.wait(false)
	r.standby.Restart(t)
	r.wait(true)
	r.waitForReplica()
}

func TestOnlyAPostgreSQLStandbyIsAReplica(t *testing.T) {
	sqlite := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	_, err := db.OpenReplica(sqlite, "postgres://h/d", time.Second)
	wantErr(t, err, db.ErrNoReplica)

	address := dbtest.PostgresURL(t)
	primary := dbtest.Migrated(t, address)
	replica := must[*db.Replica](t)(db.OpenReplica(primary, address, time.Second))
	defer replica.CloseReplica()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	replica.Follow(ctx, func(err error) { t.Errorf("reported %v after the end", err) })
	if _, _, err := replica.ThreadArticle(t.Context(), "daily", "quay"); err == nil {
		t.Error("there is no such site")
	}
}
