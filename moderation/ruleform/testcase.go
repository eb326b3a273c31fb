package ruleform

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// TestCase is a test of a document: a comment, and the action that the ruleset must take.
type TestCase struct {
	Name   string
	Body   string
	Facts  []TestFact // that differ from those of a trusted commenter, in this order
	Action string     // such as "hold"
}

// TestFact is a fact of a test, with its value as YAML.
type TestFact struct{ Path, Value string }

// AddTest returns the document with one more test at the end. Errors: ErrUnwritable.
func (d *Document) AddTest(t TestCase) (*Document, error) {
	list := child(d.root, "tests")
	if list != nil && list.Tag != "!!null" &&
		(list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0) {
		return nil, ErrUnwritable
	}
	indent := 2
	if list != nil && list.Kind == yaml.SequenceNode {
		indent = list.Column - 1
	}
	margin := strings.Repeat(" ", indent)
	var b strings.Builder
	b.WriteString(margin + "- name: " + scalar(t.Name, indent+2, indent+8, false) + "\n")
	b.WriteString(margin + "  body: " + scalar(t.Body, indent+2, indent+8, false) + "\n")
	if len(t.Facts) > 0 {
		parts := make([]string, len(t.Facts))
		for i, fact := range t.Facts {
			parts[i] = fact.Path + ": " + fact.Value
		}
		b.WriteString(margin + "  facts: {" + strings.Join(parts, ", ") + "}\n")
	}
	b.WriteString(margin + "  expect: {action: " + t.Action + "}\n")
	changed, err := d.insert("tests", b.String())
	if err != nil {
		return nil, err
	}
	if !sameButLastTest(d, changed) || !changed.endsWith(t) {
		return nil, ErrUnwritable
	}
	return changed, nil
}

// endsWith reports whether the last test is the given one.
func (d *Document) endsWith(t TestCase) bool {
	list := child(d.root, "tests")
	if list == nil || len(list.Content) == 0 {
		return false
	}
	last := list.Content[len(list.Content)-1]
	name, body, action := child(last, "name"), child(last, "body"), child(child(last, "expect"), "action")
	return name != nil && body != nil && action != nil &&
		name.Value == t.Name && body.Value == t.Body && action.Value == t.Action
}

// sameButLastTest reports whether b says what a says, and has one more test.
func sameButLastTest(a, b *Document) bool {
	before, after := child(a.root, "tests"), child(b.root, "tests")
	count := 0
	if before != nil {
		count = len(before.Content)
	}
	if after == nil || len(after.Content) != count+1 {
		return false
	}
	for i, one := range after.Content[:count] {
		if !sameNodes(before.Content[i], one) {
			return false
		}
	}
	for i := 0; i+1 < len(a.root.Content); i += 2 {
		if name := a.root.Content[i].Value; name != "tests" && !sameNodes(a.root.Content[i+1], child(b.root, name)) {
			return false
		}
	}
	return true
}

// titleRunes is how much of a comment names its test.
const titleRunes = 40

// TestTitle returns the first words of a comment, on one line, for the name of its test.
func TestTitle(body string) string {
	runes := []rune(strings.Join(strings.Fields(body), " "))
	if len(runes) <= titleRunes {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:titleRunes])) + "…"
}
