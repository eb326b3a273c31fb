package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

const paperEvents = "/api/v1/sites/paper/events?article=quay"

// eventStream is one client of a live stream.
type eventStream struct {
	t      testing.TB
	answer *http.Response
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

// listen opens a stream on a real server over the server.
func (h *testServer) listen(query string, header map[string]string) *eventStream {
	h.t.Helper()
	server := httptest.NewServer(h.handler)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	r := must(http.NewRequestWithContext(ctx, http.MethodGet, server.URL+paperEvents+query, nil))(h.t)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	answer := must(server.Client().Do(r))(h.t)
	h.t.Cleanup(func() {
		cancel()
		answer.Body.Close()
		server.Close()
	})
	return &eventStream{t: h.t, answer: answer, lines: bufio.NewScanner(answer.Body), cancel: cancel}
}

// next reads one block of lines, with its lines joined by blanks; "end" when the stream is over.
func (l *eventStream) next() string {
	l.t.Helper()
	var block []string
	for l.lines.Scan() {
		if line := l.lines.Text(); line != "" {
			block = append(block, line)
			continue
		}
		return strings.Join(block, " ")
	}
	return "end"
}

// want reads events and compares them with the expected ones.
func (l *eventStream) want(blocks ...string) {
	l.t.Helper()
	for _, want := range blocks {
		if got := l.next(); got != want {
			l.t.Fatalf("the stream says %q, want %q", got, want)
		}
	}
}

func changed(version int, kind, id string, count int) string {
	return fmt.Sprintf(`id: %d event: change data: {"kind":%q,"comment_id":%q,"count":%d}`, version, kind, id, count)
}

func TestStreamsAnnounceNewAndRemovedComments(t *testing.T) {
	h := newTestServer(t)
	h.approved("quay", "", "a")
	l := h.listen("", map[string]string{"Origin": "https://harbour.example"})
	for name, want := range map[string]string{"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no",
		"Cache-Control": "no-store, no-transform", "Access-Control-Allow-Origin": "https://harbour.example", "Content-Encoding": ""} {
		if got := l.answer.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	version := int(must(h.Threads.Version(t.Context(), "paper", "quay"))(t).Version)
	l.want("retry: 3000", fmt.Sprintf("id: %d", version))
	id := h.comment("quay", "", "Bo Lund", "waits")
	h.decide(id, moderation.ActionApprove)
	l.want(changed(version+1, "published", id, 2))
	h.decide(id, moderation.ActionSpam)
	l.want(changed(version+2, "removed", id, 1))
	h.closeArticle("quay")
	l.want(changed(version+3, "article", "", 1))
}

func TestAReconnectingClientGetsMissedEvents(t *testing.T) {
	h := newTestServer(t)
	version := int(must(h.Threads.Version(t.Context(), "paper", "quay"))(t).Version)
	a := h.approved("quay", "", "a")
	h.article("other", nil)
	h.approved("other", "", "elsewhere")
	h.decide(a, moderation.ActionReject)
	back := h.listen("", map[string]string{"Last-Event-ID": fmt.Sprint(version)})
	back.want("retry: 3000", changed(version+1, "published", a, 1), changed(version+2, "removed", a, 0))
	first := h.listen(fmt.Sprintf("&since=%d", version+2), nil)
	first.want("retry: 3000", fmt.Sprintf("id: %d", version+2))
	b := h.approved("quay", "", "b")
	back.want(changed(version+3, "published", b, 1))
	first.want(changed(version+3, "published", b, 1))
	for _, unknown := range []int{version - 1, version + 90} {
		lost := h.listen("", map[string]string{"Last-Event-ID": fmt.Sprint(unknown)})
		lost.want("retry: 3000", fmt.Sprintf("id: %d event: reload data: {}", version+3))
	}
}

func TestAStreamOfAnArticleWithoutCommentsHearsOfTheFirst(t *testing.T) {
	h := newTestServer(t)
	l := h.listen("", nil)
	l.want("retry: 3000")
	quiet := h.listen("x", nil)
	quiet.want("retry: 3000", "id: 0")
	h.article("quayx", nil)
	h.approved("quayx", "", "first")
	version := must(h.Threads.Version(t.Context(), "paper", "quayx"))(t).Version
	quiet.want(fmt.Sprintf("id: %d event: reload data: {}", version))
	id := h.approved("quayx", "", "second")
	quiet.want(changed(int(version)+1, "published", id, 2))
}

func TestEventsReachTheReadersOfOtherProcesses(t *testing.T) {
	address := dbtest.PostgresURL(t)
	h := newTestServerOn(t, dbtest.Migrated(t, address))
	other := h.secondServerOn(address)
	version := int(must(h.Threads.Version(t.Context(), "paper", "quay"))(t).Version)
	l := other.listen("", nil)
	l.want("retry: 3000", fmt.Sprintf("id: %d", version))
	id := h.approved("quay", "", "a")
	h.decide(id, moderation.ActionDelete)
	l.want(changed(version+1, "published", id, 1), changed(version+2, "removed", id, 0))
}

func TestAStoppingServerEndsItsStreams(t *testing.T) {
	h := newTestServer(t)
	l := h.listen("", nil)
	l.next()
	h.Stop()
	for range 3 {
		if l.next() == "end" {
			h.get(paperEvents).wantProblem(http.StatusServiceUnavailable, "busy")
			return
		}
	}
	t.Error("the stream goes on")
}

func TestStreamsAreBoundedForEachAddressAndInAll(t *testing.T) {
	h := newTestServer(t, func(h *testServer) { h.Config.Streams, h.Config.AddressStreams = 3, 2 })
	first := h.listen("", nil)
	first.next()
	h.listen("", nil).next()
	if r := h.listen("", nil).answer; r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" {
		t.Errorf("the third stream from one address: %d %v", r.StatusCode, r.Header)
	}
	first.cancel()
	eventually(t, "a place is free again", func() bool { return h.listen("", nil).answer.StatusCode == http.StatusOK })
}
