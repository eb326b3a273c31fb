package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"rejoinder/web"
)

const (
	crashSubmissions = 500
	crashSenders     = 50
	crashAfter       = 150 // acknowledged submissions after which the plug is pulled
)

// acknowledgement is the content of a response with status 201.
type acknowledgement struct {
	id      string
	receipt string
}

// submissionBurst is a number of distinct submissions, sent by many clients at once and, after a crash, once
// more.
type submissionBurst struct {
	url   string
	acked sync.Map // int → acknowledged
	count atomic.Int32
}

func TestEveryAcknowledgedSubmissionSurvivesKill9(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		env = append(env, "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SITE_LIMIT=0")
		b := &submissionBurst{}
		first := startProgram(t, env, "serve", "--demo")
		b.url = first.url
		b.sendAll(t, func() {
			if b.count.Load() == crashAfter {
				first.cmd.Process.Kill() //nolint:errcheck // it may be gone already
			}
		})
		<-first.ended
		before := b.snapshot()
		if n := len(before); n < crashAfter || n == crashSubmissions {
			t.Fatalf("%d of %d submissions were acknowledged: the crash was not in the middle", n, crashSubmissions)
		}

		second := startProgram(t, env, "serve", "--demo")
		b.url = second.url
		for i, a := range before {
			b.checkShown(t, i, a)
		}
		b.sendAll(t, func() {})
		after := b.snapshot()
		if len(after) != crashSubmissions {
			t.Fatalf("%d of %d submissions were acknowledged in the end\n%s", len(after), crashSubmissions, second.log)
		}
		for i, a := range before {
			if after[i] != a {
				t.Errorf("submission %d: acknowledged as %s before the crash, and as %s when sent again", i, a.id, after[i].id)
			}
		}
		second.stop(t)
		checkRows(t, env)
		if out, errs, code := runProgram(t, env, "", "verify"); code != exitDone {
			t.Errorf("rejoinder verify: %s%s", out, errs)
		}
	})
}

// sendAll sends every submission once, with its own Idempotency-Key. Broken connections are expected: the
// server crashes.
func (b *submissionBurst) sendAll(t *testing.T, onAck func()) {
	t.Helper()
	var senders sync.WaitGroup
	next := make(chan int)
	for range crashSenders {
		senders.Go(func() {
			for i := range next {
				if a, ok := b.send(t, i); ok {
					b.acked.Store(i, a)
					b.count.Add(1)
					onAck()
				}
			}
		})
	}
	for i := range crashSubmissions {
		next <- i
	}
	close(next)
	senders.Wait()
}

func (b *submissionBurst) send(t *testing.T, i int) (acknowledgement, bool) {
	body, err := json.Marshal(map[string]any{
		"article":      map[string]string{"key": web.DemoArticleKey},
		"author_name":  fmt.Sprintf("Reader %d", i%40),
		"author_email": fmt.Sprintf("reader%d@mail.example", i%40),
		"body":         crashBody(i),
	})
	if err != nil {
		t.Error(err)
		return acknowledgement{}, false
	}
	req, err := http.NewRequest(http.MethodPost, b.url+"/api/v1/sites/"+web.DemoSite+"/comments", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return acknowledgement{}, false
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", fmt.Sprintf("crash-%d", i))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return acknowledgement{}, false
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return acknowledgement{}, false
	}
	if resp.StatusCode != http.StatusCreated {
		t.Errorf("submission %d: status %d: %.300s", i, resp.StatusCode, raw)
		return acknowledgement{}, false
	}
	var answer struct {
		Comment struct{ ID string }
		Receipt string
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Errorf("submission %d: %v", i, err)
		return acknowledgement{}, false
	}
	return acknowledgement{answer.Comment.ID, answer.Receipt}, true
}

func crashBody(i int) string {
	return fmt.Sprintf("Submission number %d, with a thought of its own: %s.", i, strings.Repeat(string(rune('a'+i%26)), 1+i%7))
}

func (b *submissionBurst) snapshot() map[int]acknowledgement {
	all := map[int]acknowledgement{}
	b.acked.Range(func(key, value any) bool {
		all[key.(int)] = value.(acknowledgement)
		return true
	})
	return all
}

func (b *submissionBurst) checkShown(t *testing.T, i int, a acknowledgement) {
	t.Helper()
	var shown struct{ Comment struct{ Body string } }
	status := call(t, http.MethodGet, b.url+"/api/v1/comments/"+a.id, a.receipt, nil, &shown)
	if status != http.StatusOK || shown.Comment.Body != crashBody(i) {
		t.Errorf("submission %d was acknowledged, and after the crash: status %d, body %q", i, status, shown.Comment.Body)
	}
}

// checkRows reads the tables and requires that everything exists once.
func checkRows(t *testing.T, env []string) {
	t.Helper()
	database := openRaw(t, env)
	for what, query := range map[string]string{
		"comments":                    `SELECT abs(count(*) - 500) FROM comments`,
		"submissions":                 `SELECT abs(count(*) - 500) FROM submissions`,
		"decisions":                   `SELECT abs(count(*) - 500) FROM decisions`,
		"bodies that are there twice": `SELECT count(*) - count(DISTINCT body_html) FROM comments`,
	} {
		var n int
		if err := database.QueryRow(query).Scan(&n); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if n != 0 {
			t.Errorf("%s: off by %d", what, n)
		}
	}
}

// openRaw opens the database of a server's environment, without our code.
func openRaw(t *testing.T, env []string) *sql.DB {
	t.Helper()
	driver, source := "postgres", databaseURL(env)
	if path, ok := sqlitePath(env); ok {
		driver, source = "sqlite", path
	}
	database, err := sql.Open(driver, source)
	if err != nil {
		t.Fatalf("open %s: %v", driver, err)
	}
	t.Cleanup(func() { database.Close() })
	return database
}

func databaseURL(env []string) string {
	for _, variable := range env {
		if url, ok := strings.CutPrefix(variable, "REJOINDER_DATABASE_URL="); ok {
			return url
		}
	}
	return ""
}

// sqlitePath is the path of the database file; false on PostgreSQL.
func sqlitePath(env []string) (string, bool) {
	return strings.CutPrefix(databaseURL(env), "sqlite:")
}
