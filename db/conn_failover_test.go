package db_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// openWith opens a migrated database with options.
func openWith(t *testing.T, address string, o db.Options) *db.DB {
	t.Helper()
	o.Now = time.Now
	d := must[*db.DB](t)(db.Open(t.Context(), address, o))
	t.Cleanup(func() { ok(t, d.Close()) })
	ok(t, d.Migrate(t.Context()))
	return d
}

// openConnections opens several connections and leaves them idle.
func openConnections(t *testing.T, d *db.DB) {
	t.Helper()
	for range 6 {
		conn, err := db.Raw(d).Connx(t.Context())
		ok(t, err)
		defer conn.Close()
	}
}

func TestErrorsNameEveryHostAndNoPassword(t *testing.T) {
	for name, tc := range map[string]struct{ hosts, want string }{
		"ports of their own":        {"127.0.0.1:1,127.0.0.1:2", "at 127.0.0.1:1, 127.0.0.1:2: 127.0.0.1:1: dial"},
		"the last without a port":   {"127.0.0.1:1,127.0.0.2", "at 127.0.0.1:1, 127.0.0.2:5432: "},
		"the first without a port":  {"127.0.0.1,127.0.0.2:1", "at 127.0.0.1:5432, 127.0.0.2:1: "},
		"an address of version six": {"[::1]:1,127.0.0.1:2", "at [::1]:1, 127.0.0.1:2: "},
		"no port":                   {"[::1],127.0.0.1", "at [::1]:5432, 127.0.0.1:5432: "},
		"a host without a name":     {"127.0.0.1:1,", "one of the hosts has no name"},
		"a port that is no number":  {"127.0.0.1:x,127.0.0.1:1", "database URL: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := db.Open(t.Context(), "postgres://u:secret@"+tc.hosts+"/d?sslmode=disable", db.Options{})
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
}

func TestTheHostThatAcceptsWritesIsUsedEvenAfterAFailover(t *testing.T) {
	primary := dbtest.StartPostgres(t)
	migrated := openWith(t, primary.DSN(), db.Options{})
	site := dbtest.Build(t, migrated).Site("daily")
	standby := primary.Standby(t)
	address := "postgres://rejoinder@/postgres?sslmode=disable&host=" + standby.Folder() + "," + primary.Folder()
	d := openWith(t, address, db.Options{})
	ok(t, d.Ping(t.Context()))
	ok(t, d.Backup(t.Context(), address, filepath.Join(t.TempDir(), "dump")))
	ok(t, d.Sites.UpdateSite(t.Context(), site, nil))
	site.Version++

	primary.Kill()
	err := d.Sites.UpdateSite(t.Context(), site, nil)
	wantErr(t, err, moderation.ErrBusy) // the other host is a standby
	standby.Execute(t, `SELECT pg_promote()`)
	ok(t, d.Sites.UpdateSite(t.Context(), site, nil))
	_, err = d.Sites.Sites(t.Context())
	ok(t, err)
	ok(t, d.Ping(t.Context()))
}

func TestAConnectionThatBecameReadOnlyIsReplaced(t *testing.T) {
	d := openWith(t, dbtest.PostgresURL(t), db.Options{Connections: 1})
	site := dbtest.Build(t, d).Site("daily")
	db.Raw(d).MustExecContext(t.Context(), `SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY`)
	ok(t, d.Sites.UpdateSite(t.Context(), site, nil))
	ok(t, d.Ping(t.Context()))
}

func TestConnectionsThatWereTerminatedCostNobodyAnError(t *testing.T) {
	address := dbtest.PostgresURL(t)
	d := openWith(t, address+"&application_name=victim", db.Options{})
	site := dbtest.Build(t, d).Site("daily")
	other := openWith(t, address, db.Options{})
	for range 3 {
		openConnections(t, d)
		db.Raw(other).MustExecContext(t.Context(),
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'`)
		_, err := d.Sites.Sites(t.Context())
		ok(t, err)
		openConnections(t, d)
		db.Raw(other).MustExecContext(t.Context(),
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'`)
		ok(t, d.Sites.UpdateSite(t.Context(), site, nil))
		site.Version++
	}
}

func TestConnectionsAreReplacedWhileOthersAreInUse(t *testing.T) {
	address := dbtest.PostgresURL(t)
	d := openWith(t, address+"&application_name=victim", db.Options{Connections: 8})
	dbtest.Build(t, d).Site("daily")
	other := openWith(t, address, db.Options{})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	readers, ctx := errgroup.WithContext(ctx)
	for range 16 {
		readers.Go(func() error {
			for ctx.Err() == nil {
				_, err := d.Sites.Sites(ctx)
				if err != nil && ctx.Err() == nil && !errors.Is(err, moderation.ErrBusy) {
					return err
				}
			}
			return nil
		})
	}
	for range 40 {
		var ended int
		ok(t, db.Raw(other).GetContext(t.Context(), &ended,
			`SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'victim'`))
	}
	stop()
	ok(t, readers.Wait())
	_, err := d.Sites.Sites(t.Context())
	ok(t, err)
}

func TestWithoutPreparedStatementsNoneIsLeftOnAConnection(t *testing.T) {
	for unprepared, want := range map[bool]bool{false: false, true: true} {
		d := openWith(t, dbtest.PostgresURL(t), db.Options{Connections: 1, NoPreparedStatements: unprepared})
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "quay")
		for range 2 { // a transaction prepares statements for the next one
			b.Comment(article, dbtest.Draft{})
			_, err := d.Threads.ArticleVersion(t.Context(), "daily", "quay")
			ok(t, err)
		}
		n := queryInt(t, d, `SELECT COUNT(*) FROM pg_prepared_statements`)
		if got := n == 0; got != want {
			t.Errorf("unprepared %t: %d prepared statements", unprepared, n)
		}
	}
}

func TestNotificationsComeFromTheListenURL(t *testing.T) {
	address := dbtest.PostgresURL(t)
	d := openWith(t, address, db.Options{ListenURL: address + "&application_name=listener"})
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(chan moderation.Change, 8), make(chan error, 1)
	go func() { ended <- d.Watch(ctx, func(c moderation.Change) { told <- c }) }()
	wantEqual(t, (<-told).Kind, moderation.ChangeResync)
	wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'listener'`), 1)
	cancel()
	ok(t, <-ended)

	_, err := db.Open(t.Context(), address, db.Options{ListenURL: "postgres://u:secret@127.0.0.1:1/d?sslmode=disable"})
	wantErr(t, err, moderation.ErrBusy)
	if want := "listen: can't connect to PostgreSQL at 127.0.0.1:1: connection refused"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

// cutter forwards connections to a server, and breaks the one that sends the next COMMIT.
type cutter struct {
	net.Listener
	server string // socket
	armed  atomic.Int32
}

// When a connection is broken.
const (
	beforeCommit = 1 // the server never gets the COMMIT
	afterCommit  = 2 // the client never gets the response
)

func newCutter(t *testing.T, server string) *cutter {
	t.Helper()
	c := &cutter{Listener: must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0")), server: server}
	t.Cleanup(func() { c.Close() })
	go func() {
		for {
			client, err := c.Accept()
			if err != nil {
				return
			}
			go c.forward(client)
		}
	}()
	return c
}

func (c *cutter) forward(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	var silent atomic.Bool
	go func() {
		defer client.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if err != nil || silent.Load() {
				return // the COMMIT has its response now
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		if strings.Contains(string(buffer[:n]), "COMMIT\x00") {
			switch c.armed.Swap(0) {
			case beforeCommit:
				return
			case afterCommit:
				silent.Store(true)
			}
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		if silent.Load() {
			io.Copy(io.Discard, client) //nolint:errcheck // until the response has come
			return
		}
	}
}

func TestASubmissionWhoseCommitIsUnknownIsStoredOnce(t *testing.T) {
	server := dbtest.StartPostgres(t)
	proxy := newCutter(t, server.Folder()+"/.s.PGSQL.5432")
	d := openWith(t, "postgres://rejoinder@"+proxy.Addr().String()+"/postgres?sslmode=disable", db.Options{})
	b := dbtest.Build(t, d)
	site := b.Site("daily")
	article := b.Article(site, "quay")
	for i, when := range []int32{beforeCommit, afterCommit} {
		for _, key := range []string{"", "key"} {
			draft := dbtest.Draft{Status: moderation.StatusApproved}
			if key != "" {
				draft.IdempotencyKey = key + string(rune('a'+i))
			}
			n := b.NewComment(article, draft)
			proxy.armed.Store(when)
			created := must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
			wantEqual(t, created.ID, n.Comment.ID)
			wantEqual(t, proxy.armed.Load(), int32(0))
			stored, _ := commentText(t, d, n.Comment.ID)
			wantEqual(t, stored, created)
		}
	}
	wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM comments`), 4)
	checkCounters(t, d)

	proxy.armed.Store(afterCommit)
	wantErr(t, d.Sites.UpdateSite(t.Context(), site, nil), moderation.ErrBusy) // nobody can tell
}

func TestTheEndOfARequestDoesNotCancelItsCommit(t *testing.T) {
	address := dbtest.PostgresURL(t)
	d, other := openWith(t, address, db.Options{}), openWith(t, address, db.Options{})
	site := dbtest.Build(t, d).Site("daily")
	// COMMIT waits for a lock, as it would for a synchronous standby.
	db.Raw(d).MustExecContext(t.Context(), `
		CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN PERFORM pg_advisory_xact_lock_shared(7734); RETURN NULL; END $$;
		CREATE CONSTRAINT TRIGGER wait_at_commit AFTER UPDATE ON sites DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION wait_at_commit()`)
	lock, err := db.Raw(other).BeginTxx(t.Context(), nil)
	ok(t, err)
	defer lock.Rollback()
	lock.MustExecContext(t.Context(), `SELECT pg_advisory_xact_lock(7734)`)

	ctx, cancel := context.WithCancel(t.Context())
	written := make(chan error, 1)
	go func() { written <- d.Sites.UpdateSite(ctx, site, nil) }()
	for queryInt(t, other, `SELECT COUNT(*) FROM pg_locks WHERE objid = 7734 AND NOT granted`) == 0 {
		runtime.Gosched() // the query itself takes its time
	}
	cancel()
	ok(t, lock.Rollback())
	ok(t, <-written)
}
