package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpusFile writes labelled texts, as `rules eval` reads them.
func corpusFile(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "corpus.tsv")
	if err := os.WriteFile(path, []byte("# text\tlabel\n"+strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRulesEvalMeasuresAndNamesMistakes(t *testing.T) {
	corpus := corpusFile(t, `you 1d10t\nyou m0r0n`+"\tbad", "a walk by the harbour\tok", "a quiet evening\tbad")
	out, errs, code := runProgram(t, nil, "", "rules", "eval", "--corpus", corpus, "--positive", "bad", "--report")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var got struct{ Cases, TP, FP, TN, FN int }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
		t.Fatalf("the last line is no JSON: %v\n%s", err, out)
	}
	if got.Cases != 3 || got.TP != 1 || got.FP != 0 || got.TN != 1 || got.FN != 1 {
		t.Errorf("got %+v", got)
	}
	if !strings.Contains(out+errs, "a quiet evening") || strings.Contains(out+errs, "harbour") {
		t.Errorf("the report does not list the one mistake:\n%s%s", out, errs)
	}
}

func TestRulesEvalMeasuresWithOnesOwnRules(t *testing.T) {
	own := "default: approve\nrules:\n  - {id: quiet, when: text.body.contains(\"quiet\"), then: hold, reason: Quiet.}\n"
	corpus := corpusFile(t, "a quiet evening\tbad", "you idiot\tok")
	out, errs, code := runProgram(t, nil, own, "rules", "eval", "--rules", "-", "--corpus", corpus, "--positive", "bad")
	if code != exitDone || !strings.Contains(out, `"f1":1`) {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}

func TestRulesEvalRefusesNothing(t *testing.T) {
	for name, args := range map[string][]string{
		"no corpus":    {"rules", "eval", "--positive", "bad"},
		"no cases":     {"rules", "eval", "--corpus", corpusFile(t), "--positive", "bad"},
		"no such file": {"rules", "eval", "--corpus", "none.tsv", "--positive", "bad"},
	} {
		if out, _, code := runProgram(t, nil, "", args...); code == exitDone {
			t.Errorf("%s: exit code 0: %s", name, out)
		}
	}
}

func TestRulesFactsDocumentsEachFact(t *testing.T) {
	out, _, code := runProgram(t, nil, "", "rules", "facts")
	for _, want := range []string{"links.count", "author.recognised", "velocity.address_1h", "text.spam_score", "article.closed"} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("exit code %d; %s is not documented", code, want)
		}
	}
}
