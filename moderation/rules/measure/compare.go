package measure

import (
	"cmp"
	"slices"

	"rejoinder/moderation/rules"
)

// Comparison is how the verdicts of a ruleset differ from those of an earlier one on the same cases.
type Comparison struct {
	Before    Figures  `json:"before"`     // of the earlier ruleset
	BothRight int      `json:"both_right"` // cases; right: flagged if positive, else not
	BothWrong int      `json:"both_wrong"`
	Found     int      `json:"found"`    // positive cases flagged only now
	Lost      int      `json:"lost"`     // positive cases flagged only before
	Cleared   int      `json:"cleared"`  // harmless cases flagged only before
	Raised    int      `json:"raised"`   // harmless cases flagged only now
	Better    int      `json:"better"`   // found and cleared
	Worse     int      `json:"worse"`    // lost and raised
	Regraded  int      `json:"regraded"` // flagged by both, with another action
	PValue    float64  `json:"p_value"`  // McNemar of better and worse
	Changes   []Change `json:"changes"`  // the first ones: worse, better, regraded
}

// Outcomes of a changed case.
const (
	Lost     = "lost"
	Raised   = "raised"
	Found    = "found"
	Cleared  = "cleared"
	Regraded = "regraded"
)

// outcomes in the order of a list of changes: what got worse comes first.
var outcomes = []string{Lost, Raised, Found, Cleared, Regraded}

// Change is a case with another verdict than before.
type Change struct {
	Outcome string `json:"outcome"` // one of the constants
	File    string `json:"file"`
	Line    int    `json:"line"`
	Label   string `json:"label"`
	Kind    string `json:"kind,omitempty"`
	Text    string `json:"text"`
	Before  Ruled  `json:"before"`
	After   Ruled  `json:"after"`
}

// Ruled is an action and what caused it.
type Ruled struct {
	Action rules.Action `json:"action"`
	Cause  string       `json:"cause"`
}

// Compare compares two runs on the same cases, and lists the first changes, at most show.
func Compare(before, after Run, show int) Comparison {
	c := Comparison{Before: before.Figures(), Changes: []Change{}}
	count := map[string]int{}
	for i, one := range after.Cases {
		old, now := before.Verdicts[i], after.Verdicts[i]
		if outcome := outcomeOf(one.Positive, old, now); outcome != "" {
			count[outcome]++
			c.Changes = append(c.Changes, Change{Outcome: outcome, File: one.File, Line: one.Line, Label: one.Label,
				Kind: one.Kind, Text: one.Text, Before: Ruled{old.Action, old.Cause}, After: Ruled{now.Action, now.Cause}})
		}
		if old.Flagged() != now.Flagged() {
			continue
		}
		if now.Flagged() == one.Positive {
			c.BothRight++
		} else {
			c.BothWrong++
		}
	}
	c.Found, c.Lost, c.Cleared, c.Raised, c.Regraded =
		count[Found], count[Lost], count[Cleared], count[Raised], count[Regraded]
	c.Better, c.Worse = c.Found+c.Cleared, c.Lost+c.Raised
	c.PValue = McNemar(c.Better, c.Worse)
	slices.SortStableFunc(c.Changes, func(a, b Change) int {
		return cmp.Compare(slices.Index(outcomes, a.Outcome), slices.Index(outcomes, b.Outcome))
	})
	c.Changes = c.Changes[:min(len(c.Changes), show)]
	return c
}

// outcomeOf says how the verdict on a case changed; empty if it did not.
func outcomeOf(positive bool, before, after rules.Verdict) string {
	switch {
	case before.Action == after.Action:
		return ""
	case before.Flagged() && after.Flagged():
		return Regraded
	case positive && after.Flagged():
		return Found
	case positive:
		return Lost
	case after.Flagged():
		return Raised
	}
	return Cleared
}
