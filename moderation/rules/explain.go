package rules

import (
	"fmt"
	"strconv"
	"strings"
)

// explainedSpans is how many spans of a hit Explain writes out.
const explainedSpans = 5

// Explain returns the verdict in plain text, for people at a terminal: what was decided, by what, and
// everything that fired. It quotes reasons, and of the text only the positions.
func (v Verdict) Explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Verdict: %s, score %s\nBecause: %s\n", v.Action, quoteFact(v.Score), v.causeWords())
	if len(v.Hits) == 0 {
		b.WriteString("No rule fired.\n")
	}
	for _, hit := range v.Hits {
		hit.explain(&b)
	}
	return b.String()
}

func (v Verdict) causeWords() string {
	action, isThreshold := strings.CutPrefix(v.Cause, CauseThreshold)
	switch {
	case isThreshold:
		return "the score reached the threshold for " + action
	case v.Cause == CauseDefault:
		return "no rule asked for an action, so the ruleset's default applies"
	case v.Cause == CauseError:
		return "not everything could be evaluated"
	}
	return "the rule " + v.Cause
}

func (h Hit) explain(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s: %s\n  %s\n", h.Rule, h.effectWords(), h.Reason)
	if h.PublicReason != "" {
		fmt.Fprintf(b, "  The commenter is told: %s\n", h.PublicReason)
	}
	if h.ReasonCode != "" {
		fmt.Fprintf(b, "  Reason code: %s\n", h.ReasonCode)
	}
	fmt.Fprintf(b, "  Found in %s\n", h.whereWords())
}

func (h Hit) effectWords() string {
	var effects []string
	if h.Action != "" {
		effects = append(effects, string(h.Action))
	}
	if h.Score != 0 {
		effects = append(effects, "score "+quoteFact(h.Score))
	}
	if h.Priority != 0 {
		effects = append(effects, "priority "+strconv.Itoa(h.Priority))
	}
	if h.Mode == Shadow {
		effects = append(effects, "in shadow, so it does not act")
	}
	return strings.Join(effects, ", ")
}

func (h Hit) whereWords() string {
	if len(h.Spans) == 0 {
		return h.Field
	}
	var where []string
	for _, s := range h.Spans[:min(len(h.Spans), explainedSpans)] {
		where = append(where, fmt.Sprintf("%s %d–%d", s.Field, s.Start, s.End))
	}
	words := strings.Join(where, ", ")
	if more := len(h.Spans) - explainedSpans; more > 0 {
		words += fmt.Sprintf(" and %d more", more)
	}
	return words
}
