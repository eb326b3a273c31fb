package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rejoinder/web"
)

// killRounds is how often a test kills on each engine: once, or as often as REJOINDER_KILL_ROUNDS says. `make
// stress` sets it.
func killRounds(t *testing.T) int {
	t.Helper()
	value := os.Getenv("REJOINDER_KILL_ROUNDS")
	if value == "" {
		return 1
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		t.Fatalf("REJOINDER_KILL_ROUNDS is %q, not a number above 0", value)
	}
	return n
}

const hookComments = 60

// receiver is a webhook's server that keeps the ids of the deliveries about each comment.
type receiver struct {
	url string
	mu  sync.Mutex
	ids map[string][]string // by comment
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{ids: map[string][]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		var event struct {
			Data struct{ Comment struct{ ID string } }
		}
		if err := json.NewDecoder(req.Body).Decode(&event); err != nil {
			t.Errorf("delivery: %v", err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ids[event.Data.Comment.ID] = append(r.ids[event.Data.Comment.ID], req.Header.Get("webhook-id"))
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// about returns the ids of the deliveries about a comment, in the order in which they came.
func (r *receiver) about(comment string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids[comment]
}

func (r *receiver) comments() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ids)
}

// TestNoWebhookIsLostByKill9 kills the server while it sends: each approval must be delivered, and a repeated
// delivery must have the same id.
func TestNoWebhookIsLostByKill9(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, env []string) {
		t.Parallel() // it mostly waits for claims of the killed server to end
		env = append(env, "REJOINDER_ADDRESS_LIMIT=0", "REJOINDER_SITE_LIMIT=0", "REJOINDER_OUTBOUND_NETWORKS=127.0.0.1")
		for round := range killRounds(t) {
			t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) { killWhileDelivering(t, env, round) })
		}
	})
}

func killWhileDelivering(t *testing.T, env []string, round int) {
	r := newReceiver(t)
	first := startProgram(t, env, "serve", "--demo")
	token := first.signIn(t)
	if status := call(t, http.MethodPost, first.url+"/api/v1/sites/"+web.DemoSite+"/webhooks", token, map[string]any{
		"name": fmt.Sprintf("round %d", round), "type": "standard", "url": r.url, "events": []string{"comment.approved"},
	}, nil); status != http.StatusCreated {
		t.Fatalf("add webhook: status %d", status)
	}
	ids := make([]string, hookComments)
	for i := range ids {
		ids[i] = submitForMail(t, first.url, fmt.Sprintf("reader%d@mail.example", i%mailReaders),
			crashBody(i)+fmt.Sprintf(" Round %d.", round))
	}
	var killed sync.Once
	kill := func() { killed.Do(func() { first.cmd.Process.Kill() }) } //nolint:errcheck // it may be gone already
	if round%2 == 0 {
		approveAll(first.url, token, ids, func(n int) {
			if n == hookComments/3+round%20 {
				kill()
			}
		})
	} else { // when nothing changes any more, while it sends
		approveAll(first.url, token, ids, func(int) {})
		eventuallyWithin(t, mailTime, "deliveries are missing", func() bool { return r.comments() > round%20 })
		kill()
	}
	<-first.ended
	before := r.comments()
	second := startProgram(t, env, "serve", "--demo")
	defer second.stop(t)
	approveAll(second.url, second.signIn(t), ids, func(int) {})
	repeated := 0
	for _, id := range ids {
		eventuallyWithin(t, mailTime, "there is no delivery about "+id, func() bool { return len(r.about(id)) > 0 })
		deliveries := r.about(id)
		repeated += len(deliveries) - 1
		for _, again := range deliveries[1:] {
			if again != deliveries[0] {
				t.Errorf("two deliveries about %s: %s and %s", id, deliveries[0], again)
			}
		}
	}
	t.Logf("%d deliveries before the kill, %d repeated", before, repeated)
	if repeated > 1 { // a webhook gets one delivery at a time
		t.Errorf("%d deliveries were repeated", repeated)
	}
}

const (
	killedPages = 20
	// killedComments is the number of comments of the file for each kill.
	killedComments = 6000
)

// parentInFile returns the comment that comment i of n replies to, on the same page; false if it is a root.
func parentInFile(i, n int) (int, bool) {
	parent := i - killedPages
	if i%2 == 0 {
		parent = i + killedPages
	}
	return parent, i%3 == 1 && 0 <= parent && parent < n
}

