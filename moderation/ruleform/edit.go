package ruleform

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// WriteRule returns the document with a changed rule. Only the values that changed are written. A rule that the
// document does not name is added at the end. Errors: ErrUnwritable.
func (d *Document) WriteRule(to Rule) (*Document, error) {
	from, known := d.Rule(to.ID)
	if !known {
		return d.addRule(to)
	}
	changed := d
	var err error
	for i, k := range ruleKeys {
		before, after := *k.of(&from), *k.of(&to)
		switch {
		case before == after:
			continue
		case after == "":
			changed, err = changed.removeKey(to.ID, k.key)
		case child(changed.ruleNode(to.ID), k.key) == nil:
			changed, err = changed.addKey(to.ID, i, after)
		default:
			changed, err = changed.replaceValue(to.ID, k.key, after)
		}
		if err != nil {
			return nil, err
		}
	}
	if now, _ := changed.Rule(to.ID); now != to || !sameBut(d, changed, to.ID) {
		return nil, ErrUnwritable
	}
	return changed, nil
}

func (d *Document) replaceValue(id, key, value string) (*Document, error) {
	rule := d.ruleNode(id)
	name, old := childPair(rule, key)
	start, end := d.place(old), d.end(old, rule.Column-1)
	used := name.Column + len(key) + 1
	return d.replace(start, end, scalar(value, rule.Column-1, used, rule.Style&yaml.FlowStyle != 0))
}

// addKey writes a key behind the last one that precedes it in the usual order.
func (d *Document) addKey(id string, number int, value string) (*Document, error) {
	rule, key := d.ruleNode(id), ruleKeys[number].key
	before := number - 1
	for before > 0 && child(rule, ruleKeys[before].key) == nil {
		before--
	}
	return d.addBehind(rule, ruleKeys[before].key, key, func(indent, used int, flow bool) string {
		return scalar(value, indent, used, flow)
	})
}

// addBehind writes a key of a mapping behind another one.
func (d *Document) addBehind(
	mapping *yaml.Node, other, key string, value func(indent, used int, flow bool) string,
) (*Document, error) {
	last := child(mapping, other)
	if last == nil {
		return nil, ErrUnwritable
	}
	indent, flow := mapping.Column-1, mapping.Style&yaml.FlowStyle != 0
	end := d.valueEnd(last, indent)
	if end < 0 {
		return nil, ErrUnwritable
	}
	if flow {
		return d.replace(end, end, ", "+key+": "+value(indent, 0, true))
	}
	end = d.lineEnd(end)
	written := value(indent, indent+len(key)+2, false)
	if !strings.HasPrefix(written, "\n") {
		written = " " + written
	}
	line := strings.Repeat(" ", indent) + key + ":" + written + "\n"
	if !strings.HasSuffix(d.text[:end], "\n") {
		line = "\n" + strings.TrimSuffix(line, "\n")
	}
	return d.replace(end, end, line)
}

// valueEnd returns where a value ends, with all that it contains; -1 if that can't be told.
func (d *Document) valueEnd(n *yaml.Node, indent int) int {
	if n.Kind == yaml.ScalarNode {
		return d.end(n, indent)
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return -1
	}
	end := d.place(n) + 1
	if len(n.Content) > 0 {
		end = d.valueEnd(n.Content[len(n.Content)-1], n.Column-1)
	}
	if n.Style&yaml.FlowStyle == 0 || end < 0 {
		return end
	}
	for ; end < len(d.text); end++ {
		switch d.text[end] {
		case ']', '}':
			return end + 1
		case '#':
			return -1
		}
	}
	return -1
}

// removeKey removes a key of a rule with its value.
func (d *Document) removeKey(id, key string) (*Document, error) {
	rule := d.ruleNode(id)
	name, value := childPair(rule, key)
	if rule.Content[0] == name {
		return nil, ErrUnwritable
	}
	end := d.valueEnd(value, rule.Column-1)
	if end < 0 {
		return nil, ErrUnwritable
	}
	if rule.Style&yaml.FlowStyle == 0 {
		start := d.lineStart(name.Line)
		return d.replace(start, d.lineEnd(end), "")
	}
	start := strings.LastIndexByte(d.text[:d.place(name)], ',')
	return d.replace(start, end, "")
}

