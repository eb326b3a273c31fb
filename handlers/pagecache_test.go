package handlers_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// countedReads counts the reads of roots, one for each rendering.
type countedReads struct {
	moderation.ThreadStore
	roots atomic.Int64
	gate  chan struct{} // reading waits for it, unless nil
}

func (c *countedReads) ThreadRoots(ctx context.Context, sel moderation.RootsSelect) ([]moderation.Branch, error) {
	c.roots.Add(1)
	if c.gate != nil {
		<-c.gate
	}
	return c.ThreadStore.ThreadRoots(ctx, sel)
}

func counted(reads *countedReads) func(*testServer) {
	return func(h *testServer) {
		reads.ThreadStore = h.Threads.Store
		h.Threads.Store = reads
	}
}

// fetch requests a page with that Accept-Encoding.
func (h *testServer) fetch(path, accept string) reply {
	return h.send(call{method: http.MethodGet, path: path, header: map[string]string{"Accept-Encoding": accept}})
}

// plain decodes the body of a response.
func (r reply) plain() string {
	r.t.Helper()
	var reader io.Reader = bytes.NewReader(r.body)
	switch r.header.Get("Content-Encoding") {
	case "br":
		reader = brotli.NewReader(reader)
	case "gzip":
		reader = must(gzip.NewReader(reader))(r.t)
	}
	return string(must(io.ReadAll(reader))(r.t))
}

func TestTheDemoIsCompressedLikeOtherPages(t *testing.T) {
	h := newTestServer(t)
	for coding, accept := range map[string]string{"br": "gzip, br", "gzip": "gzip", "": "identity"} {
		for _, time := range []string{"first", "second"} { // the second one is served before the router
			r := h.fetch("/demo", accept)
			if r.status != http.StatusOK || r.header.Get("Content-Encoding") != coding || !strings.Contains(r.plain(), "below the fold") {
				t.Errorf("%s, %s: %d, Content-Encoding %q", accept, time, r.status, r.header.Get("Content-Encoding"))
			}
			if !strings.Contains(r.header.Get("Content-Security-Policy"), "script-src 'self'") {
				t.Errorf("%s, %s: the policy is %q", accept, time, r.header.Get("Content-Security-Policy"))
			}
		}
	}
}

func TestAFloodOfRequestsForOnePageReadsItOnce(t *testing.T) {
	reads := &countedReads{gate: make(chan struct{})}
	h := newTestServer(t, counted(reads))
	h.approved("quay", "", "a")
	var waiting, done sync.WaitGroup
	for range 50 {
		waiting.Add(1)
		done.Go(func() {
			waiting.Done()
			if r := h.fetch(paperThread, "br"); r.status != http.StatusOK || !strings.Contains(r.plain(), "a, please publish") {
				t.Errorf("status %d: %s", r.status, r.body)
			}
		})
	}
	waiting.Wait()
	close(reads.gate)
	done.Wait()
	if n := reads.roots.Load(); n != 1 {
		t.Errorf("the page was read %d times", n)
	}
}

func TestADecisionShowsAtOnceOnACachedPage(t *testing.T) {
	reads := &countedReads{}
	h := newTestServer(t, counted(reads))
	h.approved("quay", "", "first")
	wants := func(text string, shown bool) {
		t.Helper()
		for range 3 {
			r := h.fetch(paperThread, "gzip")
			if r.header.Get("Content-Encoding") != "gzip" {
				t.Fatalf("the page is not kept: %v", r.header)
			}
			if strings.Contains(r.plain(), text) != shown {
				t.Fatalf("%q is shown: %t, want %t: %s", text, !shown, shown, r.plain())
			}
		}
	}
	wants("second", false)
	id := h.comment("quay", "", "Bo Lund", "the second waits")
	wants("second", false)
	h.decide(id, moderation.ActionApprove)
	wants("second", true)
	h.decide(id, moderation.ActionReject)
	wants("second", false)
	own := h.submit("third, please publish it")
	wants("third", true)
	h.do(call{method: http.MethodDelete, path: "/api/v1/comments/" + own.Comment.ID, token: own.Receipt}).want(http.StatusNoContent, nil)
	wants("third", false)
	h.closeArticle("quay")
	wants(`"closed":true`, true)
	if n := reads.roots.Load(); n != 6 {
		t.Errorf("there were 6 different pages, read %d times", n)
	}
}

// silentChanges receives no notification of changes.
type silentChanges struct{}

func (silentChanges) Watch(ctx context.Context, tell func(moderation.Change)) error {
	tell(moderation.Change{Kind: moderation.ChangeResync})
	<-ctx.Done()
	return nil
}

