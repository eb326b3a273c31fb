package handlers_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files anew")

// volatile matches text that differs between runs: keyed tokens, and URLs with the hash of a style sheet.
var volatile = []struct {
	form *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`name="form_token" value="[^"]+"`), `name="form_token" value="TOKEN"`},
	{regexp.MustCompile(`receipt=[A-Za-z0-9_-]+`), `receipt=RECEIPT`},
	{regexp.MustCompile(`name="receipt" value="[^"]+"`), `name="receipt" value="RECEIPT"`},
	{regexp.MustCompile(`/assets/([a-z]+)-[0-9a-f]{16}\.`), `/assets/$1-HASH.`},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), `http://SERVER`},
}

// wantGolden compares a page with testdata/NAME.html.
func (a pageResponse) wantGolden(name string) {
	a.t.Helper()
	got := a.body
	for _, v := range volatile {
		got = v.form.ReplaceAllString(got, v.with)
	}
	path := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			a.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			a.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		a.t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		a.t.Errorf("%s differs from %s; if that is intended, run the test with -update (-want +got):\n%s", a.path, path, diff)
	}
}

func TestGoldenFilesAreAllUsed(t *testing.T) {
	used := map[string]bool{}
	for _, name := range goldenPages {
		used[name+".html"] = true
	}
	files, err := filepath.Glob("testdata/*.html")
	if err != nil || len(files) != len(goldenPages) {
		t.Errorf("%d golden files (%v), want %d", len(files), err, len(goldenPages))
	}
	for _, file := range files {
		if !used[filepath.Base(file)] {
			t.Errorf("%s belongs to no test", file)
		}
	}
}

// goldenPages are the main states of the pages.
var goldenPages = []string{"thread-empty", "thread-replies", "thread-closed", "fragment-en", "fragment-ar", "form-faults", "form-own-pending", "queue-hits", "dashboard",
	"status-pending", "status-declined", "status-deleted", "report", "site-refused"}
