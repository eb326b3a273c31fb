package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/web"
)

const (
	loadClients = 8
	retryPause  = 20 * time.Millisecond // between attempts while nobody answers
)

// faultRounds is how often a fault is injected: three times, or more often with REJOINDER_FAULTS=full.
func faultRounds(promised int) int {
	if os.Getenv("REJOINDER_FAULTS") == "full" {
		return promised
	}
	return 3
}

// writeLoad is a write load during faults: readers submit comments, and a moderator approves some of them.
// Requests without a response are repeated, with the same key, to any node that responds.
type writeLoad struct {
	nodes    []string
	token    string
	client   *http.Client
	sent     sync.Map // number → id of the comment that a 201 named
	approved sync.Map // id of a comment whose approval was acknowledged
	answered atomic.Int64
	cancel   context.CancelFunc
	clients  sync.WaitGroup
}

// startWriteLoad starts a load that ends with the test, or when stop is called.
func startWriteLoad(t *testing.T, token string, nodes ...string) *writeLoad {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &writeLoad{nodes: nodes, token: token, cancel: cancel, client: &http.Client{
		Timeout: startTime, Transport: &http.Transport{MaxIdleConnsPerHost: loadClients}}}
	for client := range loadClients {
		l.clients.Go(func() { l.runClient(ctx, t, client) })
	}
	t.Cleanup(l.stop)
	return l
}

// stop ends the load and waits until every client has finished its current step.
func (l *writeLoad) stop() {
	l.cancel()
	l.clients.Wait()
}

// waitForProgress waits until so many further requests have succeeded. The number differs each round.
func (l *writeLoad) waitForProgress(t *testing.T, round int) {
	t.Helper()
	from, more := l.answered.Load(), 20+rand.New(rand.NewPCG(uint64(round), 1)).Int64N(60)
	eventually(t, "nothing is answered any more", func() bool { return l.answered.Load() >= from+more })
}

func (l *writeLoad) runClient(ctx context.Context, t *testing.T, client int) {
	for n := client; ctx.Err() == nil; n += loadClients {
		var made struct {
			Comment struct{ ID string }
		}
		status := l.sendWithRetries(ctx, t, loadRequest{number: n, path: "/api/v1/sites/" + web.DemoSite + "/comments", target: &made,
			body: map[string]any{
				"article": map[string]string{"key": web.DemoArticleKey}, "author_name": fmt.Sprintf("Reader %d", n),
				"author_email": fmt.Sprintf("reader%d@mail.example", n), "body": loadBody(n),
			}})
		if status != http.StatusCreated {
			return // it is over
		}
		l.sent.Store(n, made.Comment.ID)
		if n%3 != 0 {
			continue
		}
		status = l.sendWithRetries(ctx, t, loadRequest{number: n, path: "/api/v1/comments/" + made.Comment.ID + "/decisions", token: l.token,
			body: map[string]any{"action": "approve", "version": 1}})
		// Stale: an attempt without a response was committed.
		if status == http.StatusOK || status == http.StatusConflict {
			l.approved.Store(made.Comment.ID, true)
		}
	}
}

func loadBody(n int) string {
	return fmt.Sprintf("In the year %d the harbour had %d boats, and reader %d counted them.", 1000+n, n*n%911, n)
}

// loadRequest is one request of a client.
type loadRequest struct {
	number int
	path   string
	token  string
	body   any
	target any
}

// sendWithRetries repeats a request until it gets a response, and returns the status; 0 when the load has
// ended. A node may be gone, or respond with 503; any other failure fails the test.
func (l *writeLoad) sendWithRetries(ctx context.Context, t *testing.T, r loadRequest) int {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		status, raw, err := l.send(ctx, l.nodes[(r.number+attempt)%len(l.nodes)], r)
		switch {
		case err != nil, status == http.StatusServiceUnavailable:
			select {
			case <-time.After(retryPause):
			case <-ctx.Done():
			}
			continue
		case status == http.StatusCreated, status == http.StatusOK, status == http.StatusConflict && attempt > 0:
		default:
			t.Errorf("%s, attempt %d: status %d: %.300s", r.path, attempt, status, raw)
		}
		if r.target != nil && status < http.StatusBadRequest {
			if err := json.Unmarshal(raw, r.target); err != nil {
				t.Errorf("%s: %v", r.path, err)
			}
		}
		l.answered.Add(1)
		return status
	}
	return 0
}

