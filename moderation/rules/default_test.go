package rules

import (
	"context"
	"testing"
)

func TestDefaultRulesetPassesItsOwnTests(t *testing.T) {
	rs, err := Parse(Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range rs.Warnings() {
		t.Errorf("warning: %s", w)
	}
	for _, f := range rs.RunTests(context.Background()) {
		t.Errorf("line %d, %s: %s\n%s", f.Line, f.Name, f.Message, f.Verdict.Explain())
	}
}

func TestEveryDefaultRuleIsTested(t *testing.T) {
	rs, err := Parse(Default())
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	for _, dt := range rs.tests {
		for _, id := range dt.rules {
			covered[id] = true
		}
	}
	for _, r := range rs.rules {
		if !covered[r.id] {
			t.Errorf("no test of the document expects the rule %q to fire", r.id)
		}
	}
}

func TestNoApproveRuleOfASiteLetsInWhomAModeratorBlocked(t *testing.T) {
	rs, err := ParseExtending([]byte(`
extends: default
rules:
  - {id: everybody, when: "true", then: approve, priority: 1000, reason: All are welcome.}
`), func(string) ([]byte, bool) { return Default(), true })
	if err != nil {
		t.Fatal(err)
	}
	for blocked, want := range map[string]Action{"": Approve, "hold": Hold, "reject": Reject, "spam": Spam} {
		f := Neutral("The ferry leaves at nine.")
		f.Blocks.Action = blocked
		if v := rs.Evaluate(t.Context(), f); v.Action != want {
			t.Errorf("a block that says %q ends in %s, want %s", blocked, v.Action, want)
		}
	}
}
