package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rejoinder/handlers"
)

// slowReader is a response writer whose client reads nothing of the body until release.
type slowReader struct {
	*httptest.ResponseRecorder
	writing, release chan struct{}
}

func (w *slowReader) Write(p []byte) (int, error) {
	w.writing <- struct{}{}
	<-w.release
	return w.ResponseRecorder.Write(p)
}

// readSlowly requests a page and returns once it is being sent. take lets the client read it, and waits.
func (h *testServer) readSlowly(c call) (take func()) {
	h.t.Helper()
	w := &slowReader{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.handler.ServeHTTP(w, c.request(h.t))
	}()
	<-w.writing
	return func() {
		close(w.release)
		<-done
	}
}

// newServerWithALargeThread has a thread of more than 40 kB, and room for less in each client's share.
func newServerWithALargeThread(t *testing.T) *testServer {
	t.Helper()
	h := newTestServer(t, func(h *testServer) { h.Config.Limits = handlers.Limits{Buffered: 128 << 10} })
	for range 5 {
		h.approved("quay", "", strings.Repeat("a word and ", 800))
	}
	return h
}

const readersPage = "/sites/paper/page?article=quay"

func TestASlowReaderOfLargePagesGetsOnlyCachedOnes(t *testing.T) {
	for name, slow := range map[string]call{
		"a kept page":        {path: paperThread},
		"a page for one":     {path: readersPage, header: map[string]string{"Cookie": "rejoinder_reader=x"}},
		"a form for a reply": {path: readersPage + "&reply_to=none"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newServerWithALargeThread(t)
			slow.method = http.MethodGet
			h.get(paperThread+"&sort=best").want(http.StatusOK, nil)
			take := h.readSlowly(slow)
			if got := h.Stats(); got.Sending < 40_000 {
				t.Errorf("%d bytes are being sent", got.Sending)
			}
			for _, path := range []string{paperThread + "&sort=newest", "/sites/paper/feed.atom?article=quay"} {
				h.get(path).wantProblem(http.StatusTooManyRequests, "too-many")
			}
			page := call{method: http.MethodGet, path: readersPage + "&reply_to=none"}
			if r := h.send(page); r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") != "1" {
				t.Errorf("another page for one: %d %v", r.status, r.header)
			}
			h.get(paperThread+"&sort=best").want(http.StatusOK, nil)
			other := call{method: http.MethodGet, path: paperThread + "&sort=newest", address: "192.0.2.8"}
			h.send(other).want(http.StatusOK, nil)
			h.get(paperThread+"&sort=newest").want(http.StatusOK, nil)
			take()
			h.send(page).want(http.StatusOK, nil)
			if got := h.Stats(); got.Sending != 0 || got.PagesRefusedOfClients != 3 {
				t.Errorf("afterwards %d bytes are being sent, %d requests were refused", got.Sending, got.PagesRefusedOfClients)
			}
		})
	}
}
