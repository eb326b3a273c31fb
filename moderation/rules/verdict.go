package rules

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
	Mode         Mode    `json:"mode"`
	Action       Action  `json:"action,omitempty"` // empty for a rule that only scores
	Score        float64 `json:"score,omitempty"`
	Priority     int     `json:"priority,omitempty"`
	Field        string  `json:"field"`           // what the rule looked at first: a field or a group of facts
	Spans        []Span  `json:"spans,omitempty"` // what fired in the original text, in order; at most maxSpans
	Reason       string  `json:"reason"`          // for moderators
	PublicReason string  `json:"public_reason,omitempty"`
	ReasonCode   string  `json:"reason_code,omitempty"` // stable name of the reason, for logs and translations
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
