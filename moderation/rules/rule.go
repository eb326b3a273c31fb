package rules

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"rejoinder/moderation/text"
)

// The limits of rules.
const (
	MaxRules    = 1_000
	maxScore    = 1_000.0
	maxPriority = 1_000
)

// rule is one compiled rule.
type rule struct {
	id        string
	mode      Mode
	action    Action // empty for a rule that only scores
	score     float64
	priority  int
	condition condition
	when      string // the condition's source
	reason    template
	public    template
	code      string // of the reason; empty for none
	label     string // empty for none
	nudge     Nudge  // empty for none
	about     Subject
	at        place
}

// identifier is what ids of rules and lists look like.
var identifier = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$`)

func (c *compiler) rules(n node) {
	items := c.doc.items(n, "rules")
	if len(items) > MaxRules {
		c.doc.fault(items[MaxRules],
			fmt.Sprintf("there are %d rules, and at most %d are allowed: this is one too many", len(items), MaxRules),
			"Rules that differ only in their words belong together, with a list.")
		items = items[:MaxRules]
	}
	seen := map[string]int{}
	for _, item := range items {
		if c.doc.stopped() {
			return
		}
		if r, ok := c.rule(item); ok {
			if line, twice := seen[r.id]; twice {
				c.doc.faultAt(r.at, fmt.Sprintf("there is a rule %q already, in line %d", r.id, line),
					"Every id is used once, so that hits name one rule.")
			}
			seen[r.id] = r.at.line
			c.out.rules = append(c.out.rules, r)
		}
	}
}

// rule reads one rule. With ok false it has no usable id; other faults are only noted.
func (c *compiler) rule(n node) (r rule, ok bool) {
	d := c.doc
	values := d.mapping(n, "a rule", "id", "label", "when", "then", "score", "priority", "mode", "reason", "public_reason", "reason_code",
		"nudge")
	r = rule{mode: Enforce}
	id, has := values["id"]
	if !has {
		if n.isMapping() {
			d.fault(n, "the rule has no id", "Give it a short name of its own, such as \"id: too-many-links\".")
		}
		return r, false
	}
	if r.id, ok = c.id(id); !ok {
		return r, false
	}
	r.at = id.place()
	if v, has := values["mode"]; has {
		mode, _ := d.choice(v, "mode", []string{string(Enforce), string(Shadow), string(Off)})
		r.mode = Mode(mode)
	}
	if v, has := values["when"]; has {
		r.condition, r.when = c.condition(v), v.Value
	} else {
		d.fault(n, "the rule has no when", "Say when it fires, such as \"when: links.count > 2\".")
	}
	c.effect(&r, n, values)
	if v, has := values["reason"]; has {
		r.reason = c.template(v, false)
		c.checkMatched(&r, v)
	} else {
		d.fault(n, "the rule has no reason", "Say in a sentence why it fires: moderators read it beside the comment.")
	}
	if v, has := values["public_reason"]; has {
		r.public = c.template(v, true)
	}
	if v, has := values["reason_code"]; has {
		r.code = c.reasonCode(v)
	}
	if v, has := values["label"]; has {
		r.label = c.label(v)
	}
	if v, has := values["nudge"]; has {
		nudge, _ := d.choice(v, "nudge", nudges)
		r.nudge = Nudge(nudge)
	}
	r.about = c.subject(r.condition)
	return r, true
}

// maxLabelCharacters is what fits into a row of the queue beside the matched term.
const maxLabelCharacters = 40

func (c *compiler) label(n node) string {
	label, ok := c.doc.words(n, "label")
	clean, err := text.CleanLine(label)
	if ok && (err != nil || clean != label || !text.Visible(label) || text.Characters(label) > maxLabelCharacters) {
		c.doc.fault(n, "this is no label", fmt.Sprintf("A label is a few words in one line, at most %d characters.", maxLabelCharacters))
		return ""
	}
	return label
}

// reasonCodeForm is what a reason code looks like.
var reasonCodeForm = regexp.MustCompile(`^[a-z0-9_-]{1,40}$`)

func (c *compiler) reasonCode(n node) string {
	code, ok := c.doc.words(n, "reason_code")
	if ok && !reasonCodeForm.MatchString(code) {
		c.doc.fault(n, fmt.Sprintf("%q is no reason code", code),
			"A code has up to 40 lower-case letters, digits, hyphens and underscores.")
		return ""
	}
	return code
}

// effect reads what a rule does when it fires.
func (c *compiler) effect(r *rule, n node, values map[string]node) {
	d := c.doc
	then, acts := values["then"]
	if acts {
		action, _ := d.choice(then, "then", actionNames())
		r.action = Action(action)
	}
	score, scores := values["score"]
	if scores {
		r.score, _ = d.number(score, "score", maxScore)
	}
	if !acts && !scores {
		d.fault(n, "the rule does nothing: it has neither then nor score", "Add \"then: hold\", or a score.")
	}
	if v, has := values["priority"]; has {
		r.priority, _ = d.integer(v, "priority", maxPriority)
		if !acts {
			d.fault(v, "a priority needs a then: scores have none", "Remove it, or add a then.")
		}
	}
}

func actionNames() []string {
	names := make([]string, len(actions))
	for i, a := range actions {
		names[i] = string(a)
	}
	return names
}

// id reads the id of a rule or list.
func (c *compiler) id(n node) (string, bool) {
	id, ok := c.doc.words(n, "an id")
	if !ok {
		return "", false
	}
	if !identifier.MatchString(id) {
		c.doc.fault(n, fmt.Sprintf("%q is no id", id), "An id has up to 64 lower-case letters, digits and inner hyphens.")
		return "", false
	}
	if id == CauseDefault || id == CauseError {
		c.doc.fault(n, fmt.Sprintf("the id %q is reserved", id), "Choose another one.")
		return "", false
	}
	return id, true
}

// condition compiles a "when" and maps the places of its faults into the document.
func (c *compiler) condition(n node) condition {
	source, ok := c.doc.words(n, "when")
	if !ok {
		return condition{}
	}
	if strings.TrimSpace(source) == "" {
		c.doc.fault(n, "the condition is empty", "Write \"true\" for a rule that always fires.")
		return condition{}
	}
	compiled, faults := c.conditions.compile(source)
	compiled.at = n.place()
	for _, f := range faults {
		if c.doc.more {
			break // finding the place takes time
		}
		c.doc.faultAt(c.doc.within(n, f.Line, f.Column), f.Message, f.Hint)
	}
	return compiled
}

func (c *compiler) template(n node, public bool) template {
	source, ok := c.doc.words(n, "a reason")
	if !ok {
		return template{}
	}
	source = strings.TrimSpace(source)
	switch length := utf8.RuneCountInString(source); {
	case !text.Visible(source):
		c.doc.fault(n, "a reason cannot be empty", "Say in a sentence why the rule fires.")
	case length > maxReasonCharacters:
		c.doc.fault(n, fmt.Sprintf("a reason has at most %d characters; this one has %d", maxReasonCharacters, length), "")
		return template{}
	}
	compiled, faults := compileTemplate(source, public)
	for _, f := range faults {
		c.doc.faultAt(c.doc.within(n, 1, 1+f.offset), f.message, f.hint)
	}
	return compiled
}

// checkMatched refuses {{matched}} in a rule that points at nothing.
func (c *compiler) checkMatched(r *rule, n node) {
	pointing := len(r.condition.asked) > 0
	for _, f := range r.condition.facts {
		pointing = pointing || f.fact().group == "links"
	}
	if r.reason.quotesMatches() && !pointing && r.condition.program != nil {
		c.doc.fault(n, "{{matched}} has nothing to quote: the condition asks about no list and no links",
			"Quote a fact, such as {{text.length}}.")
	}
}
