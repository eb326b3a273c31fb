package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheClassifierIsMeasuredOnAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var lines strings.Builder
	lines.WriteString("# text\tlabel\n")
	for i := range 40 {
		fmt.Fprintf(&lines, "Cheap pills number %d, order at http://offer%d.example/\tjunk\n", i, i)
		fmt.Fprintf(&lines, "I read paragraph %d of the article twice.\\nThanks!\tfine\n", i)
	}
	good, few := write("good.tsv", lines.String()), write("few.tsv", "a\tjunk\nb\tfine\n")
	for _, tc := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"without a file it is misused", nil, exitMisused, "--corpus"},
		{"a file that is not there is a usage error", []string{"--corpus", filepath.Join(dir, "none"), "--positive", "junk"}, exitMisused, "none"},
		{"one fold is a usage error", []string{"--corpus", good, "--positive", "junk", "--folds", "1"}, exitMisused, "--folds"},
		{"no batch is a usage error", []string{"--corpus", good, "--positive", "junk", "--batch", "0"}, exitMisused, "--batch"},
		{"a threshold beyond 1 is a usage error", []string{"--corpus", good, "--positive", "junk", "--threshold", "2"}, exitMisused, "--threshold"},
		{"too few cases fail", []string{"--corpus", few, "--positive", "junk"}, exitFailed, "too few"},
		{"a label that is not there fails", []string{"--corpus", good, "--positive", "spam"}, exitFailed, `no row has the label "spam"`},
		{"enough cases give figures", []string{"--corpus", good, "--positive", "junk", "--folds", "4"}, exitDone, `"cases":80`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, errs, code := runProgram(t, nil, "", append([]string{"rules", "classifier"}, tc.args...)...)
			if code != tc.code || !strings.Contains(out+errs, tc.says) {
				t.Errorf("exit code %d, want %d; it should say %q:\n%s%s", code, tc.code, tc.says, out, errs)
			}
			if tc.code != exitDone {
				return
			}
			var figures struct {
				TP, FP, TN, FN int
				F1             float64
			}
			if err := json.Unmarshal([]byte(out), &figures); err != nil {
				t.Fatal(err)
			}
			if figures.TP+figures.FP+figures.TN+figures.FN != 80 || figures.F1 < 0.9 {
				t.Errorf("the figures are %s", out)
			}
		})
	}
}
