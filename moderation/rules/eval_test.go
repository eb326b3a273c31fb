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
	want := []Case{{2, "one\ttwo\nthree\\n", true}, {4, "# no header", false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadCasesRefusesWhatHasNoCases(t *testing.T) {
	for name, source := range map[string]string{
		"nothing": "", "only a header": "# text\tlabel\n", "a line without a label": "one\tbad\ntwo\n", "what is no text": "\xff\tbad\n",
	} {
		if cases, err := ReadCases(strings.NewReader(source), "bad"); err == nil {
			t.Errorf("%s gives %d cases and no error", name, len(cases))
		}
	}
}

func TestEvalCountsAndListsMistakes(t *testing.T) {
	rs, err := Parse(t.Context(), []byte("default: approve\nlists: {a: {terms: [mill]}}\nrules: [{id: r, when: listed(\"a\"), then: hold, reason: x}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	cases := []Case{{1, "mill", true}, {2, "mill", true}, {3, "wheel", true}, {4, "mill", false}, {5, "wheel", false}, {6, "x", false}, {7, "y", false}}
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
	if _, _, err := rs.Eval(ctx, []Case{{1, "mill", true}}, time.Now); err == nil {
		t.Error("a cancelled evaluation returns no error")
	}
}
