package rules

import (
	"fmt"
	"slices"
)

// warnings returns what is allowed but perhaps not meant.
func (c *compiler) warnings() []Fault {
	var list []Fault
	warn := func(at place, message, hint string) {
		list = append(list, Fault{Line: at.line, Column: at.column, Path: at.path, Message: message, Hint: hint})
	}
	closed, _ := findFact("article.closed")
	looksAtClosed, scores := false, false
	for _, r := range c.out.rules {
		if r.mode == Off {
			warn(r.at, fmt.Sprintf("the rule %q is off", r.id), "It is not even evaluated; mode shadow keeps its hits.")
		}
		if r.action == Approve && r.priority > 0 {
			warn(r.at, fmt.Sprintf("the rule %q outranks every rule of a lower priority, those against spam included", r.id),
				"Without a priority it gives way to whatever speaks against the comment.")
		}
		looksAtClosed = looksAtClosed || r.mode == Enforce && slices.Contains(r.condition.facts, closed)
		scores = scores || r.mode == Enforce && r.score > 0
	}
	start := place{line: 1, column: 1}
	if !looksAtClosed {
		warn(start, "no rule looks at article.closed, so closed articles take comments",
			"Add a rule with \"when: article.closed\" and \"then: reject\".")
	}
	if len(c.out.thresholds) > 0 && !scores {
		warn(start, "there are thresholds, but no rule adds to the score", "Give rules a score, or remove the thresholds.")
	}
	if c.out.fallback == Approve {
		warn(start, "the default is approve: whatever no rule catches is published unseen",
			"Prefer a rule that says whom you trust.")
	}
	for i, l := range c.declared {
		if !c.conditions.used[i] {
			warn(l.at, fmt.Sprintf("no rule asks about the list %q", l.id),
				fmt.Sprintf("Ask listed(%q) in a rule, or remove the list.", l.id))
		}
	}
	sortFaults(list)
	for i, w := range list {
		list[i] = c.doc.home(w)
	}
	return list
}
