package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/db/dbtest"
	"rejoinder/web"
)

// reply is a response, possibly a refusal.
type reply struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

// ask sends a request, as JSON if there is a body.
func (p *program) ask(t *testing.T, method, path, body string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	began := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(raw), time.Since(began)}
}

// eventually polls until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	eventuallyWithin(t, startTime, what, holds)
}

// eventuallyWithin is eventually with another bound.
func eventuallyWithin(t *testing.T, bound time.Duration, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(bound)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s, even after %s", what, bound)
		}
	}
}

const (
	demoThread   = "/api/v1/sites/" + web.DemoSite + "/thread?article=" + web.DemoArticleKey
	demoComments = "/api/v1/sites/" + web.DemoSite + "/comments"
)

// cacheThread requests the demo's thread until the node has cached it, and returns it.
func (p *program) cacheThread(t *testing.T, metrics string) (thread reply) {
	t.Helper()
	eventually(t, "no page is kept", func() bool {
		thread = p.ask(t, http.MethodGet, demoThread, "")
		return strings.Contains(string(get(t, "http://"+metrics+"/metrics")), "rejoinder_page_cache_pages 1")
	})
	return thread
}

func newComment(body string) string {
	return fmt.Sprintf(`{"article":{"key":%q},"author_name":"Ada","author_email":"ada@mail.example","body":%q}`, web.DemoArticleKey, body)
}

func TestANodeWithoutItsDatabaseSendsCachedPagesAndRecovers(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	metrics := freeAddress(t)
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_DATABASE_URL=" + server.DSN(),
		"REJOINDER_METRICS_ADDR=" + metrics, "REJOINDER_QUERY_TIMEOUT=2s"}, "serve", "--demo")
	t.Cleanup(server.Resume)
	thread := p.cacheThread(t, metrics)
	if r := p.ask(t, http.MethodPost, demoComments, newComment("A comment before the outage.")); thread.status != http.StatusOK || r.status != http.StatusCreated {
		t.Fatalf("before: %+v, %+v", thread, r)
	}

	server.Pause()
	eventually(t, "the node is ready without its database", func() bool {
		return p.ask(t, http.MethodGet, "/readyz", "").status == http.StatusServiceUnavailable
	})
	eventually(t, "the metrics say that the database is there", func() bool {
		return strings.Contains(string(get(t, "http://"+metrics+"/metrics")), "rejoinder_database_reachable 0")
	})
	for range 3 {
		if r := p.ask(t, http.MethodGet, demoThread, ""); r.status != http.StatusOK || r.body != thread.body || r.took > time.Second {
			t.Errorf("a kept page: %+v", r)
		}
		r := p.ask(t, http.MethodPost, demoComments, newComment("A comment during the outage."))
		if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") != "5" || r.took > time.Second {
			t.Errorf("a comment: %+v", r)
		}
	}
	if r := p.ask(t, http.MethodGet, "/healthz", ""); r.status != http.StatusOK {
		t.Errorf("a live node says %+v", r)
	}
	p.checkPing(t, exitDone, "ok")
	p.checkPing(t, exitFailed, "503 Service Unavailable", "--ready")
	if r := p.ask(t, http.MethodGet, demoThread+"&sort=newest", ""); r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" {
		t.Errorf("a page that is not kept: %+v", r)
	}

	server.Resume()
	eventually(t, "the node does not heal", func() bool { return p.ask(t, http.MethodGet, "/readyz", "").status == http.StatusOK })
	p.checkPing(t, exitDone, "ok", "--ready")
	if r := p.ask(t, http.MethodPost, demoComments, newComment("A comment after the outage.")); r.status != http.StatusCreated {
		t.Errorf("afterwards: %+v\n%s", r, p.log)
	}
	if r := p.ask(t, http.MethodGet, demoThread+"&sort=newest", ""); r.status != http.StatusOK {
		t.Errorf("afterwards: %+v", r)
	}
	for _, line := range []string{"the database does not respond;", "the database responds again"} {
		if n := strings.Count(p.log.String(), line); n != 1 {
			t.Errorf("%q is logged %d times:\n%s", line, n, p.log)
		}
	}
}

func TestWithoutADatabaseStalePagesHaveATimeLimit(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	metrics := freeAddress(t)
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_DATABASE_URL=" + server.DSN(),
		"REJOINDER_METRICS_ADDR=" + metrics, "REJOINDER_QUERY_TIMEOUT=1s", "REJOINDER_STALE_IF_ERROR=8s"}, "serve", "--demo")
	p.cacheThread(t, metrics)
	server.Kill()
	eventually(t, "the node is ready without its database", func() bool {
		return p.ask(t, http.MethodGet, "/readyz", "").status == http.StatusServiceUnavailable
	})
	if r := p.ask(t, http.MethodGet, demoThread, ""); r.status != http.StatusOK {
		t.Errorf("within the limit: %+v\n%s", r, p.log)
	}
	eventually(t, "the page is sent for ever", func() bool {
		return p.ask(t, http.MethodGet, demoThread, "").status == http.StatusServiceUnavailable
	})
	server.Restart(t)
	eventually(t, "the node does not heal", func() bool { return p.ask(t, http.MethodGet, demoThread, "").status == http.StatusOK })
}

// checkPing checks a server like a container's health check.
func (p *program) checkPing(t *testing.T, code int, says string, flags ...string) {
	t.Helper()
	addr := "--addr=" + strings.TrimPrefix(p.url, "http://")
	out, errs, got := runProgram(t, nil, "", append([]string{"ping", addr}, flags...)...)
	if got != code || !strings.Contains(out+errs, says) {
		t.Errorf("ping %v: exit code %d, %q; want %d and %q", flags, got, out+errs, code, says)
	}
}