// killedFile writes a CSV export with n comments. Half of the replies come before the comment that they reply to.
func killedFile(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,parent_id,url,author,email,date,status,text\n")
	for i := range n {
		parent := ""
		if other, ok := parentInFile(i, n); ok {
			parent = strconv.Itoa(other)
		}
		status := []string{"approved", "approved", "spam", "pending"}[i/7%4]
		fmt.Fprintf(&b, "%d,%s,https://gazette.example/page-%d,Reader %d,reader%d@mail.example,%s,%s,%q\n", i, parent,
			i%killedPages, i%200, i%200, time.Date(2020, 1, 1, 0, i, 0, 0, time.UTC).Format(time.RFC3339), status, crashBody(i))
	}
	path := filepath.Join(t.TempDir(), "comments.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAnImportContinuesAfterKill9 kills an import and runs it again, until it is done: each comment must be there
// once, and the counters must equal the rows.
func TestAnImportContinuesAfterKill9(t *testing.T) {
	t.Parallel()
	rounds := killRounds(t)
	total := killedComments * rounds
	file := killedFile(t, total)
	eachEngine(t, func(t *testing.T, env []string) {
		if out, errs, code := runProgram(t, env, "", "site", "add", "--slug", "gazette", "--name", "Gazette",
			"--origin", "https://gazette.example"); code != exitDone {
			t.Fatalf("add site: %s%s", out, errs)
		}
		database := openRaw(t, env)
		random := rand.New(rand.NewPCG(9, uint64(rounds)))
		kills := 0
		for round := range rounds {
			after := int((float64(round) + random.Float64()) * killedComments)
			if killImport(t, env, file, max(after, countComments(t, database)+1)) {
				kills++
			}
		}
		t.Logf("%d of %d kills hit a running import; %d of %d comments are there", kills, rounds,
			countComments(t, database), total)
		if kills < (rounds+1)/2 {
			t.Errorf("%d of %d kills hit a running import", kills, rounds)
		}
		if out, errs, code := runProgram(t, env, "", "import", "--site", "gazette", file); code != exitDone {
			t.Fatalf("the last run: %s%s", out, errs)
		}
		checkImported(t, env, total)
	})
}

// killImport kills an import once there are n comments, and reports whether it still ran.
func killImport(t *testing.T, env []string, file string, n int) bool {
	t.Helper()
	cmd := programCommand(env, "import", "--site", "gazette", file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	database := openRaw(t, env)
	for countComments(t, database) < n {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("import: %v", err)
			}
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
	cmd.Process.Kill() //nolint:errcheck // it may be gone already
	return <-ended != nil
}

func countComments(t *testing.T, database *sql.DB) int {
	t.Helper()
	var n int
	if err := database.QueryRow(`SELECT COUNT(*) FROM comments`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// checkImported requires that each comment is there once with its parent, and that the counters are right.
func checkImported(t *testing.T, env []string, total int) {
	t.Helper()
	replies := 0
	for i := range total {
		if _, ok := parentInFile(i, total); ok {
			replies++
		}
	}
	database := openRaw(t, env)
	for query, want := range map[string]int{
		`SELECT COUNT(*) FROM comments`:                             total,
		`SELECT COUNT(DISTINCT body_html) FROM comments`:            total,
		`SELECT COUNT(*) FROM submissions`:                          total,
		`SELECT COUNT(*) FROM decisions`:                            total,
		`SELECT COUNT(*) FROM imported_comments`:                    total,
		`SELECT COUNT(*) FROM articles`:                             killedPages,
		`SELECT COUNT(*) FROM imports`:                              1,
		`SELECT COUNT(*) FROM comments WHERE parent_id IS NOT NULL`: replies,
		`SELECT COUNT(*) FROM comments c JOIN comments p ON p.id = c.parent_id
			WHERE p.article_id <> c.article_id OR c.depth <> p.depth + 1`: 0,
	} {
		var n int
		if err := database.QueryRow(query).Scan(&n); err != nil {
			t.Errorf("%s: %v", query, err)
		} else if n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	if out, errs, code := runProgram(t, env, "", "verify"); code != exitDone {
		t.Errorf("rejoinder verify: %s%s", out, errs)
	}
}
