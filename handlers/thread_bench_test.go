package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkThread serves the first page, 50 comments, of a thread of a thousand without the page cache. cpu-ns/op
// is user and system time of the process, which other processes on the machine hardly change.
func BenchmarkThread(b *testing.B) {
	h := newTestServer(b, func(h *testServer) { h.Config.CacheBytes = 0 })
	h.changeSettings(upDown)
	h.fillThread(1_000)
	for _, bench := range []struct{ name, path string }{
		{"json", paperThread + "&limit=50"},
		{"fragment", "/sites/paper/thread?lang=en&article=quay"},
		{"page", "/sites/paper/page?lang=en&article=quay"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				recorder := httptest.NewRecorder()
				h.handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, bench.path, nil))
				if recorder.Code != http.StatusOK {
					b.Fatalf("%s: status %d", bench.path, recorder.Code)
				}
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// fillThread writes comments to the article quay: roots with one or two replies each.
func (h *testServer) fillThread(comments int) {
	h.t.Helper()
	const sentences = "The harbour council voted on Tuesday to keep the old quay open to walkers through the winter, and " +
		"the ferry keeps its timetable until the lamps are repaired. "
	root := ""
	for n := range comments {
		if n%7 == 0 || n%7 == 2 || n%7 == 4 {
			root = ""
		}
		body := fmt.Sprintf("%sThis is *comment* %d. please publish", strings.Repeat(sentences, 1+n%3), n)
		id := h.comment("quay", root, fmt.Sprintf("Reader %d", n%97), body)
		if root == "" {
			root = id
		}
	}
}

// cpuTime is the processor time that the process has used.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
