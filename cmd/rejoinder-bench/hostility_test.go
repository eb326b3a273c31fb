package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rejoinder/moderation/hostility"
)

func TestTrainHostilityWritesAModelAndItsFigures(t *testing.T) {
	dir := t.TempDir()
	corpus, out := filepath.Join(dir, "corpus.tsv"), filepath.Join(dir, "model.bin")
	rows := "# text\tlabel\n"
	for _, subject := range []string{"bridge", "school", "library", "council", "harbour", "museum"} {
		rows += "You and your " + subject + " are pathetic\tbad\nThe " + subject + " is open today\tok\n"
	}
	if err := os.WriteFile(corpus, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	args := []string{"train-hostility", "--corpus", corpus, "--discussion", corpus, "--folds", "3", "--out", out}
	if code := run(t.Context(), stdio{out: &printed, errs: t.Output()}, args); code != exitDone {
		t.Fatalf("exit code %d", code)
	}
	for _, want := range []string{"12 different texts", "cross-validation, 3 parts: 6 ordinary, 6 hostile", "area under the ROC curve"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%q is not printed:\n%s", want, printed.String())
		}
	}
	encoded, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hostility.Decode(encoded); err != nil {
		t.Error(err)
	}
}

func TestTrainHostilityRefusesWrongParameters(t *testing.T) {
	for name, args := range map[string][]string{
		"no corpus": {}, "a corpus that is not there": {"--corpus", filepath.Join(t.TempDir(), "none")},
		"one part": {"--corpus", "x", "--folds", "1"},
	} {
		code := run(t.Context(), stdio{out: io.Discard, errs: io.Discard}, append([]string{"train-hostility"}, args...))
		if code != exitMisused {
			t.Errorf("%s: exit code %d", name, code)
		}
	}
}
