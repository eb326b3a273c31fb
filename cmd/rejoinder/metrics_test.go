package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"rejoinder/web"
)

// submit sends a comment to the demo site and returns its id.
func (p *program) submit(t *testing.T, body string) string {
	t.Helper()
	var answer struct{ Comment struct{ ID, Status string } }
	status := call(t, http.MethodPost, p.url+"/api/v1/sites/"+web.DemoSite+"/comments", "", map[string]any{
		"article": map[string]string{"key": web.DemoArticleKey}, "author_name": "Ada", "author_email": "ada@mail.example",
		"body": body,
	}, &answer)
	if status != http.StatusCreated || answer.Comment.Status != "pending" {
		t.Fatalf("status %d, comment %q: a first comment was to be held", status, answer.Comment.Status)
	}
	return answer.Comment.ID
}

func TestTheMetricsCountPendingCommentsDecisionsAndCachedPages(t *testing.T) {
	t.Parallel()
	metrics := freeAddress(t)
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_METRICS_ADDR=" + metrics}, "serve", "--demo")
	decided, token := p.submit(t, "A first comment, which waits for a person."), p.signIn(t)
	p.submit(t, "Another one about something quite different.")
	status := call(t, http.MethodPost, p.url+"/api/v1/comments/"+decided+"/decisions", token, map[string]any{"action": "approve", "version": 1}, nil)
	if status != http.StatusCreated && status != http.StatusOK {
		t.Fatalf("decide: status %d", status)
	}
	page := p.url + "/api/v1/sites/" + web.DemoSite + "/thread?article=" + web.DemoArticleKey
	for range 3 {
		get(t, page)
	}
	told := string(get(t, "http://"+metrics+"/metrics"))
	for _, want := range []string{
		`rejoinder_queue_pending\{site="demo"\} 1`,
		`rejoinder_comments_approved\{site="demo"\} 1`,
		`rejoinder_queue_oldest_pending_seconds\{site="demo"\} 0?\.?[0-9]`,
		`rejoinder_decisions_total\{action="approve"\} 1`,
		`rejoinder_decision_wait_seconds_bucket\{le="60"\} 1`,
		`rejoinder_page_cache_misses_total 1`,
		`rejoinder_page_cache_hits_total 2`,
		`rejoinder_page_cache_pages 1`,
		`rejoinder_page_cache_bytes [1-9]`,
		`rejoinder_event_streams 0`,
		`rejoinder_worker_failures_total\{worker="janitor"\} 0`,
		`rejoinder_database_connections_max\{pool="write"\} 1`,
	} {
		if !regexp.MustCompile(`(?m)^` + want).MatchString(told) {
			t.Errorf("no %q in the metrics:\n%s", want, strings.Join(regexp.MustCompile(`(?m)^rejoinder.*`).FindAllString(told, -1), "\n"))
		}
	}
}

// sum adds up a counter or gauge over its labels.
func (m *metrics) sum(t *testing.T, name string) float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if family.GetName() == name {
				sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func TestAFailedRunIsCountedForItsWorker(t *testing.T) {
	m, lines := everyMetric(), &bytes.Buffer{}
	log := m.worker(slog.New(slog.NewTextHandler(lines, nil)), "learner").With("site", "daily").WithGroup("round")
	log.Info("learned")
	log.Error("learning failed")
	if got := m.sum(t, "rejoinder_worker_failures_total"); got != 1 || !strings.Contains(lines.String(), "worker=learner") {
		t.Errorf("%v failures counted, logged:\n%s", got, lines)
	}
}

func TestTheMetricsCountVerdicts(t *testing.T) {
	t.Parallel()
	metrics := freeAddress(t)
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_METRICS_ADDR=" + metrics}, "serve", "--demo")
	p.submit(t, "A first comment, which waits for a person.")
	told := string(get(t, "http://"+metrics+"/metrics"))
	for _, want := range []string{
		`rejoinder_verdicts_total{action="hold"} 1`,
		`rejoinder_rules_evaluation_duration_seconds_count 1`,
		`rejoinder_http_request_duration_seconds_count{method="POST",route="/api/v1/sites/:site/comments",status="201"} 1`,
	} {
		if !strings.Contains(told, want) {
			t.Errorf("no %q in the metrics:\n%s", want, strings.Join(regexp.MustCompile(`(?m)^rejoinder.*`).FindAllString(told, -1), "\n"))
		}
	}
	if profile := get(t, "http://"+metrics+"/debug/pprof/goroutine?debug=1"); !strings.Contains(string(profile), "goroutine profile") {
		t.Errorf("no profile on the private listener: %.200s", profile)
	}
	if resp, err := http.Get(p.url + "/debug/pprof/"); err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("profiles on the public listener: %v, %v", resp.StatusCode, err)
	}
}
