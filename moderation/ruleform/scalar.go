package ruleform

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// end returns where a scalar ends, which stands in a mapping or list of this indentation; -1 if that can't be
// told.
func (d *Document) end(n *yaml.Node, indent int) int {
	at := d.place(n)
	switch {
	case n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 || at >= len(d.text):
		return -1
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return d.quotedEnd(at, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return d.quotedEnd(at, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return d.blockEnd(at, indent)
	}
	return d.plainEnd(at, n.Value)
}

func (d *Document) quotedEnd(at int, quote byte) int {
	if d.text[at] != quote {
		return -1
	}
	for i := at + 1; i < len(d.text); i++ {
		switch {
		case quote == '"' && d.text[i] == '\\':
			i++
		case d.text[i] == quote && quote == '\'' && strings.HasPrefix(d.text[i+1:], "'"):
			i++
		case d.text[i] == quote:
			return i + 1
		}
	}
	return -1
}

// blockEnd returns where a block scalar ends: behind its last line that is not empty, without the newline.
func (d *Document) blockEnd(at, indent int) int {
	end := d.lineEnd(at)
	last := strings.TrimRight(d.text[at:end], "\r\n")
	stop := at + len(last)
	for end < len(d.text) {
		next := d.lineEnd(end)
		line := strings.TrimRight(d.text[end:next], " \t\r\n")
		if line != "" {
			if len(line)-len(strings.TrimLeft(line, " ")) <= indent {
				break
			}
			stop = end + len(strings.TrimRight(d.text[end:next], "\r\n"))
		}
		end = next
	}
	return stop
}

// plainEnd follows the value through the text, where line breaks are folded to spaces.
func (d *Document) plainEnd(at int, value string) int {
	for i := 0; i < len(value); {
		if at >= len(d.text) {
			return -1
		}
		switch space := isSpace(d.text[at]); {
		case d.text[at] == value[i]:
			at++
			i++
		case space && (isSpace(value[i]) || i > 0 && isSpace(value[i-1])):
			for at < len(d.text) && isSpace(d.text[at]) {
				at++
			}
			for i < len(value) && isSpace(value[i]) {
				i++
			}
		default:
			return -1
		}
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// maxLine is how long lines are written.
const maxLine = 110

// scalar returns a value as it is written behind a key, in a block mapping of this indentation or in braces.
func scalar(value string, indent, used int, flow bool) string {
	before, after := "k: ", "\n"
	if flow {
		before, after = "{k: ", ", l: 1}\n"
	}
	for _, plain := range []string{value, quoted(value)} {
		var read map[string]yaml.Node
		if strings.Contains(plain, "\n") || yaml.Unmarshal([]byte(before+plain+after), &read) != nil {
			continue
		}
		node := read["k"]
		if node.Kind == yaml.ScalarNode && node.Value == value && node.LineComment == "" && node.Tag != "!!null" && node.Anchor == "" {
			if !flow && used+len(plain) > maxLine {
				if folded, ok := folded(value, indent); ok {
					return folded
				}
			}
			return plain
		}
	}
	return quoted(value)
}

// quoted returns a text as JSON, which YAML reads as well.
func quoted(value string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic("a string as JSON: " + err.Error())
	}
	return strings.TrimSpace(b.String())
}

// folded returns a text as a folded block scalar, wrapped between words that stand between single spaces.
func folded(value string, indent int) (string, bool) {
	if strings.ContainsAny(value, "\n\t") || strings.Contains(value, "  ") || strings.TrimSpace(value) != value || value == "" {
		return "", false
	}
	margin := strings.Repeat(" ", indent+2)
	var b strings.Builder
	b.WriteString(">-")
	line := ""
	for _, word := range strings.Split(value, " ") {
		if line != "" && len(margin)+len(line)+1+len(word) > maxLine {
			b.WriteString("\n" + margin + line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	b.WriteString("\n" + margin + line)
	return b.String(), true
}
