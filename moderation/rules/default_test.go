package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultRulesetPassesItsOwnTests(t *testing.T) {
	rs, err := Parse(t.Context(), Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range rs.Warnings() {
		t.Errorf("warning: %s", w)
	}
	failures, err := rs.RunTests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Errorf("line %d, %s: %s\n%s", f.Line, f.Name, f.Message, f.Verdict.Explain())
	}
}

func TestEveryDefaultRuleIsTested(t *testing.T) {
	rs, err := Parse(t.Context(), Default())
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
	rs, err := ParseExtending(t.Context(), []byte(`
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

// A reason that quotes the hour when the minute fired misleads moderators.
func TestAReasonQuotesWhatFired(t *testing.T) {
	rs, err := Parse(t.Context(), Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		rule   string
		facts  func(*Facts)
		reason string
	}{
		{"a minute of a busy commenter", "busy", func(f *Facts) { f.Velocity.Author = Rate{Minute: 3, Hour: 4, Day: 9} },
			"3 comments of this commenter came within a minute, 4 within an hour."},
		{"an hour of a busy commenter", "busy", func(f *Facts) { f.Velocity.Author = Rate{Minute: 1, Hour: 20, Day: 20} },
			"1 comment of this commenter came within a minute, 20 within an hour."},
		{"an hour of a busy address", "busy-address", func(f *Facts) { f.Velocity.Address = Rate{Minute: 1, Hour: 61, Day: 80} },
			"61 comments came from this address within an hour."},
		{"a flood of a commenter", "flood", func(f *Facts) { f.Velocity.Author = Rate{Minute: 7, Hour: 9, Day: 9} },
			"7 comments of this commenter came within a minute."},
		{"a flood from an address", "flood-from-address", func(f *Facts) { f.Velocity.Address = Rate{Minute: 20, Hour: 59, Day: 59} },
			"20 comments came from this address within a minute."},
		{"one copy of a long text", "copied", func(f *Facts) { f.Body, f.Similarity.Site = strings.Repeat("The mill again. ", 9), 1 },
			"The same text was sent 1 time within 24 hours."},
		{"a form sent after a second", "sent-at-once", func(f *Facts) { f.Form.AgeSeconds = 1 },
			"Was sent 1 second after the form was opened."},
		{"a commenter with one approved comment", "trusted-commenter", func(f *Facts) { f.Author.Approved = 1 },
			"A known commenter with 1 approved comment, and none refused lately."},
	} {
		f := Neutral("And another thing.")
		c.facts(f)
		reason := ""
		for _, hit := range rs.Evaluate(t.Context(), f).Hits {
			if hit.Rule == c.rule {
				reason = hit.Reason
			}
		}
		if reason != c.reason {
			t.Errorf("%s: %q, want %q", c.name, reason, c.reason)
		}
	}
}

func TestTheStarterIsTheShippedRulesetWithoutTests(t *testing.T) {
	starter, err := Parse(t.Context(), Starter())
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := Parse(t.Context(), Default())
	if err != nil {
		t.Fatal(err)
	}
	if starter.Tests() != 0 || shipped.Tests() == 0 {
		t.Errorf("the starter has %d tests, the shipped ruleset %d", starter.Tests(), shipped.Tests())
	}
	if diff := cmp.Diff(shipped.Rules(), starter.Rules()); diff != "" {
		t.Errorf("the starter has other rules (-shipped +starter):\n%s", diff)
	}
}
