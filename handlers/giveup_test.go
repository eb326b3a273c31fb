package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/handlers"
	"rejoinder/moderation/rules"
)

// slowDocument takes more than a second of processor time.
var slowDocument = strings.Repeat("a:\n", rules.MaxDocumentBytes/3)

// draftRoutes are the routes that read a document, with their other parameters.
var draftRoutes = map[string]fields{
	"/api/v1/sites/paper/rulesets":          {"note": "Slow."},
	"/api/v1/sites/paper/rulesets/check":    {},
	"/api/v1/sites/paper/rulesets/try":      {"body": "x"},
	"/api/v1/sites/paper/rulesets/backtest": {"days": 7},
}

func TestWorkOnADocumentEndsWhenItsClientLeaves(t *testing.T) {
	h := newTestServer(t)
	token := h.registerModerator("Chief", auth.RoleAdmin)
	for path, body := range draftRoutes {
		body["source"] = slowDocument
		raw := must(json.Marshal(body))(t)
		shortest := time.Hour
		for range 10 { // other activity can only make it slower
			if shortest = min(shortest, h.sendAndDisconnect(path, token, raw)); shortest <= 100*time.Millisecond {
				break
			}
		}
		if shortest > 100*time.Millisecond {
			t.Errorf("%s: the server went on for %v", path, shortest)
		}
		t.Logf("%s: ended %v after the client left", path, shortest)
	}
}

// sendAndDisconnect sends a request, disconnects once processing has started, and returns how long processing
// continued.
func (h *testServer) sendAndDisconnect(path, token string, body []byte) time.Duration {
	h.t.Helper()
	begun, ended := make(chan struct{}), make(chan time.Time, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received, _ := io.ReadAll(r.Body)
		r.Host, r.Body = publicHost, io.NopCloser(bytes.NewReader(received))
		close(begun)
		h.handler.ServeHTTP(w, r)
		ended <- time.Now()
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(h.t.Context())
	request := must(http.NewRequestWithContext(ctx, http.MethodPost, server.URL+path, bytes.NewReader(body)))(h.t)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	left := make(chan time.Time, 1)
	go func() {
		<-begun
		for h.Stats().Buffered < int64(len(body)) { // the handler runs once its request's body is in memory
			runtime.Gosched()
		}
		left <- time.Now()
		cancel()
	}()
	h.log.forget()
	if answer, err := server.Client().Do(request); err == nil {
		answer.Body.Close()
		h.t.Errorf("%s: answered with %d before the client left", path, answer.StatusCode)
	}
	took := (<-ended).Sub(<-left)
	if !strings.Contains(h.log.String(), "status=499") {
		h.t.Errorf("%s: the client that left is not noted:\n%s", path, h.log)
	}
	return took
}

func TestASlowDocumentTimesOut(t *testing.T) {
	h := newTestServer(t)
	token := h.registerModerator("Chief", auth.RoleAdmin)
	h = h.secondServer()
	h.Config.Limits = handlers.Limits{Handler: 20 * time.Millisecond}
	h.handler = must(h.Handler())(t)
	for path, body := range draftRoutes {
		if strings.HasSuffix(path, "backtest") { // takes as long as it needs
			continue
		}
		body["source"] = slowDocument
		h.do(call{method: http.MethodPost, path: path, token: token, body: body}).wantProblem(http.StatusServiceUnavailable, "busy")
	}
}
