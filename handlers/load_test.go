package handlers_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"rejoinder/handlers"
	"rejoinder/moderation"
)

// stuckSites is a store that responds only when it is released, or when the caller gives up.
type stuckSites struct {
	moderation.ThreadStore
	asked, release chan struct{}
}

func (s stuckSites) ThreadArticle(ctx context.Context, site, key string) (moderation.Site, moderation.Article, error) {
	s.asked <- struct{}{}
	select {
	case <-s.release:
	case <-ctx.Done():
		return moderation.Site{}, moderation.Article{}, ctx.Err()
	}
	return s.ThreadStore.ThreadArticle(ctx, site, key)
}

// newStuckServer keeps no pages, so that each reader waits for the store.
func newStuckServer(t *testing.T, limits handlers.Limits) (*testServer, stuckSites) {
	t.Helper()
	stuck := stuckSites{asked: make(chan struct{}, 16), release: make(chan struct{})}
	h := newTestServer(t, func(h *testServer) {
		h.Config.CacheBytes, h.Config.Limits = 0, limits
		stuck.ThreadStore = h.Threads.Store
		h.Threads.Store = stuck
	})
	return h, stuck
}

func TestExcessRequestsAreRefusedReadsFirst(t *testing.T) {
	h, stuck := newStuckServer(t, handlers.Limits{InFlight: 4})
	var readers sync.WaitGroup
	statuses := make(chan int, 3)
	for range 3 {
		readers.Go(func() { statuses <- h.send(call{method: http.MethodGet, path: paperThread}).status })
		<-stuck.asked
	}
	if got := h.Stats(); got.InFlight != 3 {
		t.Errorf("%d requests are in flight", got.InFlight)
	}
	refused := h.get(paperThread)
	refused.wantProblem(http.StatusServiceUnavailable, "busy")
	if refused.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", refused.header.Get("Retry-After"))
	}
	h.post(paperComments, submission("One place is left for those who write.")).want(http.StatusCreated, nil)
	h.get("/healthz").want(http.StatusOK, nil)
	h.get("/readyz").want(http.StatusOK, nil)
	close(stuck.release)
	readers.Wait()
	for range 3 {
		if status := <-statuses; status != http.StatusOK {
			t.Errorf("a reader who waited got %d", status)
		}
	}
	if got := h.Stats(); got.InFlight != 0 || got.Shed != 1 {
		t.Errorf("afterwards: %+v", got)
	}
	if strings.Contains(h.log.String(), "level=ERROR") {
		t.Errorf("refused requests fill the log with errors:\n%s", h.log)
	}
}

func TestASlowResponseTimesOut(t *testing.T) {
	h, stuck := newStuckServer(t, handlers.Limits{Handler: 20 * time.Millisecond})
	h.get(paperThread).wantProblem(http.StatusServiceUnavailable, "busy")
	<-stuck.asked
}

func TestABodyOfMoreBytesThanTheOperatorAllowsIsRefused(t *testing.T) {
	h := newTestServer(t, func(h *testServer) { h.Config.Limits.Body = 16 << 10 })
	h.do(call{method: http.MethodPost, path: paperComments, body: submission(strings.Repeat("a word and ", 2000)), wrong: true}).
		wantProblem(http.StatusRequestEntityTooLarge, "too-large")
	h.post(paperComments, submission("A short one.")).want(http.StatusCreated, nil)
}

// unreadableBody is a body that must not be read.
type unreadableBody struct{ t *testing.T }

func (u unreadableBody) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestAnOversizedBodyIsRefusedUnread(t *testing.T) {
	h := newTestServer(t)
	announced := func(r *http.Request) { r.ContentLength, r.Body = 99_999_999, io.NopCloser(unreadableBody{t}) }
	h.sendWith(call{method: http.MethodPost, path: paperComments, body: submission("x"), wrong: true}, announced).
		wantProblem(http.StatusRequestEntityTooLarge, "too-large")
	form := call{method: http.MethodPost, path: "/sites/paper/comments", body: "body=x", header: map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://" + publicHost}}
	h.sendWith(form, announced).want(http.StatusRequestEntityTooLarge, nil)
}

// timeoutError is the error of a connection whose deadline has passed.
type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

func TestATruncatedBodyIsRefused(t *testing.T) {
	h := newTestServer(t)
	half := func(err error) func(*http.Request) {
		return func(r *http.Request) {
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader([]byte(`{"body":`)), iotest.ErrReader(err)))
		}
	}
	c := call{method: http.MethodPost, path: paperComments, body: submission("x"), wrong: true}
	h.sendWith(c, half(timeoutError{})).wantProblem(http.StatusRequestTimeout, "too-slow")
	h.sendWith(c, half(io.ErrUnexpectedEOF)).wantProblem(http.StatusBadRequest, "malformed")
}
