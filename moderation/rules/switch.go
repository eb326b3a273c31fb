package rules

import (
	"context"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// SwitchMode changes the mode of one rule in a document and leaves everything else as written, including
// comments. For a rule that only the base has, it adds an entry that changes the mode. It returns false if
// the mode is unknown, or if the document is written in a style in which the mode can't be inserted.
func SwitchMode(ctx context.Context, source []byte, rule string, mode Mode) ([]byte, bool) {
	_, root := readDocument(ctx, source)
	if root == nil || !slices.Contains([]Mode{Enforce, Shadow, Off}, mode) {
		return nil, false
	}
	written := modeEdit(root, rule, mode).in(string(source))
	_, root = readDocument(ctx, []byte(written))
	if root == nil || writtenMode(root, rule) != mode {
		return nil, false
	}
	return []byte(written), true
}

// edit replaces characters of one line. Line 0 appends to the document.
type edit struct {
	line, column int // from 1
	over         int // how many characters give way
	text         string
}

func (e edit) in(source string) string {
	lines := strings.SplitAfter(source, "\n")
	if e.line == 0 {
		if last := lines[len(lines)-1]; last != "" {
			source += "\n"
		}
		return source + e.text
	}
	if e.line > len(lines) {
		return source
	}
	line := []rune(lines[e.line-1])
	at := min(e.column-1, len(line))
	lines[e.line-1] = string(line[:at]) + e.text + string(line[min(at+e.over, len(line)):])
	return strings.Join(lines, "")
}

// modeEdit finds the place of the mode: the value that is there, else behind the id, else a new entry of the
// list.
func modeEdit(root *yaml.Node, rule string, mode Mode) edit {
	list := child(root, "rules")
	entry := "{id: " + rule + ", mode: " + string(mode) + "}"
	if list == nil {
		return edit{text: "rules:\n  - " + entry + "\n"}
	}
	for _, one := range list.Content {
		if idOf(one) != rule {
			continue
		}
		if old := child(one, "mode"); old != nil {
			return edit{line: old.Line, column: old.Column, over: widthOf(old), text: string(mode)}
		}
		id := child(one, "id")
		behind := edit{line: id.Line, column: id.Column + widthOf(id), text: ", mode: " + string(mode)}
		if one.Style&yaml.FlowStyle == 0 {
			behind.text = "\n" + strings.Repeat(" ", one.Column-1) + "mode: " + string(mode)
		}
		return behind
	}
	switch {
	case list.Style&yaml.FlowStyle == 0 && len(list.Content) > 0:
		return edit{line: list.Line, column: list.Column, text: "- " + entry + "\n" + strings.Repeat(" ", list.Column-1)}
	case len(list.Content) > 0:
		entry += ", "
	}
	return edit{line: list.Line, column: list.Column + 1, text: entry}
}

// widthOf is how many characters a word takes up where it is written.
func widthOf(word *yaml.Node) int {
	width := len([]rune(word.Value))
	if word.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		width += 2
	}
	return width
}

// writtenMode is the mode that the document itself writes for a rule.
func writtenMode(root *yaml.Node, rule string) Mode {
	if list := child(root, "rules"); list != nil {
		for _, one := range list.Content {
			if mode := child(one, "mode"); mode != nil && idOf(one) == rule {
				return Mode(mode.Value)
			}
		}
	}
	return ""
}
