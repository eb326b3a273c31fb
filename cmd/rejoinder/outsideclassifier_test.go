package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestClassifiersAreAdministeredOnTheCommandLine asks a server that speaks the protocol of Perspective.
func TestClassifiersAreAdministeredOnTheCommandLine(t *testing.T) {
	t.Parallel()
	var keys []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.URL.Query().Get("key"))
		json.NewEncoder(w).Encode(map[string]any{"attributeScores": map[string]any{
			"TOXICITY": map[string]any{"summaryScore": map[string]any{"value": 0.75}}}})
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	env := []string{"REJOINDER_DATA_DIR=" + dir, "REJOINDER_OUTBOUND_NETWORKS=127.0.0.1"}
	stdin := ""
	run := func(code int, want string, args ...string) {
		t.Helper()
		out, errs, got := runProgram(t, env, stdin, args...)
		if got != code || !strings.Contains(out+errs, want) {
			t.Errorf("%v: exit code %d, want %d with %q:\n%s%s", args, got, code, want, out, errs)
		}
	}
	classifier := func(code int, want string, args ...string) {
		t.Helper()
		run(code, want, append([]string{"classifier"}, args...)...)
	}
	run(exitDone, "Added site gazette", "site", "add", "--slug", "gazette", "--name", "The Gazette")
	classifier(exitMisused, "--url: 10.1.2.3 is not a public address.", "add", "--name", "tox", "--url", "http://10.1.2.3/")
	classifier(exitMisused, `--site: There is no site "gazete".`, "add", "--name", "tox", "--url", server.URL, "--site", "gazete")
	classifier(exitMisused, `--send: must be name, url, pseudonym, address-prefix or none, not "email"`, "add", "--name", "tox",
		"--url", server.URL, "--send", "email")
	classifier(exitMisused, "--send: This protocol has no place for it.", "add", "--name", "tox", "--url", server.URL,
		"--protocol", "perspective", "--send", "name")
	classifier(exitDone, "Secret, which is not shown again: whsec_", "add", "--name", "own", "--url", server.URL, "--all-sites")
	classifier(exitFailed, `there is a classifier "own" already`, "add", "--name", "own", "--url", server.URL)

	tox := []string{"--name", "tox"}
	adding := []string{"add", "--name", "tox", "--url", server.URL, "--protocol", "perspective", "--site", "gazette",
		"--timeout-ms", "3000", "--daily-budget", "3", "--cache-minutes", "0", "--secret-in-file"}
	classifier(exitMisused, "there is no file with its secret (classifier-secrets/tox)", adding...)
	folder := filepath.Join(dir, "classifier-secrets")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "tox"), []byte("key-in-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	classifier(exitDone, "Added classifier tox.", adding...)
	classifier(exitDone, "Score 0.75, label TOXICITY", append([]string{"test"}, tox...)...)
	classifier(exitDone, "in the file classifier-secrets/tox, for "+server.URL, append([]string{"show"}, tox...)...)
	classifier(exitDone, "1 call, 1 response", append([]string{"show"}, tox...)...)
	elsewhere := "http://127.0.0.1:1"
	classifier(exitMisused, fmt.Sprintf("may be sent to %s only. Enter it again to send it to %s.", server.URL, elsewhere),
		"change", "--name", "tox", "--url", elsewhere)
	classifier(exitDone, "Changed", "change", "--name", "tox", "--url", elsewhere, "--secret-in-file")
	classifier(exitFailed, "connection refused", append([]string{"test"}, tox...)...)
	stdin = "key-typed\n"
	classifier(exitDone, "Changed", "change", "--name", "tox", "--url", server.URL, "--secret-stdin")
	stdin = ""
	classifier(exitDone, "Score 0.75", append([]string{"test"}, tox...)...)
	classifier(exitFailed, "the budget of the day is used up", append([]string{"test"}, tox...)...)
	classifier(exitDone, "Paused classifier tox.", append([]string{"pause"}, tox...)...)
	classifier(exitDone, "gazette  paused", "list")
	classifier(exitDone, "Resumed classifier tox.", append([]string{"resume"}, tox...)...)
	classifier(exitDone, "Changed", "change", "--name", "tox", "--all-sites")
	classifier(exitDone, "all    active", "list")
	classifier(exitFailed, `there is no classifier "tax"; did you mean "tox"?`, "show", "--name", "tax")
	classifier(exitMisused, "name the classifier with --name", "show")
	classifier(exitDone, "Removed classifier tox.", append([]string{"remove"}, tox...)...)
	classifier(exitFailed, `there is no classifier "tox"`, append([]string{"remove"}, tox...)...)
	if diff := cmp.Diff([]string{"key-in-file", "key-typed"}, keys); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
