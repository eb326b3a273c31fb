package text

import (
	"bytes"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxNesting bounds the nesting of lists and quotations. Every line is checked against each open one, so
// without a bound a short text could take seconds.
const maxNesting = 10

// shallow is a block parser that opens no block beyond the maximum depth.
type shallow struct{ parser.BlockParser }

// Open implements goldmark's parser.BlockParser.
func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindList || n.Kind() == ast.KindBlockquote {
			depth++
		}
	}
	if depth >= maxNesting {
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, pc)
}

// lineOutside is the number of the last line that ended a quotation or list because it does not belong to it.
var lineOutside = parser.NewContextKey()

// noted records the line as outside if it ends a block.
func noted(state parser.State, reader text.Reader, pc parser.Context) parser.State {
	if state&parser.Continue == 0 {
		line, _ := reader.Position()
		pc.Set(lineOutside, line)
	}
	return state
}

// paragraph is goldmark's paragraph parser, except that a line that ended a quotation or list begins a new
// paragraph: CommonMark would add it to the last paragraph in there. Indented lines are ordinary paragraphs.
type paragraph struct{ parser.BlockParser }

// Open implements goldmark's parser.BlockParser. It is called first for each line of an open paragraph.
func (p paragraph) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if ast.IsParagraph(pc.LastOpenedBlock().Node) && !outside(reader, pc) {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// Continue implements goldmark's parser.BlockParser.
func (p paragraph) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	if outside(reader, pc) {
		return parser.Close
	}
	return p.BlockParser.Continue(n, reader, pc)
}

// CanInterruptParagraph implements goldmark's parser.BlockParser.
func (paragraph) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements goldmark's parser.BlockParser.
func (paragraph) CanAcceptIndentedLine() bool { return true }

func outside(reader text.Reader, pc parser.Context) bool {
	line, _ := reader.Position()
	return pc.Get(lineOutside) == line
}

// quotation is goldmark's quotation parser for a ">" that does not begin an emoticon or comparison: ">_<",
// ">:(", ">10".
type quotation struct{ parser.BlockParser }

// Open implements goldmark's parser.BlockParser.
func (q quotation) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if !quotes(reader) {
		return nil, parser.NoChildren
	}
	return q.BlockParser.Open(parent, reader, pc)
}

// Continue implements goldmark's parser.BlockParser.
func (q quotation) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	if !quotes(reader) {
		return noted(parser.Close, reader, pc)
	}
	return noted(q.BlockParser.Continue(n, reader, pc), reader, pc)
}

func quotes(reader text.Reader) bool {
	line, _ := reader.PeekLine()
	line = bytes.TrimLeft(line, " \t")
	return len(line) < 2 || line[0] != '>' || bytes.IndexByte([]byte("0123456789_.:;=<^-"), line[1]) < 0
}

// list is goldmark's list parser for markers that listMarker accepts.
type list struct{ parser.BlockParser }

// Open implements goldmark's parser.BlockParser.
func (l list) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if line, _ := reader.PeekLine(); !listMarker(line) {
		return nil, parser.NoChildren
	}
	return l.BlockParser.Open(parent, reader, pc)
}

// Continue implements goldmark's parser.BlockParser.
func (l list) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	line, _ := reader.PeekLine()
	last := n.LastChild().(*ast.ListItem)
	indent, _ := util.IndentWidth(line, reader.LineOffset())
	if !util.IsBlank(line) && indent < last.Offset && !listMarker(line) {
		return noted(parser.Close, reader, pc)
	}
	return noted(l.BlockParser.Continue(n, reader, pc), reader, pc)
}

// numberAttribute holds the number that the writer typed.
const numberAttribute = "number"

// listItem is goldmark's list item parser. It keeps the typed numbers.
type listItem struct{ parser.BlockParser }

// Open implements goldmark's parser.BlockParser.
func (l listItem) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	line = bytes.TrimLeft(line, " ")
	digits := numbered(line)
	n, state := l.BlockParser.Open(parent, reader, pc)
	if n != nil && digits > 0 {
		number, _ := strconv.Atoi(string(line[:digits])) // at most three digits: see listMarker
		n.SetAttributeString(numberAttribute, number)
	}
	return n, state
}

// Continue implements goldmark's parser.BlockParser.
func (l listItem) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	return noted(l.BlockParser.Continue(n, reader, pc), reader, pc)
}

// maxMarkerDigits bounds the number of a list item. A longer one is a year, as in "1986. What a year that
// was.", or not a list for another reason, and would not fit beside the item either.
const maxMarkerDigits = 3

// listMarker reports whether a line begins a list item with content. It rejects "+", which people type for
// its own sake, and numbers that a list could not show as typed or that are followed by another number:
// "007.", "31. 12. 2024".
func listMarker(line []byte) bool {
	line = bytes.TrimLeft(line, " \t")
	digits := numbered(line)
	if len(line) <= digits+1 || util.IsBlank(line[digits+1:]) {
		return false
	}
	if digits == 0 {
		return (line[0] == '-' || line[0] == '*') && util.IsSpace(line[1])
	}
	return digits <= maxMarkerDigits && (digits == 1 || line[0] != '0') && numbered(line[digits+1:]) == 0
}

// numbered returns how many digits a line begins with, if "." or ")" and a space follow them; otherwise 0.
func numbered(line []byte) int {
	line = bytes.TrimLeft(line, " \t")
	digits := 0
	for digits < len(line) && util.IsNumeric(line[digits]) {
		digits++
	}
	rest := line[digits:]
	if len(rest) == 0 || rest[0] != '.' && rest[0] != ')' || len(rest) > 1 && !util.IsSpace(rest[1]) {
		return 0
	}
	return digits
}

// fence is goldmark's parser of fenced code, restricted to fences of backticks with at most a language name:
// other words there would be lost, and a row of "~" is decoration.
type fence struct{ parser.BlockParser }

// Trigger implements goldmark's parser.BlockParser.
func (fence) Trigger() []byte { return []byte{'`'} }

// Open implements goldmark's parser.BlockParser.
func (f fence) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	if language := bytes.TrimSpace(bytes.TrimLeft(line, " `")); !languageName(language) {
		return nil, parser.NoChildren
	}
	return f.BlockParser.Open(parent, reader, pc)
}

// languageName reports whether s could be the name of a programming language: "c++", "objective-c",
// "asp.net".
func languageName(s []byte) bool {
	const longest = 20
	for _, c := range s {
		if !util.IsAlphaNumeric(c) && bytes.IndexByte([]byte("+#.-_"), c) < 0 {
			return false
		}
	}
	return len(s) <= longest
}

// heading is goldmark's heading parser for headings with content.
type heading struct{ parser.BlockParser }

// Open implements goldmark's parser.BlockParser.
func (h heading) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, position := reader.Position()
	n, state := h.BlockParser.Open(parent, reader, pc)
	if n != nil && n.Lines().Len() == 0 {
		reader.SetPosition(line, position)
		return nil, parser.NoChildren
	}
	return n, state
}
