package ruleform

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// TestCase is a test of a document: a comment, and what the ruleset must make of it. It has one expectation.
type TestCase struct {
	Name   string
	Body   string
	Facts  []TestFact // that differ from those of a trusted commenter, in this order
	Action string     // that the ruleset must take, such as "hold"; empty: any
	Fires  string     // the rule that must fire; empty: any
	Silent string     // the rule that must not fire; empty: none
}

// expectation returns the key and the value of what the test expects, as YAML.
func (t TestCase) expectation() (key, value string) {
	switch {
	case t.Fires != "":
		return "rules", "[" + t.Fires + "]"
	case t.Silent != "":
		return "not_rules", "[" + t.Silent + "]"
	}
	return "action", t.Action
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
	key, value := t.expectation()
	b.WriteString(margin + "  expect: {" + key + ": " + value + "}\n")
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
	key, value := t.expectation()
	name, body, expected := child(last, "name"), child(last, "body"), child(child(last, "expect"), key)
	if name == nil || body == nil || expected == nil || name.Value != t.Name || body.Value != t.Body {
		return false
	}
	return expected.Value == value || len(expected.Content) == 1 && "["+expected.Content[0].Value+"]" == value
}

// DropTests returns the document without the tests that begin on these lines. Errors: ErrUnwritable.
func (d *Document) DropTests(lines []int) (*Document, error) {
	name, list := childPair(d.root, "tests")
	if list == nil || list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 {
		return nil, ErrUnwritable
	}
	dropped := func(n *yaml.Node) bool { return slices.Contains(lines, n.Line) }
	kept := slices.DeleteFunc(slices.Clone(list.Content), dropped)
	changed, err := d, error(nil)
	if len(kept) == 0 {
		changed, err = d.replace(d.lineStart(name.Line), d.sectionEnd(name), "")
	}
	for i := len(list.Content) - 1; i >= 0 && len(kept) > 0 && err == nil; i-- {
		if one := list.Content[i]; dropped(one) {
			end := d.sectionEnd(name)
			if i+1 < len(list.Content) {
				end = d.commentsStart(list.Content[i+1])
			}
			changed, err = changed.replace(d.commentsStart(one), end, "")
		}
	}
	if err != nil {
		return nil, err
	}
	if !sameButTests(d, changed) || !sameList(kept, child(changed.root, "tests")) {
		return nil, ErrUnwritable
	}
	return changed, nil
}

// commentsStart returns where the comments above an item of a list begin, or else the item.
func (d *Document) commentsStart(item *yaml.Node) int {
	lines := strings.SplitAfter(d.text, "\n")
	first := item.Line
	for first > 1 {
		line := lines[first-2]
		text := strings.TrimLeft(line, " ")
		if !strings.HasPrefix(text, "#") || len(line)-len(text) >= item.Column {
			break
		}
		first--
	}
	return d.lineStart(first)
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
	return sameButTests(a, b)
}

// sameButTests reports whether b says what a says, except for the tests.
func sameButTests(a, b *Document) bool {
	for i := 0; i+1 < len(a.root.Content); i += 2 {
		if name := a.root.Content[i].Value; name != "tests" && !sameNodes(a.root.Content[i+1], child(b.root, name)) {
			return false
		}
	}
	return true
}

// sameList reports whether a list, nil for none, has these items.
func sameList(items []*yaml.Node, list *yaml.Node) bool {
	if list == nil {
		return len(items) == 0
	}
	return slices.EqualFunc(items, list.Content, sameNodes)
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