func (l *writeLoad) send(ctx context.Context, node string, r loadRequest) (int, []byte, error) {
	raw, err := json.Marshal(r.body)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, node+r.path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", fmt.Sprintf("load-%d", r.number))
	request.Header.Set("X-Forwarded-For", fmt.Sprintf("198.%d.%d.7", 18+r.number>>8&1, r.number&255))
	if r.token != "" {
		request.Header.Set("Authorization", "Bearer "+r.token)
	}
	answer, err := l.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	raw, err = io.ReadAll(answer.Body)
	return answer.StatusCode, raw, err
}

// checkConsistency stops the load and checks the result: every acknowledged write exists exactly once,
// counters equal rows, and nothing is public without an approval. A server must run at url.
func (l *writeLoad) checkConsistency(t *testing.T, env []string, url string) {
	t.Helper()
	l.stop()
	if out, errs, code := runProgram(t, env, "", "verify"); code != exitDone {
		t.Errorf("rejoinder verify: %s%s", out, errs)
	}
	database := openRaw(t, env)
	count := func(query string, args ...any) (n int) {
		t.Helper()
		if err := database.QueryRow(query, args...).Scan(&n); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return n
	}
	engine := db.Postgres
	if _, ok := sqlitePath(env); ok {
		engine = db.SQLite
	}
	id := dbtest.IDExpr(engine, `$1`)
	total := 0
	l.sent.Range(func(number, sent any) bool {
		total++
		html := "<p>" + loadBody(number.(int)) + "</p>"
		if n := count(`SELECT COUNT(*) FROM submissions s JOIN comments c ON c.id = s.comment_id
			WHERE c.id = `+id+` AND c.body_html = $2`, sent, html); n != 1 {
			t.Errorf("submission %d was answered and is there %d times", number, n)
		}
		return true
	})
	decided := 0
	l.approved.Range(func(approved, _ any) bool {
		decided++
		if n := count(`SELECT COUNT(*) FROM comments c JOIN decisions d ON d.comment_id = c.id AND d.version = c.version
			WHERE c.id = `+id+` AND c.status = 'approved' AND d.actor = 'moderator'`, approved); n != 1 {
			t.Errorf("the approval of %s was answered and is there %d times", approved, n)
		}
		return true
	})
	for what, query := range map[string]string{
		"bodies there twice":     `SELECT COUNT(*) - COUNT(DISTINCT body_html) FROM comments`,
		"comments decided twice": `SELECT COUNT(*) - COUNT(DISTINCT comment_id) FROM decisions WHERE actor = 'moderator'`,
	} {
		if n := count(query); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	if total == 0 || decided == 0 {
		t.Errorf("%d submissions and %d approvals were answered", total, decided)
	}
	l.checkOnlyApprovedShown(t, url, func(shown string) bool {
		return count(`SELECT COUNT(*) FROM comments WHERE id = `+id+` AND status = 'approved'`, shown) == 1
	})
	t.Logf("%d submissions and %d approvals were answered", total, decided)
}

var shownID = regexp.MustCompile(`"id":"([0-9a-f-]{36})"`)

func (l *writeLoad) checkOnlyApprovedShown(t *testing.T, url string, approved func(id string) bool) {
	t.Helper()
	for cursor := ""; ; {
		var page struct {
			Comments   json.RawMessage
			NextCursor string `json:"next_cursor"`
		}
		if status := call(t, http.MethodGet, url+demoThread+"&limit=100&cursor="+cursor, "", nil, &page); status != http.StatusOK {
			t.Fatalf("the thread: status %d", status)
		}
		for _, m := range shownID.FindAllSubmatch(page.Comments, -1) {
			if !approved(string(m[1])) {
				t.Errorf("%s is public, and nobody approved it", m[1])
			}
		}
		if cursor = page.NextCursor; cursor == "" {
			return
		}
	}
}
