package rules

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadCasesReadsLabelledTexts(t *testing.T) {
	got, err := ReadCases(strings.NewReader("# text\tlabel\r\none\\ttwo\\nthree\\\\n\tbad\tmore\r\n\n# no header\tok\n"), "bad")
	if err != nil {
		t.Fatal(err)
	}
	want := []Case{
		{Line: 2, Text: "one\ttwo\nthree\\n", Positive: true, Label: "bad", Kind: "more"},
		{Line: 4, Text: "# no header", Label: "ok"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadLabelledNamesTheLineOfAFault(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		labels Labels
		want   string
	}{
		"an empty file":                    {"", Labels{}, "the file has no cases: it is empty or has only a header"},
		"only a header":                    {"# text\tlabel\n", Labels{}, "the file has no cases: it is empty or has only a header"},
		"a row without a label":            {"one\tbad\ntwo\n", Labels{}, "line 2: the row has no label: a text, a tab and a label are expected"},
		"a row of an empty label":          {"# h\none\t\tde\n", Labels{}, "line 2: the row has no label: a text, a tab and a label are expected"},
		"invalid UTF-8":                    {"\xff\tbad\n", Labels{}, "line 1: not valid UTF-8"},
		"a label in capitals":              {"one\tbad\ntwo\tBad\n", Labels{}, `line 2: unknown label "Bad": expected "bad"`},
		"a label that is neither":          {"one\tbad\ntwo\tmaybe\n", Labels{Negative: []string{"ok"}}, `line 2: unknown label "maybe": expected "bad", "ok"`},
		"a positive label that no row has": {"one\tspam\ntwo\tham\n", Labels{}, `no row has the label "bad": the labels are "ham", "spam"`},
		"a line that is too long":          {"one\tbad\n" + strings.Repeat("x", MaxDocumentBytes) + "\tbad\n", Labels{}, "line 2: longer than 1048576 bytes"},
	} {
		c.labels.Positive = []string{"bad"}
		if cases, err := ReadLabelled(strings.NewReader(c.source), c.labels); err == nil || err.Error() != c.want {
			t.Errorf("%s gives %d cases and %v, want %s", name, len(cases), err, c.want)
		}
	}
	if cases, err := ReadCases(strings.NewReader("one\tok\n"), "bad"); err != nil || len(cases) != 1 {
		t.Errorf("a file of harmless texts gives %d cases and %v", len(cases), err)
	}
}

func TestAnEscapedTextIsReadBack(t *testing.T) {
	text := "a\tb\nc\rd\\n \\\\t"
	cases, err := ReadCases(strings.NewReader(EscapeCase(text)+"\tbad\n"), "bad")
	if err != nil || cases[0].Text != text {
		t.Errorf("%v: %+v, want %q", err, cases, text)
	}
}

func TestEvalCountsAndListsMistakes(t *testing.T) {
	rs, err := Parse(t.Context(), []byte("default: approve\nlists: {a: {terms: [mill]}}\nrules: [{id: r, when: listed(\"a\"), then: hold, reason: x}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	for i, text := range []string{"mill", "mill", "wheel", "mill", "wheel", "x", "y"} {
		cases = append(cases, Case{Line: i + 1, Text: text, Positive: i < 3})
	}
	ticks := 0
	now := func() time.Time { ticks++; return time.Unix(int64(ticks), 0) }
	got, mistakes, err := rs.Eval(context.Background(), cases, now)
	if err != nil {
		t.Fatal(err)
	}
	want := Evaluation{Cases: 7, TruePositives: 2, FalsePositives: 1, TrueNegatives: 3, FalseNegatives: 1,
		Precision: 2.0 / 3, Recall: 2.0 / 3, F1: 2.0 / 3, FPR: 0.25, PerSecond: 7}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(mistakes) != 2 || mistakes[0].Line != 3 || mistakes[1].Line != 4 {
		t.Errorf("mistakes are %+v, want those of lines 3 and 4", mistakes)
	}
}

func TestEvalStopsWithItsContext(t *testing.T) {
	rs, err := Parse(t.Context(), Default())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := rs.Eval(ctx, []Case{{Line: 1, Text: "mill", Positive: true}}, time.Now); err == nil {
		t.Error("a cancelled evaluation returns no error")
	}
}