func TestALostNotificationHealsWithinSeconds(t *testing.T) {
	reads := &countedReads{}
	h := newTestServer(t, counted(reads), func(h *testServer) { h.Changes = silentChanges{} })
	id := h.approved("quay", "", "first")
	h.fetch(paperThread, "br")
	h.decide(id, moderation.ActionReject)
	if r := h.fetch(paperThread, "br"); !strings.Contains(r.plain(), "first") {
		t.Fatal("without notices the page is not kept: this test shows nothing")
	}
	h.clock.advance(2 * time.Second)
	if r := h.fetch(paperThread, "br"); strings.Contains(r.plain(), "first") {
		t.Error("after two seconds the page is unchanged")
	}
	for range 5 {
		h.clock.advance(2 * time.Second)
		h.fetch(paperThread, "br")
	}
	if n := reads.roots.Load(); n != 2 {
		t.Errorf("two different pages were read %d times", n)
	}
}

// secondServerOn is another server process on the same PostgreSQL database, with the same keys.
func (h *testServer) secondServerOn(address string) *testServer {
	h.t.Helper()
	d := dbtest.Open(h.t, address)
	other := &testServer{fixture: &fixture{t: h.t, db: d, clock: h.clock, log: h.log, baseURL: publicURL}, dataDir: h.dataDir}
	other.Server = other.newServer(h.dataDir)
	other.handler = must(other.Handler())(h.t)
	other.followChanges()
	return other
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("it never came true that %s", what)
		}
	}
}

func TestADecisionReachesCachedPagesOfOtherProcesses(t *testing.T) {
	address := dbtest.PostgresURL(t)
	h := newTestServerOn(t, dbtest.Migrated(t, address))
	other := h.secondServerOn(address)
	id := h.comment("quay", "", "Bo Lund", "across")
	shown := func() bool { return strings.Contains(other.fetch(paperThread, "br").plain(), "across") }
	if shown() {
		t.Fatal("a pending comment is shown")
	}
	h.decide(id, moderation.ActionApprove)
	eventually(t, "an approved comment is shown by the other process", shown)
	h.decide(id, moderation.ActionReject)
	eventually(t, "a rejected comment is gone from the other process", func() bool { return !shown() })
}

func TestCachedPagesOfDifferentRequestsDoNotMix(t *testing.T) {
	h := newTestServer(t)
	for _, name := range []string{"a", "b", "c"} {
		h.approved("quay", "", name)
	}
	for range 2 {
		for query, want := range map[string]string{"": "a b c", "&sort=newest": "c b a", "&limit=1": "a", "&sort=newest&limit=2": "c b", "&limit=2": "a b"} {
			if got := outline(h.thread(query).Comments); got != want {
				t.Errorf("%q shows %s, want %s", query, got, want)
			}
		}
	}
}

func TestUnknownArticlesAreNotCached(t *testing.T) {
	h := newTestServer(t)
	h.approved("quay", "", "a")
	for i := range 3 {
		r := h.fetch(fmt.Sprintf("/api/v1/sites/paper/thread?article=nosuch%d", i/2), "br")
		if r.status != http.StatusOK || r.header.Get("Content-Encoding") != "" {
			t.Errorf("status %d, %v", r.status, r.header)
		}
	}
	h.article("nosuch0", nil)
	h.approved("nosuch0", "", "now there is one")
	if r := h.fetch("/api/v1/sites/paper/thread?article=nosuch0", ""); !strings.Contains(r.plain(), "now there is one") {
		t.Errorf("the first comment is not shown: %s", r.body)
	}
}

func TestACachedPageIsSentOnlyForItsLanguage(t *testing.T) {
	h := newTestServer(t)
	h.approved("quay", "", "a")
	for round := range 3 {
		for accept, want := range map[string]string{"de": "de", "fr-CH, fr;q=0.9": "fr", "en": "en", "ja": "ja", strings.Repeat("x-long,", 40) + "uk": "uk"} {
			r := h.do(call{method: http.MethodGet, path: "/sites/paper/thread?article=quay", header: map[string]string{"Accept-Language": accept}})
			if !strings.Contains(string(r.body), `lang="`+want+`"`) {
				t.Errorf("round %d: readers of %q get %.80s", round, want, r.body)
			}
			if vary := r.header.Get("Vary"); vary != "Origin, Accept-Language, Accept-Encoding" {
				t.Errorf("round %d: Vary is %q", round, vary)
			}
		}
	}
}

