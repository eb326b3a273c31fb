package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// webhookRecorder collects the requests to webhooks, by path.
type webhookRecorder struct {
	mu     sync.Mutex
	bodies map[string][]byte
	count  map[string]int
}

// recordWebhooks adds webhooks for all events: with emails at /with, and without at /without and /slack.
func recordWebhooks(t *testing.T, p *program, token string) *webhookRecorder {
	t.Helper()
	h := &webhookRecorder{bodies: map[string][]byte{}, count: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a missing request would fail the test
		h.mu.Lock()
		defer h.mu.Unlock()
		h.bodies[r.URL.Path] = append(h.bodies[r.URL.Path], body...)
		h.count[r.URL.Path]++
	}))
	t.Cleanup(server.Close)
	events := strings.Fields(`comment.created comment.held comment.approved comment.rejected comment.spam comment.edited
		comment.deleted comment.reported appeal.created ruleset.activated`)
	for path, kind := range map[string]string{"/with": "standard", "/without": "standard", "/slack": "slack"} {
		status := call(t, http.MethodPost, p.url+"/api/v1/sites/demo/webhooks", token, map[string]any{"name": path, "type": kind,
			"url": server.URL + path, "events": events, "email": path == "/with"}, nil)
		if status != http.StatusCreated {
			t.Fatalf("add webhook: status %d\n%s", status, p.log)
		}
	}
	return h
}

// check waits for requests about two comments, and requires that only the webhook with that scope got emails.
func (h *webhookRecorder) check(t *testing.T) {
	t.Helper()
	eventually(t, "each webhook gets two new comments", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.count["/with"] >= 4 && h.count["/without"] >= 4 && h.count["/slack"] >= 4
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	if !bytes.Contains(h.bodies["/with"], []byte(plantedEmail)) {
		t.Errorf("the webhook with emails got none: %.2000s", h.bodies["/with"])
	}
	search(t, "a request to a webhook", h.bodies["/without"])
	search(t, "a request to a chat", h.bodies["/slack"])
}
