package text

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxInlineNesting bounds nested emphasis; browsers stop at a few hundred levels.
const maxInlineNesting = 20

// targetAttribute is where linkParser records the span of "](…)" in the source.
const targetAttribute = "target"

// maxOpenBrackets bounds how many "[" wait for their "]". At each "]" the parser
// looks through all that came after its "[", so nesting would cost a square.
const maxOpenBrackets = 100

var openBrackets = parser.NewContextKey()

// linkParser is goldmark's parser of links and images, with a bound on what it keeps open. It also records
// where each link's target is; goldmark keeps only the link's start.
type linkParser struct{ parser.InlineParser }

// Parse implements goldmark's parser.InlineParser.
func (l linkParser) Parse(parent ast.Node, block text.Reader, context parser.Context) ast.Node {
	open, _ := context.Get(openBrackets).(int)
	closing := block.Peek() == ']'
	if !closing && open >= maxOpenBrackets {
		return nil
	}
	line, segment := block.PeekLine()
	if closing && len(line) > 1 && line[1] == '(' && hopelessAddress(line[2:]) {
		return nil
	}
	n := l.InlineParser.Parse(parent, block, context)
	switch {
	case closing:
		context.Set(openBrackets, max(open-1, 0))
	case n != nil:
		context.Set(openBrackets, open+1)
	}
	switch n.(type) {
	case *ast.Link, *ast.Image:
		_, position := block.Position()
		end := min(max(position.Start, 0), len(block.Source()))
		// At the end of a line the position may already be on the next one.
		end = bytes.LastIndexByte(block.Source()[:end], ')') + 1
		n.SetAttributeString(targetAttribute, span{segment.Start, end})
	}
	return n
}

// CloseBlock implements goldmark's parser.CloseBlocker.
func (l linkParser) CloseBlock(parent ast.Node, block text.Reader, context parser.Context) {
	context.Set(openBrackets, 0)
	l.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, context)
}

// tidy turns the parsed tree into what a comment may contain: every link that
// stays leads to a checked address and shows something, images have become
// links, and nothing nests too deep. It collects the links as it goes.
func (d *document) tidy() { d.tidyChildren(d.root, surroundings{}) }

// surroundings is what a node stands in.
type surroundings struct {
	inLink bool
	depth  int // of emphasis
}

func (d *document) tidyChildren(parent ast.Node, in surroundings) {
	for n := parent.FirstChild(); n != nil; {
		n = d.tidyNode(n, in)
	}
}

// tidyNode tidies n and its descendants, and returns the sibling to continue with.
func (d *document) tidyNode(n ast.Node, in surroundings) ast.Node {
	next := n.NextSibling()
	switch n := n.(type) {
	case *ast.Text:
		if at := n.Segment.Stop; n.HardLineBreak() && at < len(d.source) && d.source[at] == '\\' {
			n.Segment.Stop++ // the line would break without it
		}
	case *ast.AutoLink:
		d.autoLink(n, in)
	case *ast.Link:
		return d.link(n, n, in)
	case *ast.Image:
		link := ast.NewLink()
		link.Destination = n.Destination
		return d.link(n, link, in)
	case *ast.Emphasis, *extensionast.Strikethrough:
		if in.depth >= maxInlineNesting {
			return unwrap(n)
		}
		if !d.hasWord(n) {
			return d.withMarks(n)
		}
		in.depth++
		d.tidyChildren(n, in)
	default:
		d.tidyChildren(n, in)
	}
	return next
}

// withMarks turns emphasis around punctuation alone back into literal marks, as in "*_*".
func (d *document) withMarks(n ast.Node) ast.Node {
	length := 2
	if emphasis, is := n.(*ast.Emphasis); is {
		length = emphasis.Level
	}
	first := verbatim(n.Pos(), n.Pos()+length)
	n.Parent().InsertBefore(n.Parent(), n, first)
	n.AppendChild(n, verbatim(n.Pos(), n.Pos()+length))
	unwrap(n)
	return first.NextSibling()
}

// hasWord reports whether n contains a letter, digit or pictogram. It stops at the first.
func (d *document) hasWord(n ast.Node) bool {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		leaf, isText := child.(*ast.Text)
		switch {
		case isText && bytes.ContainsFunc(leaf.Value(d.source), isWord), child.Kind() == ast.KindAutoLink, d.hasWord(child):
			return true
		}
	}
	return false
}

func isWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.So) }

// autoLink turns <http://…> and bare addresses into ordinary links, or text as typed.
func (d *document) autoLink(n *ast.AutoLink, in surroundings) {
	label := n.Label(d.source)
	start, angle := n.Pos(), 0
	if d.source[start] == '<' {
		angle = 1
	}
	var err error
	known, _ := n.AttributeString(addressAttribute)
	address, isBare := known.(string)
	if !isBare {
		address, err = CheckURL(string(n.URL(d.source)))
	}
	if in.inLink || n.AutoLinkType == ast.AutoLinkEmail || err != nil {
		replace(n, verbatim(start, start+len(label)+2*angle))
		return
	}
	start += angle
	made := newLink(address, string(label), span{start, start + len(label)})
	link := ast.NewLink()
	link.Destination = []byte(address)
	link.AppendChild(link, verbatim(start, start+len(label)))
	if pretends(made.Host) {
		link.AppendChild(link, hostNote(made.Host))
	}
	replace(n, link)
	d.links = append(d.links, made)
}

