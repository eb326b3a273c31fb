package rules

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// within returns where in the document a position of a scalar's value stands: line and column of the value from 1.
// It reads the source beside the value. White space may differ between the two, because YAML folds and indents;
// everything else stands there in the same order, save for the escapes of quoted scalars.
func (d *document) within(n node, line, column int) place {
	r := sourceReader{lines: d.lines, line: n.Line - 1, column: n.Column - 1, style: n.Style}
	r.open()
	target := valueOffset(n.Value, line, column)
	for i, c := range []rune(n.Value) {
		r.seek(c)
		if i == target {
			break
		}
		r.pass(c)
	}
	return place{r.line + 1, r.column + 1, n.path}
}

// valueOffset returns how many characters of the value precede the position.
func valueOffset(value string, line, column int) int {
	offset := 0
	for line > 1 {
		first, rest, found := strings.Cut(value, "\n")
		if !found {
			break
		}
		offset += utf8.RuneCountInString(first) + 1
		value = rest
		line--
	}
	return offset + column - 1
}

// sourceReader is a place in the source, from 0.
type sourceReader struct {
	lines        []string
	line, column int
	style        yaml.Style
}

// rest returns what follows in the line, its end included.
func (r *sourceReader) rest() []rune {
	if r.line < 0 || r.line >= len(r.lines) {
		return nil
	}
	line := []rune(r.lines[r.line])
	if r.column > len(line) {
		return nil
	}
	return line[r.column:]
}

func (r *sourceReader) nextLine() { r.line, r.column = r.line+1, 0 }

// open moves past what stands before the value: a tag, a quotation mark, or the header line of a block.
func (r *sourceReader) open() {
	switch {
	case r.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		r.nextLine()
	case r.style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		for i, c := range r.rest() {
			if c == '"' || c == '\'' {
				r.column += i + 1
				return
			}
		}
	}
}

// seek moves to where the character stands that the value has next.
func (r *sourceReader) seek(c rune) {
	for !isBlank(c) && r.line < len(r.lines) {
		rest := r.rest()
		switch {
		case len(rest) == 0 || rest[0] == '\n' || rest[0] == '\r':
			r.nextLine()
		case isBlank(rest[0]):
			r.column++
		case rest[0] == '\\' && len(rest) > 1 && rest[1] == '\n' && r.style&yaml.DoubleQuotedStyle != 0:
			r.nextLine()
		default:
			return
		}
	}
}

// pass moves past the character.
func (r *sourceReader) pass(c rune) {
	rest := r.rest()
	switch {
	case len(rest) == 0 || rest[0] == '\n' || rest[0] == '\r':
		if c == '\n' || c == ' ' {
			r.nextLine()
		}
	case r.style&yaml.DoubleQuotedStyle != 0 && rest[0] == '\\':
		r.column += escapeLength(rest)
	case r.style&yaml.SingleQuotedStyle != 0 && c == '\'':
		r.column += 2
	default:
		r.column++
	}
}

// escapeLength returns how many characters an escape of a double-quoted scalar has.
func escapeLength(escape []rune) int {
	if len(escape) < 2 {
		return 1
	}
	switch escape[1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}

func isBlank(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
