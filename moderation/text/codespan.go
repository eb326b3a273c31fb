package text

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// codeSpan is goldmark's parser of inline code. Two backticks delimit code that contains a backtick; around
// other words they are old-style quotation marks: "“quoted”".
type codeSpan struct{ parser.InlineParser }

// Parse implements goldmark's parser.InlineParser.
func (c codeSpan) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	at, position := block.Position()
	n := c.InlineParser.Parse(parent, block, pc)
	two := bytes.HasPrefix(line, []byte("``")) && !bytes.HasPrefix(line, []byte("```"))
	if n.Kind() != ast.KindCodeSpan || !two || hasBacktick(n, block.Source()) {
		return n
	}
	block.SetPosition(at, position)
	block.Advance(2)
	return ast.NewTextSegment(segment.WithStop(segment.Start + 2))
}

func hasBacktick(code ast.Node, source []byte) bool {
	for child := code.FirstChild(); child != nil; child = child.NextSibling() {
		if line, is := child.(*ast.Text); is && bytes.IndexByte(line.Value(source), '`') >= 0 {
			return true
		}
	}
	return false
}