// verbatim returns a text node whose escapes and entities are not resolved.
func verbatim(start, end int) *ast.Text {
	n := ast.NewTextSegment(text.NewSegment(start, end))
	n.SetRaw(true)
	return n
}

// hostNote adds the link's host after a text that suggests another one.
func hostNote(host string) ast.Node {
	n := ast.NewString([]byte(" (" + host + ")"))
	n.SetRaw(true)
	return n
}

// link replaces n, a link or an image, with the given link, or restores what was typed. It returns the
// sibling to continue with.
func (d *document) link(n ast.Node, link *ast.Link, in surroundings) ast.Node {
	address, err := CheckURL(string(util.URLEscape(link.Destination, true)))
	switch {
	case err != nil:
		return d.asTyped(n)
	case in.inLink:
		return unwrap(n)
	}
	next := n.NextSibling()
	in.inLink = true
	d.tidyChildren(n, in)
	link.Destination, link.Title = []byte(address), nil
	if n != ast.Node(link) {
		adopt(link, n)
		replace(n, link)
	}
	label := d.shownText(link)
	if !Visible(label) {
		// A link that shows nothing would be followed by machines only.
		shown := ast.NewString(link.Destination)
		shown.SetRaw(true)
		link.AppendChild(link, shown)
		label = address
	}
	target, _ := n.AttributeString(targetAttribute)
	link.SetAttributeString(targetAttribute, target)
	made := newLink(address, label, span{n.Pos(), target.(span).end})
	if made.misleads() {
		link.AppendChild(link, hostNote(made.Host))
	}
	d.links = append(d.links, made)
	return next
}

// asTyped restores the source of a link or image without a target around its text: "array[i](j)" is no link.
// If it shows nothing and has no address, it is removed.
func (d *document) asTyped(n ast.Node) ast.Node {
	target, _ := n.AttributeString(targetAttribute)
	at := target.(span)
	if !Visible(d.shownText(n)) && len(bytes.Trim(d.source[at.start:at.end], "]()<> \t\n")) == 0 {
		next := n.NextSibling()
		n.Parent().RemoveChild(n.Parent(), n)
		return next
	}
	opening := 1
	if n.Kind() == ast.KindImage {
		opening = 2
	}
	first := verbatim(n.Pos(), n.Pos()+opening)
	n.Parent().InsertBefore(n.Parent(), n, first)
	for at.start < at.end {
		line := at.end
		if i := bytes.IndexByte(d.source[at.start:at.end], '\n'); i >= 0 {
			line = at.start + i
		}
		n.AppendChild(n, verbatim(at.start, line))
		if line < at.end {
			end := ast.NewTextSegment(text.NewSegment(line, line))
			end.SetSoftLineBreak(true)
			n.AppendChild(n, end)
		}
		at.start = line + 1
	}
	unwrap(n)
	return first.NextSibling()
}

// shownText returns the text that a reader sees of n.
func (d *document) shownText(n ast.Node) string {
	var out strings.Builder
	d.writeShown(&out, n)
	return strings.TrimSpace(out.String())
}

func (d *document) writeShown(out *strings.Builder, parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			out.Write(n.Lines().Value(d.source))
		case *ast.String:
			out.Write(n.Value)
		}
		leaf, isText := n.(*ast.Text)
		if !isText {
			d.writeShown(out, n)
			continue
		}
		value := leaf.Value(d.source)
		if !leaf.IsRaw() && parent.Kind() != ast.KindCodeSpan {
			value = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value)))
		}
		out.Write(value)
		if leaf.SoftLineBreak() || leaf.HardLineBreak() {
			out.WriteByte(' ')
		}
	}
}

// unwrap replaces n by its children and returns the first of them, or n's next sibling. Children are moved
// before they are tidied, so each node moves only once, however deep it was.
func unwrap(n ast.Node) ast.Node {
	parent, first := n.Parent(), n.FirstChild()
	if first == nil {
		first = n.NextSibling()
	}
	for child := n.FirstChild(); child != nil; {
		following := child.NextSibling()
		parent.InsertBefore(parent, n, child)
		child = following
	}
	parent.RemoveChild(parent, n)
	return first
}

// adopt moves the children of from to the end of to.
func adopt(to, from ast.Node) {
	for child := from.FirstChild(); child != nil; {
		next := child.NextSibling()
		to.AppendChild(to, child)
		child = next
	}
}

func replace(old, fresh ast.Node) { old.Parent().ReplaceChild(old.Parent(), old, fresh) }
