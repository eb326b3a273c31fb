package rules

import (
	"fmt"
	"strconv"
	"strings"
)

// Action is what a rule asks for, and what a verdict concludes.
type Action string

// The actions, from the mildest to the severest.
const (
	Approve Action = "approve"
	Hold    Action = "hold"
	Reject  Action = "reject"
	Spam    Action = "spam"
)

// actions is all of them, from the mildest to the severest.
var actions = []Action{Approve, Hold, Reject, Spam}

// severity orders actions: 1 for the mildest, 0 for none.
func (a Action) severity() int {
	for i, known := range actions {
		if a == known {
			return i + 1
		}
	}
	return 0
}

// Mode says what a rule's hits do.
type Mode string

// The modes.
const (
	Enforce Mode = "enforce" // hits act
	Shadow  Mode = "shadow"  // hits are kept, but do not act
	Off     Mode = "off"     // the rule is not evaluated
)

// The causes of a verdict that are no rule's id. No rule can have them: a colon is not allowed in an id, and
// the words are reserved.
const (
	CauseDefault   = "default"    // nothing asked for an action
	CauseError     = "rule-error" // something could not be evaluated; also the rule of the hit that says so
	CauseThreshold = "threshold:" // followed by the action whose threshold the score reached
)

// Verdict is what a ruleset concludes about one submission.
type Verdict struct {
	Action Action  `json:"action"`
	Score  float64 `json:"score"` // sum of the scores of enforcing hits
	Hits   []Hit   `json:"hits"`  // every rule that fired, in the order of the document
	Cause  string  `json:"cause"` // the rule that decided, or one of the Cause words
}

// Flagged reports whether the comment is not published at once.
func (v Verdict) Flagged() bool { return v.Action != Approve }

// Hit is one rule that fired.
type Hit struct {
	Rule         string  `json:"rule"`
	Label        string  `json:"label,omitempty"` // short name of the rule, for moderators; empty for none
	About        Subject `json:"about,omitempty"` // what the condition looks at
	Mode         Mode    `json:"mode"`
	Action       Action  `json:"action,omitempty"` // empty for a rule that only scores
	Score        float64 `json:"score,omitempty"`
	Priority     int     `json:"priority,omitempty"`
	Field        string  `json:"field"`           // what the rule looked at first: a field or a group of facts
	Spans        []Span  `json:"spans,omitempty"` // what fired in the original text, in order; at most maxSpans
	Reason       string  `json:"reason"`          // for moderators
	PublicReason string  `json:"public_reason,omitempty"`
	ReasonCode   string  `json:"reason_code,omitempty"` // stable name of the reason, for logs and translations
	Nudge        Nudge   `json:"nudge,omitempty"`       // what the author may be asked to change; empty for none
}

// Nudge says in general what authors may want to change before they send a comment. It names neither words nor
// rules, so it is of little use to those who look for a way around them.
type Nudge string

// Nudges.
const (
	NudgeCapitals Nudge = "capitals"
	NudgeLinks    Nudge = "links"
	NudgeLength   Nudge = "length"
	NudgeWords    Nudge = "words"
)

var nudges = []string{string(NudgeCapitals), string(NudgeLinks), string(NudgeLength), string(NudgeWords)}

// Nudge returns the nudge of the first enforced hit that has one: what the author may want to change before
// the comment is stored. It is empty unless the comment would be held: authors of published comments gain
// nothing from it, and spammers should learn nothing.
func (v Verdict) Nudge() Nudge {
	if v.Action != Hold {
		return ""
	}
	for _, hit := range v.Hits {
		if hit.Mode == Enforce && hit.Nudge != "" {
			return hit.Nudge
		}
	}
	return ""
}

// maxSpans is how many spans a hit keeps: enough for the eye, bounded for storage.
const maxSpans = 100

// Span is a stretch of the original text.
type Span struct {
	Field string `json:"field"` // body, author_name or author_url
	Start int    `json:"start"` // in bytes
	End   int    `json:"end"`
}

// PublicReason returns what the commenter may be told: the public reason of the hit that decided or, failing
// that, of the first enforcing hit that asked for the same action or added to the score. It may be empty.
func (v Verdict) PublicReason() string {
	return v.pick(func(h Hit) string { return h.PublicReason })
}

// ReasonCode returns the code of the reason that PublicReason tells or, if it tells none, of the hit that decided
// or supports it. It may be empty.
func (v Verdict) ReasonCode() string {
	if told := v.PublicReason(); told != "" {
		return v.CodeOf(told)
	}
	return v.pick(func(h Hit) string { return h.ReasonCode })
}

// CodeOf returns the reason code of the hit with that public reason; empty if there is none.
func (v Verdict) CodeOf(publicReason string) string {
	for _, hit := range v.Hits {
		if hit.Mode == Enforce && hit.PublicReason == publicReason && hit.ReasonCode != "" {
			return hit.ReasonCode
		}
	}
	return ""
}

// pick returns what a hit says: the one that decided or, failing that, the first enforcing one that asked for the
// same action or added to the score.
func (v Verdict) pick(of func(Hit) string) string {
	fallback := ""
	for _, hit := range v.Hits {
		if hit.Mode != Enforce || of(hit) == "" {
			continue
		}
		if hit.Rule == v.Cause {
			return of(hit)
		}
		supports := hit.Action == v.Action || hit.Action == "" && hit.Score > 0 && v.Action != Approve
		if fallback == "" && supports {
			fallback = of(hit)
		}
	}
	return fallback
}

// decisiveHits bounds how many hits of a verdict Decisive looks at. Each costs a look at all hits.
const decisiveHits = 100

// Decisive returns the rules that each decide alone whether the comment is published, in the order of the
// document: without such a rule, a comment that is not published would be, or the other way round. A rule in
// shadow mode is decisive if enforcing it would make that difference. The verdict must be of this ruleset.
func (rs *Ruleset) Decisive(v Verdict) []string {
	if v.Cause == CauseError {
		return nil
	}
	var ids []string
	other := Verdict{Hits: append([]Hit(nil), v.Hits...)}
	for i := range other.Hits[:min(len(other.Hits), decisiveHits)] {
		hit := &other.Hits[i]
		mode := hit.Mode
		hit.Mode = Off
		if mode == Shadow {
			hit.Mode = Enforce
		}
		other.Score = 0
		rs.conclude(&other, false)
		if hit.Rule != CauseError && other.Flagged() != v.Flagged() {
			ids = append(ids, hit.Rule)
		}
		hit.Mode = mode
	}
	return ids
}

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
