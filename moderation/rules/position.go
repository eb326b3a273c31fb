package rules

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// within returns where in the document a position of a scalar's value stands: line and column of the value
// from 1. It reads the source beside the value. White space may differ between the two, because YAML folds
// and indents; everything else stands there in the same order, save for the escapes of quoted scalars.
func (d *document) within(n node, line, column int) place {
	r := sourceReader{document: d, style: n.Style}
	r.moveTo(n.Line-1, n.Column-1)
	r.open()
	target, passed := valueOffset(n.Value, line, column), 0
	for _, c := range n.Value {
		r.seek(c)
		if passed == target {
			break
		}
		r.pass(c)
		passed++
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

// positionAt is the inverse of valueOffset: it returns line and column, from 1, after that many characters of
// the value.
func positionAt(value string, characters int) (line, column int) {
	line, column = 1, 1
	for _, c := range value {
		switch {
		case characters == 0:
			return line, column
		case c == '\n':
			line, column = line+1, 1
		default:
			column++
		}
		characters--
	}
	return line, column
}

// markEvery is the number of characters between two marks of a line.
const markEvery = 64

// byteAt returns the byte offset of the character at that column, from 0, in a line; the line's length if it
// is shorter. A line is scanned from its start only once: later look-ups start at the nearest mark, or need
// no scan if the line is ASCII.
func (d *document) byteAt(line, column int) int {
	text := d.lines[line]
	marks, known := d.marks[line]
	if !known {
		if d.marks == nil {
			d.marks = map[int][]int{}
		}
		marks = marksOf(text)
		d.marks[line] = marks
	}
	if marks == nil {
		return min(column, len(text))
	}
	nearest := min(column/markEvery, len(marks)-1)
	at := marks[nearest]
	for range column - nearest*markEvery {
		if at == len(text) {
			break
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// marksOf returns the byte offset of every markEvery-th character of a line; nil for ASCII, where it is
// trivial.
func marksOf(text string) []int {
	var marks []int
	characters := 0
	for at := range text {
		if characters%markEvery == 0 {
			marks = append(marks, at)
		}
		characters++
	}
	if characters == len(text) {
		return nil
	}
	return marks
}

// sourceReader is a place in the source, from 0.
type sourceReader struct {
	document     *document
	line, column int
	rest         string // the rest of the line, including its end
	style        yaml.Style
}

func (r *sourceReader) moveTo(line, column int) {
	r.line, r.column, r.rest = line, column, ""
	if line >= 0 && line < len(r.document.lines) {
		r.rest = r.document.lines[line][r.document.byteAt(line, column):]
	}
}

func (r *sourceReader) nextLine() { r.moveTo(r.line+1, 0) }

// skip advances by that many characters of the line.
func (r *sourceReader) skip(characters int) {
	for range characters {
		_, size := utf8.DecodeRuneInString(r.rest)
		r.rest = r.rest[size:]
		r.column++
	}
}

// open moves past what stands before the value: a tag, a quotation mark, or the header line of a block.
func (r *sourceReader) open() {
	switch {
	case r.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		r.nextLine()
	case r.style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		if quote := strings.IndexAny(r.rest, `"'`); quote >= 0 {
			r.skip(utf8.RuneCountInString(r.rest[:quote]) + 1)
		}
	}
}

func (r *sourceReader) atLineEnd() bool {
	return r.rest == "" || r.rest[0] == '\n' || r.rest[0] == '\r'
}

// seek moves to where the character stands that the value has next.
func (r *sourceReader) seek(c rune) {
	for !isBlank(c) && r.line < len(r.document.lines) {
		switch {
		case r.atLineEnd():
			r.nextLine()
		case isBlank(rune(r.rest[0])):
			r.skip(1)
		case r.style&yaml.DoubleQuotedStyle != 0 && strings.HasPrefix(r.rest, "\\\n"):
			r.nextLine()
		default:
			return
		}
	}
}

// pass moves past the character.
func (r *sourceReader) pass(c rune) {
	switch {
	case r.atLineEnd():
		if c == '\n' || c == ' ' {
			r.nextLine()
		}
	case r.style&yaml.DoubleQuotedStyle != 0 && r.rest[0] == '\\':
		r.skip(escapeLength(r.rest))
	case r.style&yaml.SingleQuotedStyle != 0 && c == '\'':
		r.skip(2)
	default:
		r.skip(1)
	}
}

// escapeLength returns how many characters an escape of a double-quoted scalar has.
func escapeLength(escape string) int {
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