func TestAcceptEncodingIsParsedAsRFC9110Says(t *testing.T) {
	h := newTestServer(t)
	h.approved("quay", "", "a")
	want := h.fetch(paperThread, "").plain()
	for accept, coding := range map[string]string{
		"": "", "br": "br", "gzip": "gzip", "gzip, deflate, br, zstd": "br", "identity": "", "zstd": "", "*": "br",
		"br;q=0, gzip": "gzip", "br;q=0.5, gzip;q=0.8": "gzip", "gzip;q=0.5, *;q=0.1": "gzip", "*;q=0, gzip;q=0.001": "gzip",
		"*;q=0": "", "br;q=0,gzip;q=0": "", "identity;q=1, br;q=0.9": "", "identity;q=0.5, br": "br", "GZIP": "gzip", "x-gzip": "gzip",
		"br;q=1.001, gzip;q=0.2": "gzip", "br;q=x, gzip": "gzip", "br ; Q=0.7 , gzip;q=0.6": "br", ",, gzip ,": "gzip", "br;level=5": "",
		"gzip;q=1.0000": "", "identity;q=0, *;q=0": "",
	} {
		r := h.fetch(paperThread, accept)
		if got := r.header.Get("Content-Encoding"); got != coding || r.plain() != want {
			t.Errorf("Accept-Encoding %q is answered in %q, want %q", accept, got, coding)
		}
		if vary := strings.Join(r.header.Values("Vary"), ", "); vary != "Origin, Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: Vary is %q", accept, vary)
		}
		if r.header.Get("Content-Length") != fmt.Sprint(len(r.body)) {
			t.Errorf("Accept-Encoding %q: Content-Length is %s for %d bytes", accept, r.header.Get("Content-Length"), len(r.body))
		}
	}
	head := h.send(call{method: http.MethodHead, path: paperThread, header: map[string]string{"Accept-Encoding": "br"}})
	if head.status != http.StatusOK || len(head.body) > 0 || head.header.Get("Content-Length") != fmt.Sprint(len(h.fetch(paperThread, "br").body)) {
		t.Errorf("HEAD: %d, %d bytes, %v", head.status, len(head.body), head.header)
	}
}

func TestTheFastPathRespondsLikeTheRouter(t *testing.T) {
	h := newTestServer(t)
	h.approved("quay", "", "a")
	tag := h.get(paperThread).header.Get("ETag")
	for name, header := range map[string]map[string]string{
		"plain":                     {},
		"compressed":                {"Accept-Encoding": "br"},
		"from an allowed origin":    {"Origin": "https://harbour.example"},
		"from another origin":       {"Origin": "https://else.example"},
		"from a client that has it": {"If-None-Match": tag, "Origin": "https://harbour.example"},
	} {
		// An unrelated cookie keeps a request off the fast path.
		long := map[string]string{"Cookie": "x=y"}
		for k, v := range header {
			long[k] = v
		}
		first := h.send(call{method: http.MethodGet, path: paperThread, header: long})
		second := h.send(call{method: http.MethodGet, path: paperThread, header: header})
		if first.header.Get("X-Request-Id") == second.header.Get("X-Request-Id") {
			t.Errorf("%s: two requests have one id", name)
		}
		for _, r := range []*reply{&first, &second} { // problems name the request, too
			r.body = bytes.ReplaceAll(r.body, []byte(r.header.Get("X-Request-Id")), nil)
			r.header.Del("X-Request-Id")
		}
		if fmt.Sprint(first.status, first.header, string(first.body)) != fmt.Sprint(second.status, second.header, string(second.body)) {
			t.Errorf("%s:\n%d %v\n%d %v", name, first.status, first.header, second.status, second.header)
		}
	}
	lines, before := strings.Split(strings.TrimSpace(h.log.String()), "\n"), 0
	for _, line := range lines {
		if strings.Contains(line, "route=/api/v1/sites/:site/thread") && strings.Contains(line, "method=GET") &&
			strings.Contains(line, "request_id=") && strings.Contains(line, "status=") && strings.Contains(line, "bytes=") && strings.Contains(line, "took=") {
			before++
		}
	}
	if before != 11 {
		t.Errorf("11 requests left %d lines:\n%s", before, h.log)
	}
}

func TestWithoutACacheEveryPageIsRead(t *testing.T) {
	reads := &countedReads{}
	h := newTestServer(t, counted(reads), func(h *testServer) { h.Config.CacheBytes = 0 })
	h.approved("quay", "", "a")
	for range 3 {
		if r := h.fetch(paperThread, "br"); r.header.Get("Content-Encoding") != "" {
			t.Errorf("the answer is %v", r.header)
		}
	}
	if n := reads.roots.Load(); n != 3 {
		t.Errorf("three pages were read %d times", n)
	}
}
