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
	t.Parallel()
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
	t.Parallel()
	own := "default: approve\nrules:\n  - {id: quiet, when: text.body.contains(\"quiet\"), then: hold, reason: Quiet.}\n"
	corpus := corpusFile(t, "a quiet evening\tbad", "you idiot\tok")
	out, errs, code := runProgram(t, nil, own, "rules", "eval", "--rules", "-", "--corpus", corpus, "--positive", "bad")
	if code != exitDone || !strings.Contains(out, `"f1":1`) {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}

func TestRulesEvalMeasuresSeveralFilesAndTheirTotal(t *testing.T) {
	t.Parallel()
	one := corpusFile(t, "a quiet evening\tbad\ten", "a walk by the harbour\tok\ten")
	other := corpusFile(t, "stille\tspam\tde", "quiet\tham\tde")
	out, errs, code := runProgram(t, nil, quietRules, "rules", "eval", "--rules", "-", "--corpus", one, other,
		"--positive", "bad", "--positive", "spam", "--by", "kind", "--by", "rule", "--against", "default")
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	type figures struct{ Cases, TP, FP, TN, FN int }
	type result struct {
		File  string
		Total bool
		figures
		Kinds []struct {
			Kind string
			figures
		}
		Rules []struct {
			Rule       string
			FoundAlone int `json:"found_alone"`
		}
		Against struct{ Better, Worse int }
	}
	var got []result
	for line := range strings.Lines(out) {
		var r result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		got = append(got, r)
	}
	if len(got) != 3 || got[0].File != one || got[0].figures != (figures{2, 1, 0, 1, 0}) || got[1].figures != (figures{2, 0, 1, 0, 1}) {
		t.Fatalf("got %+v", got)
	}
	total := got[2]
	if !total.Total || total.figures != (figures{4, 1, 1, 1, 1}) || len(total.Kinds) != 2 || total.Kinds[0].Kind != "de" ||
		total.Rules[0].Rule != "quiet" || total.Rules[0].FoundAlone != 1 || total.Against.Better != 1 || total.Against.Worse != 1 {
		t.Errorf("the total is %+v", total)
	}
}

const quietRules = "default: approve\nrules:\n  - {id: quiet, when: text.body.contains(\"quiet\"), then: hold, reason: Quiet.}\n"

func TestRulesEvalPrintsTablesAndChangedCases(t *testing.T) {
	t.Parallel()
	corpus := corpusFile(t, "a quiet evening\tbad\ten", "a quiet walk\tok\ten", "a walk by the harbour\tok")
	misses := filepath.Join(t.TempDir(), "misses.tsv")
	out, errs, code := runProgram(t, nil, quietRules, "rules", "eval", "--rules", "-", "--corpus", corpus, "--positive", "bad",
		"--by", "kind", "--by", "rule", "--against", "default", "--show", "1", "--format", "text", "--misses", misses)
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, want := range []string{"100.0% (20.7–100.0)", "50.0% (9.5–90.5)", "(none)", "quiet", "found alone", "Better than before: 1",
		"Worse: 1", "raised\t" + corpus + ":3\tapprove (trusted-commenter) → hold (quiet)", "and 1 changed case more"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	written, err := os.ReadFile(misses)
	if want := "a quiet walk\tok\ten\tfalse alarm\t" + corpus + ":3\tquiet\n"; err != nil || !strings.Contains(string(written), want) {
		t.Errorf("%v: the misses are %s", err, written)
	}
}

func TestRulesEvalExplainsErrors(t *testing.T) {
	t.Parallel()
	corpus := func(lines ...string) string { return corpusFile(t, lines...) }
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no corpus":             {nil, "needs --corpus"},
		"no cases":              {[]string{"--corpus", corpus()}, "the file has no cases"},
		"a missing file":        {[]string{"--corpus", "none.tsv"}, "none.tsv can't be read: no such file or directory"},
		"a folder":              {[]string{"--corpus", t.TempDir()}, "can't be read: is a directory"},
		"a row without a label": {[]string{"--corpus", corpus("a\tbad"), corpus("a\tok", "b")}, "corpus.tsv: line 3: the row has no label"},
		"an unknown label":      {[]string{"--corpus", corpus("a\tBad")}, `corpus.tsv: line 2: unknown label "Bad"`},
		"an unknown group":      {[]string{"--corpus", corpus("a\tbad"), "--by", "size"}, `--by must be kind or rule, not "size"`},
		"an unknown format":     {[]string{"--corpus", corpus("a\tbad"), "--format", "xml"}, `--format must be text or json, not "xml"`},
	} {
		args := append([]string{"rules", "eval", "--positive", "bad"}, c.args...)
		if out, errs, code := runProgram(t, nil, "", args...); code == exitDone || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: exit code %d: %s%s", name, code, out, errs)
		}
	}
}

func TestRulesFactsDocumentsEachFact(t *testing.T) {
	t.Parallel()
	out, _, code := runProgram(t, nil, "", "rules", "facts")
	for _, want := range []string{"links.count", "author.recognised", "velocity.address_1h", "text.spam_score", "article.closed"} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("exit code %d; %s is not documented", code, want)
		}
	}
}