// addRule writes a new rule at the end of the rules.
func (d *Document) addRule(r Rule) (*Document, error) {
	list := child(d.root, "rules")
	if list != nil && (list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0) {
		return nil, ErrUnwritable
	}
	indent := 2
	if list != nil {
		indent = list.Column - 1
	}
	margin := strings.Repeat(" ", indent)
	var b strings.Builder
	for i, k := range ruleKeys {
		value := *k.of(&r)
		if value == "" {
			continue
		}
		bullet := "  "
		if i == 0 {
			bullet = "- "
		}
		b.WriteString(margin + bullet + k.key + ": " + scalar(value, indent+2, indent+4+len(k.key), false) + "\n")
	}
	changed, err := d.insert("rules", b.String())
	if err != nil {
		return nil, err
	}
	if now, _ := changed.Rule(r.ID); now != r || !sameBut(d, changed, r.ID) {
		return nil, ErrUnwritable
	}
	return changed, nil
}

// insert writes lines at the end of a section, which is added if there is none.
func (d *Document) insert(section, lines string) (*Document, error) {
	text := d.text
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	name, value := childPair(d.root, section)
	if name == nil {
		return Read([]byte(text + "\n" + section + ":\n" + lines))
	}
	if value.Kind == yaml.ScalarNode && value.Tag != "!!null" {
		return nil, ErrUnwritable
	}
	at := (&Document{text: text, root: d.root}).sectionEnd(name)
	return Read([]byte(text[:at] + "\n" + lines + text[at:]))
}

// sectionEnd returns where a top-level key ends: before the comments and blank lines that precede the next one.
func (d *Document) sectionEnd(name *yaml.Node) int {
	lines := strings.SplitAfter(d.text, "\n")
	next := len(lines)
	for i := 0; i+1 < len(d.root.Content); i += 2 {
		if line := d.root.Content[i].Line; line > name.Line {
			next = min(next, line-1)
		}
	}
	for next > name.Line {
		line := lines[next-1]
		if strings.TrimSpace(line) != "" && line[0] != '#' {
			break
		}
		next--
	}
	return len(strings.Join(lines[:next], ""))
}

// sameBut reports whether two documents say the same, comments included, but for the values of one rule.
func sameBut(a, b *Document, rule string) bool {
	without := func(d *Document) *yaml.Node {
		root := *d.root
		root.Content = slices.Clone(root.Content)
		for i := 0; i+1 < len(root.Content); i += 2 {
			if root.Content[i].Value != "rules" {
				continue
			}
			list := *root.Content[i+1]
			list.Content = slices.DeleteFunc(slices.Clone(list.Content), func(n *yaml.Node) bool {
				id := child(n, "id")
				return id != nil && id.Value == rule
			})
			root.Content[i+1] = &list
		}
		return &root
	}
	return sameNodes(without(a), without(b)) && slices.Equal(comments(a.root), comments(b.root))
}

// sameNodes compares kinds and values.
func sameNodes(a, b *yaml.Node) bool {
	if a.Kind == yaml.MappingNode && len(a.Content) != len(b.Content) {
		return false
	}
	empty := func(n *yaml.Node) bool {
		return n.Tag == "!!null" || n.Kind == yaml.SequenceNode && len(n.Content) == 0
	}
	if empty(a) && empty(b) {
		return true
	}
	return a.Kind == b.Kind && a.Value == b.Value && a.Tag == b.Tag && slices.EqualFunc(a.Content, b.Content, sameNodes)
}

// comments returns the lines of all comments, sorted: which node a comment belongs to is a matter of opinion.
func comments(n *yaml.Node) []string {
	var lines []string
	var collect func(n *yaml.Node)
	collect = func(n *yaml.Node) {
		for _, comment := range []string{n.HeadComment, n.LineComment, n.FootComment} {
			for line := range strings.Lines(comment) {
				if line = strings.TrimSpace(line); line != "" {
					lines = append(lines, line)
				}
			}
		}
		for _, item := range n.Content {
			collect(item)
		}
	}
	collect(n)
	slices.Sort(lines)
	return lines
}
