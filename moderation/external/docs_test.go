package external_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
	"rejoinder/moderation/rulebook"
)

// TestTheServerOfTheDocumentsWorks builds the classifier of docs/classifier-hooks.md, starts it, and lets
// rules use its score.
func TestTheServerOfTheDocumentsWorks(t *testing.T) {
	raw := got(os.ReadFile("../../docs/classifier-hooks.md"))(t)
	_, rest, _ := strings.Cut(string(raw), "```go\n")
	program, _, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatal("the document has no program")
	}
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "classifier.go"), filepath.Join(dir, "classifier")
	ok(t, os.WriteFile(source, []byte(program), 0o600))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, source)
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	server := exec.CommandContext(t.Context(), binary)
	server.Env = append(os.Environ(), "CLASSIFIER_ADDR=127.0.0.1:0", "CLASSIFIER_SECRET="+secret)
	lines := got(server.StdoutPipe())(t)
	ok(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill() // it may have ended
		_ = server.Wait()         // it was killed
	})
	address := got(bufio.NewReader(lines).ReadString('\n'))(t)

	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	f.live = true
	f.add("shouting", "http://"+strings.TrimSpace(address), func(r *external.Request) { r.Secret = secret })
	saved := got(f.rulebook.Save(t.Context(), nobody, "daily", rulebook.Draft{Source: `
rules:
  - {id: loud, when: external.shouting.available && external.shouting.label == "shouting", then: reject, reason: "Scored {{external.shouting.score}}."}
  - {id: calm, when: external.shouting.available && external.shouting.score < 0.5, then: approve, reason: Calm.}
`}))(t)
	got(f.rulebook.Activate(t.Context(), nobody, rulebook.Ref{SiteSlug: "daily", Version: saved.Version}))(t)
	loud, calm := f.submit("THIS IS AN OUTRAGE"), f.submit("This is fine")
	if f.status(loud) != moderation.StatusRejected || f.status(calm) != moderation.StatusApproved {
		t.Errorf("%s and %s", f.status(loud), f.status(calm))
	}
}
