package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"rejoinder/web"
)

func TestTheMetricsTellWhatTheRulesConcluded(t *testing.T) {
	metrics := freeAddress(t)
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_METRICS_ADDR=" + metrics}, "serve", "--demo")
	var answer struct{ Comment struct{ Status string } }
	status := call(t, http.MethodPost, p.url+"/api/v1/sites/"+web.DemoSite+"/comments", "", map[string]any{
		"article": map[string]string{"key": web.DemoArticleKey}, "author_name": "Ada", "author_email": "ada@mail.example",
		"body": "A first comment, which waits for a person.",
	}, &answer)
	if status != http.StatusCreated || answer.Comment.Status != "pending" {
		t.Fatalf("status %d, comment %q: a first comment was to be held", status, answer.Comment.Status)
	}
	told := string(get(t, "http://"+metrics+"/metrics"))
	for _, want := range []string{
		`rejoinder_verdicts_total{action="hold"} 1`,
		`rejoinder_rules_seconds_count 1`,
		`rejoinder_request_seconds_count{method="POST",route="/api/v1/sites/:site/comments",status="201"} 1`,
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
