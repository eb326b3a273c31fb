package text

import (
	"bytes"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxNesting bounds lists and quotations inside each other. Every line is checked
// against each open one, so without a bound a short text could cost seconds.
const maxNesting = 10

// shallow is a block parser that opens nothing once it is too deep.
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

// noted notes the line as one outside when it ends a block.
func noted(state parser.State, reader text.Reader, pc parser.Context) parser.State {
	if state&parser.Continue == 0 {
		line, _ := reader.Position()
		pc.Set(lineOutside, line)
	}
	return state
}

// paragraph is goldmark's parser of paragraphs, but a line that ended a quotation or list begins a new one:
// CommonMark would add it to the last paragraph in there. Indented lines are paragraphs like others.
type paragraph struct{ parser.BlockParser }

// Open implements goldmark's parser.BlockParser. It is asked about each line of an open paragraph first.
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

// quotation is goldmark's parser of quotations, for a ">" that begins neither a face nor a comparison: ">_<",
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

// list is goldmark's parser of lists, for markers that listMarker lets pass.
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

// numberAttribute is where listItem keeps the number that its writer typed.
const numberAttribute = "number"

// listItem is goldmark's parser of list items. It keeps their numbers.
type listItem struct{ parser.BlockParser }

// Open implements goldmark's parser.BlockParser.
func (l listItem) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	line = bytes.TrimLeft(line, " ")
	digits := numbered(line)
	n, state := l.BlockParser.Open(parent, reader, pc)
	if n != nil && digits > 0 {
		number, _ := strconv.Atoi(string(line[:digits])) // three digits at most: see listMarker
		n.SetAttributeString(numberAttribute, number)
	}
	return n, state
}

// Continue implements goldmark's parser.BlockParser.
func (l listItem) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	return noted(l.BlockParser.Continue(n, reader, pc), reader, pc)
}

// maxMarkerDigits bounds the number of a list item. A longer one is a year, as in "1986. What a year that
// was.", or something else that is no list, and would not fit beside it either.
const maxMarkerDigits = 3

// listMarker reports whether a line begins an item of a list, and says something in it. Not with "+", which
// people write for itself, and not with a number that a list could not show as it was typed, or that another
// follows: "007.", "31. 12. 2024".
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

// numbered returns how many digits a line begins with, if "." or ")" and a space come after them; otherwise
// 0.
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

// fence is goldmark's parser of fenced code, for fences of backticks with the name of a language at most:
// other words there would be lost, and a row of "~" is an ornament.
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

// heading is goldmark's parser of headings, for those that say something.
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
