package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"rejoinder/moderation/text"
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
		if r.mode != Off && r.condition.never.why != "" {
			why := r.condition.never
			warn(r.condition.at, fmt.Sprintf("the rule %q can never fire: %s", r.id, why.why), why.hint)
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
	c.warnOfLists(warn)
	sortFaults(list)
	for i, w := range list {
		list[i] = c.doc.home(w)
	}
	return list
}

// warnOfLists adds the warnings about lists and their terms.
func (c *compiler) warnOfLists(warn func(at place, message, hint string)) {
	for i, l := range c.declared {
		if !c.conditions.used[i] {
			warn(l.at, fmt.Sprintf("no rule asks about the list %q", l.id),
				fmt.Sprintf("Ask listed(%q) in a rule, or remove the list.", l.id))
		}
	}
	for i, s := range c.signs {
		message := fmt.Sprintf("%s does not count in mode %s: the term %q finds %q", s.signs, s.mode.name, s.term, s.finds)
		if i == len(c.signs)-1 && c.moreSigns > 0 {
			message += fmt.Sprintf("; %d more terms have such signs", c.moreSigns)
		}
		warn(s.at, message, "Mode substring finds signs as they are written. Mode loose takes the word as it is meant, "+
			"and finds it with signs for letters, too.")
	}
}

// maxLostSigns bounds the warnings about lost signs.
const maxLostSigns = 50

// lostSign is a term with signs that do not count in the mode of its list.
type lostSign struct {
	at    place
	term  string
	signs string // each once, in quotation marks
	finds string
	mode  *listMode
}

// noteLostSigns remembers a term of words with signs that do not count.
func (c *compiler) noteLostSigns(item node, mode *listMode) {
	if mode.engine != wordEngine {
		return
	}
	signs := lostSigns(strings.TrimRight(item.Value, "*"))
	switch {
	case signs == "":
	case len(c.signs) == maxLostSigns:
		c.moreSigns++
	default:
		finds, _ := joinWords(item.Value)
		c.signs = append(c.signs, lostSign{at: item.place(), term: item.Value, signs: signs, finds: finds, mode: mode})
	}
}

// lostSigns returns the signs of a term that stand for letters or belong to its meaning, and that a list of
// words ignores. Apostrophes, hyphens and other punctuation that separates words is not meant.
func lostSigns(term string) string {
	normal := []rune(text.Normalise(term).Text)
	inside := func(i int) bool {
		return i > 0 && i < len(normal)-1 && unicode.IsLetter(normal[i-1]) && unicode.IsLetter(normal[i+1])
	}
	var signs []string
	for i, r := range normal {
		lost := unicode.In(r, unicode.Sm, unicode.Sc, unicode.So) || strings.ContainsRune("@#%&*", r) ||
			strings.ContainsRune("!?", r) && inside(i)
		if sign := strconv.Quote(string(r)); lost && !slices.Contains(signs, sign) {
			signs = append(signs, sign)
		}
	}
	return strings.Join(signs, ", ")
}
