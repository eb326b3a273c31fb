package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
)

func TestWebhooksAreAdministeredOnTheCommandLine(t *testing.T) {
	t.Parallel()
	var status atomic.Int32
	status.Store(http.StatusNoContent)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(status.Load()))
	}))
	t.Cleanup(server.Close)
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_OUTBOUND_NETWORKS=127.0.0.1"}
	run := func(code int, want string, args ...string) string {
		t.Helper()
		out, errs, got := runProgram(t, env, "", args...)
		if got != code || !strings.Contains(out+errs, want) {
			t.Errorf("%v: exit code %d, want %d with %q:\n%s%s", args, got, code, want, out, errs)
		}
		return out
	}
	run(exitDone, "Added site gazette", "site", "add", "--slug", "gazette", "--name", "The Gazette")
	run(exitMisused, "--url: 169.254.169.254 is not a public address.", "webhook", "add", "--site", "gazette", "--name", "Archive",
		"--url", "http://169.254.169.254/", "--events", "comment.held")
	added := run(exitDone, "whsec_", "webhook", "add", "--site", "gazette", "--name", "Archive", "--url", server.URL,
		"--events", "comment.held", "--events", "comment.approved")
	id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).FindString(added)
	run(exitDone, "comment.held comment.approved", "webhook", "list", "--site", "gazette")
	of := []string{"--site", "gazette", "--id", id}
	run(exitDone, "The server accepted the test.", append([]string{"webhook", "test"}, of...)...)
	status.Store(http.StatusGone)
	run(exitFailed, "the server responded with 410 Gone", append([]string{"webhook", "test"}, of...)...)
	run(exitDone, "Archive is active", append([]string{"webhook", "resume"}, of...)...)
	run(exitDone, "removed", append([]string{"webhook", "remove"}, of...)...)
	run(exitFailed, "has no such webhook", append([]string{"webhook", "remove"}, of...)...)
	run(exitMisused, "--id must be", "webhook", "test", "--site", "gazette", "--id", "first")
}
