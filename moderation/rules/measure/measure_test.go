package measure

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/rules"
)

func parsed(t *testing.T, source string) *rules.Ruleset {
	t.Helper()
	rs, err := rules.Parse(t.Context(), []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func judged(t *testing.T, source, corpus string) Run {
	t.Helper()
	cases, err := rules.ReadCases(strings.NewReader(corpus), "bad")
	if err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		cases[i].File = "corpus.tsv"
	}
	run, err := Judge(t.Context(), parsed(t, source), cases, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	run.Took = 0
	return run
}

const mills = `
lists:
  mills: {terms: [mill]}
  wheels: {terms: [wheel]}
  stones: {terms: [stone]}
rules:
  - {id: mill, when: 'listed("mills")', then: hold, reason: x}
  - {id: wheel, when: 'listed("wheels")', then: spam, reason: x}
  - {id: stone, mode: shadow, when: 'listed("stones")', then: hold, reason: x}
default: approve
`

const corpus = "mill\tbad\ten\nmill wheel\tbad\ten\nwheel\tok\tde\nmill wheel\tok\tde\nstone\tbad\tde\nbread\tok\nsalt\tbad\n"

func TestWilsonGivesTheScoreInterval(t *testing.T) {
	for _, c := range []struct {
		part, whole int
		low, high   float64
	}{
		{3, 4, 0.3006, 0.9544}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {500, 1000, 0.4691, 0.5309},
	} {
		got := Wilson(c.part, c.whole)
		if math.Abs(got[0]-c.low) > 5e-5 || math.Abs(got[1]-c.high) > 5e-5 {
			t.Errorf("%d of %d: %v, want %v and %v", c.part, c.whole, *got, c.low, c.high)
		}
	}
	if got := Wilson(0, 0); got != nil {
		t.Errorf("without cases: %v", got)
	}
	if got := Wilson(3, 4).String(); got != "30–95%" {
		t.Errorf("3 of 4 is written %q", got)
	}
}

func TestMcNemarGivesTheExactProbability(t *testing.T) {
	for _, c := range []struct {
		better, worse int
		want          float64
	}{{0, 0, 1}, {5, 5, 1}, {0, 5, 2.0 / 32}, {8, 1, 20.0 / 512}, {3000, 1, 0}} {
		if got := McNemar(c.better, c.worse); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%d against %d: %v, want %v", c.better, c.worse, got, c.want)
		}
	}
}

func TestKindsAreCountedInAlphabeticalOrder(t *testing.T) {
	var got []string
	for _, k := range judged(t, mills, corpus).ByKind() {
		got = append(got, k.Kind)
		if k.Kind == "de" && (k.Cases != 3 || k.FalsePositives != 2 || k.FalseNegatives != 1 || k.FPR != 1) {
			t.Errorf("de: %+v", k)
		}
	}
	if diff := cmp.Diff([]string{"", "de", "en"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheCostOfARuleIsWhatItFoundAndHeldAloneAndInTotal(t *testing.T) {
	want := []RuleCost{
		{Rule: "wheel", Mode: rules.Enforce, Action: rules.Spam, Found: 1, FalseAlarms: 2, FalseAlarmsAlone: 1},
		{Rule: "mill", Mode: rules.Enforce, Action: rules.Hold, Found: 2, FoundAlone: 1, FalseAlarms: 1},
		{Rule: "stone", Mode: rules.Shadow, Action: rules.Hold, Found: 1, FoundAlone: 1},
	}
	if diff := cmp.Diff(want, judged(t, mills, corpus).Costs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTwoRulesetsAreComparedCaseByCase(t *testing.T) {
	now := strings.NewReplacer("mode: shadow, ", "", "then: spam", "then: hold", "[mill]", "[salt]").Replace(mills)
	c := Compare(judged(t, mills, corpus), judged(t, now, corpus), 3)
	counts := []int{c.BothRight, c.BothWrong, c.Found, c.Lost, c.Cleared, c.Raised, c.Better, c.Worse, c.Regraded}
	if diff := cmp.Diff([]int{2, 2, 2, 1, 0, 0, 2, 1, 3}, counts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want := []Change{
		{Outcome: Lost, File: "corpus.tsv", Line: 1, Label: "bad", Kind: "en", Text: "mill",
			Before: Ruled{rules.Hold, "mill"}, After: Ruled{rules.Approve, "default"}},
		{Outcome: Found, File: "corpus.tsv", Line: 5, Label: "bad", Kind: "de", Text: "stone",
			Before: Ruled{rules.Approve, "default"}, After: Ruled{rules.Hold, "stone"}},
		{Outcome: Found, File: "corpus.tsv", Line: 7, Label: "bad", Text: "salt",
			Before: Ruled{rules.Approve, "default"}, After: Ruled{rules.Hold, "mill"}},
	}
	if diff := cmp.Diff(want, c.Changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestMissesAreWrittenByKindAsACorpus(t *testing.T) {
	var out strings.Builder
	if err := WriteMisses(&out, judged(t, mills, corpus+"salt\\tand\\nbread\tbad\tde\n")); err != nil {
		t.Fatal(err)
	}
	want := "# text\tlabel\tkind\tmistake\tplace\tcause\n" +
		"salt\tbad\t\tmiss\tcorpus.tsv:7\tdefault\n" +
		"stone\tbad\tde\tmiss\tcorpus.tsv:5\tdefault\n" +
		"salt\\tand\\nbread\tbad\tde\tmiss\tcorpus.tsv:8\tdefault\n" +
		"wheel\tok\tde\tfalse alarm\tcorpus.tsv:3\twheel\n" +
		"mill wheel\tok\tde\tfalse alarm\tcorpus.tsv:4\twheel\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestManyCasesAreJudgedInOrder(t *testing.T) {
	var lines strings.Builder
	for i := range 1000 {
		lines.WriteString([]string{"mill\tbad\n", "bread\tok\n", "wheel\tbad\n"}[i%3])
	}
	run := judged(t, mills, lines.String())
	for i, v := range run.Verdicts {
		if want := []rules.Action{rules.Hold, rules.Approve, rules.Spam}[i%3]; v.Action != want {
			t.Fatalf("case %d: %s, want %s", i, v.Action, want)
		}
	}
}
