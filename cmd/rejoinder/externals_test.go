package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"rejoinder/web"
)

// TestAHeldCommentOutlivesTheServer kills a server while a comment waits for a classifier that is down. The
// next server repeats the call, and publishes the comment when the response comes.
func TestAHeldCommentOutlivesTheServer(t *testing.T) {
	t.Parallel()
	var alive atomic.Bool
	classifier := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !alive.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"score": 0.1}`)
	}))
	t.Cleanup(classifier.Close)
	metrics := freeAddress(t)
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_OUTBOUND_NETWORKS=127.0.0.1", "REJOINDER_METRICS_ADDR=" + metrics}
	p := startProgram(t, env, "serve", "--demo")
	token := p.signIn(t)
	site := "/api/v1/sites/" + web.DemoSite
	post := func(path string, body, target any) {
		t.Helper()
		if status := call(t, http.MethodPost, p.url+path, token, body, target); status >= http.StatusBadRequest {
			t.Fatalf("%s: status %d", path, status)
		}
	}
	post("/api/v1/classifiers", map[string]any{"name": "tox", "url": classifier.URL, "all_sites": true, "on_late": "hold"}, nil)
	var saved struct{ Version int }
	const source = "rules:\n  - {id: toxic, when: 'external.tox.available && external.tox.score > 0.9', then: hold, reason: x}\n" +
		"  - {id: all, when: 'true', then: approve, reason: x}\n"
	post(site+"/rulesets", map[string]any{"source": source}, &saved)
	post(fmt.Sprintf("%s/rulesets/%d/activate", site, saved.Version), nil, nil)
	p.submit(t, "A comment that waits for a classifier")
	thread := site + "/thread?article=" + web.DemoArticleKey
	if strings.Contains(string(get(t, p.url+thread)), "waits for a classifier") {
		t.Fatal("the comment was published early")
	}
	p.kill()
	alive.Store(true)
	p = startProgram(t, env, "serve", "--demo")
	eventually(t, "the comment was lost", func() bool {
		return strings.Contains(string(get(t, p.url+thread)), "waits for a classifier")
	})
	told := string(get(t, "http://"+metrics+"/metrics"))
	for _, want := range []string{
		`rejoinder_external_call_duration_seconds_count{classifier="tox",outcome="answered"} 1`,
		`rejoinder_external_paused{classifier="tox"} 0`,
	} {
		if !strings.Contains(told, want) {
			t.Errorf("no %q in the metrics", want)
		}
	}
}
