package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// documentTest is one test of the document: a submission and what the ruleset must make of it.
type documentTest struct {
	name     string
	at       place
	facts    *Facts
	action   Action   // empty: any
	rules    []string // must fire
	notRules []string // must not fire
}

// TestFailure is a test of the document that the ruleset does not pass.
type TestFailure struct {
	Line    int      `json:"line"`
	Column  int      `json:"column"`
	Name    string   `json:"name"`
	Message string   `json:"message"` // everything that is not as expected
	Verdict *Verdict `json:"verdict"`
}

// Tests returns how many tests the document has.
func (rs *Ruleset) Tests() int { return len(rs.tests) }

// RunTests evaluates the document's tests and returns those that fail, in order. The error is the context's.
func (rs *Ruleset) RunTests(ctx context.Context) ([]TestFailure, error) {
	var failures []TestFailure
	for _, t := range rs.tests {
		v := rs.Evaluate(ctx, t.facts)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("run tests of ruleset: %w", context.Cause(ctx))
		}
		if wrong := t.compare(v); len(wrong) > 0 {
			failures = append(failures, TestFailure{Line: t.at.line, Column: t.at.column, Name: t.name,
				Message: strings.Join(wrong, "; "), Verdict: &v})
		}
	}
	return failures, nil
}

func (t documentTest) compare(v Verdict) []string {
	var wrong []string
	fired := make([]string, len(v.Hits))
	for i, hit := range v.Hits {
		fired[i] = hit.Rule
	}
	if t.action != "" && v.Action != t.action {
		wrong = append(wrong, fmt.Sprintf("expected %s, but the verdict is %s because of %s", t.action, v.Action, v.Cause))
	}
	for _, id := range t.rules {
		if !slices.Contains(fired, id) {
			wrong = append(wrong, fmt.Sprintf("the rule %q did not fire", id))
		}
	}
	for _, id := range t.notRules {
		if slices.Contains(fired, id) {
			wrong = append(wrong, fmt.Sprintf("the rule %q fired", id))
		}
	}
	return wrong
}

func (c *compiler) tests(n node) {
	c.ruleIDs = make([]string, len(c.out.rules))
	for i, r := range c.out.rules {
		c.ruleIDs[i] = r.id
	}
	for _, item := range c.doc.items(n, "tests") {
		if c.doc.stopped() {
			return
		}
		c.out.tests = append(c.out.tests, c.test(item))
	}
}

// test reads one test. What it leaves out is as in Neutral.
func (c *compiler) test(n node) documentTest {
	d := c.doc
	values := d.mapping(n, "a test", "name", "body", "author_name", "author_url", "author_email", "address",
		"facts", "expect")
	t := documentTest{at: n.place(), facts: Neutral("")}
	if v, has := values["name"]; has {
		t.name, _ = d.words(v, "a name")
	} else if n.isMapping() {
		d.fault(n, "the test has no name",
			"Say in a sentence what must happen, such as \"name: a trusted commenter is approved\".")
	}
	for _, field := range []struct {
		key   string
		at    *string
		limit int
	}{
		{"body", &t.facts.Body, limitBody}, {"author_name", &t.facts.Author.Name, limitName},
		{"author_url", &t.facts.Author.URL, limitURL}, {"author_email", &t.facts.Author.Email, limitEmail},
	} {
		if v, has := values[field.key]; has {
			*field.at = d.wordsWithin(v, field.key, field.limit)
		}
	}
	if v, has := values["address"]; has {
		raw, _ := d.words(v, "an address")
		address, err := netip.ParseAddr(raw)
		if err != nil {
			d.fault(v, fmt.Sprintf("%q is no address", raw), "Write it like \"192.0.2.7\".")
		}
		t.facts.Address = address
	}
	if v, has := values["facts"]; has {
		for _, e := range d.entries(v, "facts") {
			c.setFact(e, t.facts)
		}
	}
	if v, has := values["expect"]; has {
		c.expect(v, &t)
	} else if n.isMapping() {
		d.fault(n, "the test expects nothing", "Add \"expect: {action: hold}\".")
	}
	return t
}

// setFact sets one fact of a test by its path.
func (c *compiler) setFact(e entry, facts *Facts) {
	d := c.doc
	ref, known := findFact(e.key.Value)
	if !known {
		d.fault(e.key, fmt.Sprintf("there is no fact %q", e.key.Value), didYouMean(e.key.Value, factPaths(), ""))
		return
	}
	path := ref.path()
	if !ref.fact().settable() {
		d.fault(e.key, path+" cannot be set: it follows from what the test says elsewhere",
			"Set what it follows from: body, author_name, author_url, author_email, address, reply.depth, or another fact.")
		return
	}
	switch at := ref.at(facts).(type) {
	case *bool:
		*at, _ = d.boolean(e.value, path)
	case *int:
		*at, _ = d.integer(e.value, path, 1e9)
	case *float64:
		*at, _ = d.number(e.value, path, 1e9)
	case *string:
		*at, _ = d.words(e.value, path)
	case *[]string:
		*at = nil
		for _, item := range d.items(e.value, path) {
			one, _ := d.words(item, "an item of "+path)
			*at = append(*at, one)
		}
	}
}

func (c *compiler) expect(n node, t *documentTest) {
	d := c.doc
	values := d.mapping(n, "expect", "action", "rules", "not_rules")
	if v, has := values["action"]; has {
		action, _ := d.choice(v, "action", actionNames())
		t.action = Action(action)
	}
	if v, has := values["rules"]; has {
		t.rules = c.ruleNames(v)
	}
	if v, has := values["not_rules"]; has {
		t.notRules = c.ruleNames(v)
	}
	if len(values) == 0 && n.isMapping() {
		d.fault(n, "the test expects nothing", "Say which action, which rules, or not_rules.")
	}
}

// ruleNames reads ids of rules that exist.
func (c *compiler) ruleNames(n node) []string {
	var names []string
	for _, item := range c.doc.items(n, "rules") {
		if c.doc.stopped() {
			return nil
		}
		name, ok := c.doc.words(item, "an id")
		if ok && !slices.Contains(c.ruleIDs, name) {
			c.doc.fault(item, fmt.Sprintf("there is no rule %q", name), didYouMean(name, c.ruleIDs, ""))
		}
		names = append(names, name)
	}
	return names
}

// FactValue is a stored fact with its value as a test of a document has it.
type FactValue struct{ Path, Value string }

// Unusual returns the facts that a test has to set so that its submission has these facts: those that differ from
// Neutral, except for those of outside classifiers, and the author's name and website.
func (f *Facts) Unusual() []FactValue {
	var list []FactValue
	neutral := Neutral("")
	for i := range registry {
		if registry[i].member != nil || !registry[i].settable() {
			continue
		}
		ref := factRef{entry: i}
		if value := writeFact(ref.at(f)); value != writeFact(ref.at(neutral)) {
			list = append(list, FactValue{ref.path(), value})
		}
	}
	return list
}

// writeFact writes what a pointer to a fact points at, as JSON, which is YAML.
func writeFact(at any) string {
	if list, ok := at.(*[]string); ok && len(*list) == 0 {
		return "[]"
	}
	raw, err := json.Marshal(at)
	if err != nil {
		panic("facts are plain data: " + err.Error())
	}
	return string(raw)
}
