package text

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	// maxInlineNesting bounds emphasis inside emphasis; browsers give up at a few hundred.
	maxInlineNesting = 20
	// maxReferenceBytes bounds what references may add: "[a]" is three bytes, and
	// what it stands for can be thousands.
	maxReferenceBytes = 20_000
)

// endAttribute is where linkParser notes the end of a link in the source.
const endAttribute = "source-end"

// maxOpenBrackets bounds how many "[" wait for their "]". At each "]" the parser
// looks through all that came after its "[", so nesting would cost a square.
const maxOpenBrackets = 100

var openBrackets = parser.NewContextKey()

// linkParser is goldmark's parser of links and images, with a bound on what it
// keeps open. It also notes where each link ends; goldmark keeps the beginning only.
type linkParser struct{ parser.InlineParser }

// Parse implements goldmark's parser.InlineParser.
func (l linkParser) Parse(parent ast.Node, block text.Reader, context parser.Context) ast.Node {
	open, _ := context.Get(openBrackets).(int)
	closing := block.Peek() == ']'
	if !closing && open >= maxOpenBrackets {
		return nil
	}
	if line, _ := block.PeekLine(); closing && len(line) > 1 && line[1] == '(' && hopelessAddress(line[2:]) {
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
		end = bytes.LastIndexAny(block.Source()[:end], ")]") + 1
		n.SetAttributeString(endAttribute, end)
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
func (d *document) tidy() {
	t := tidier{doc: d, allowance: maxReferenceBytes}
	t.children(d.root, surroundings{})
}

type tidier struct {
	doc       *document
	allowance int // bytes that references may still add
}

// surroundings is what a node stands in.
type surroundings struct {
	inLink bool
	depth  int // of emphasis
}

func (t *tidier) children(parent ast.Node, in surroundings) {
	for n := parent.FirstChild(); n != nil; {
		n = t.node(n, in)
	}
}

// node tidies n with all that is in it, and returns the sibling to go on with.
func (t *tidier) node(n ast.Node, in surroundings) ast.Node {
	next := n.NextSibling()
	switch n := n.(type) {
	case *ast.LinkReferenceDefinition:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			t.doc.hidden = append(t.doc.hidden, span{line.Start, line.Stop})
		}
	case *ast.AutoLink:
		t.autoLink(n, in)
	case *ast.Link:
		return t.link(n, n, in)
	case *ast.Image:
		link := ast.NewLink()
		link.Destination, link.Reference = n.Destination, n.Reference
		return t.link(n, link, in)
	case *ast.Emphasis, *extensionast.Strikethrough:
		if in.depth >= maxInlineNesting {
			return unwrap(n)
		}
		in.depth++
		t.children(n, in)
	default:
		t.children(n, in)
	}
	return next
}

// autoLink makes <http://…> and bare addresses ordinary links, or text.
func (t *tidier) autoLink(n *ast.AutoLink, in surroundings) {
	label := n.Label(t.doc.source)
	start := n.Pos()
	if t.doc.source[start] == '<' {
		start++
	}
	shown := ast.NewTextSegment(text.NewSegment(start, start+len(label)))
	shown.SetRaw(true) // no escapes or entities are resolved in an address
	address, err := CheckURL(string(n.URL(t.doc.source)))
	if in.inLink || n.AutoLinkType == ast.AutoLinkEmail || err != nil {
		replace(n, shown)
		return
	}
	link := ast.NewLink()
	link.Destination = []byte(address)
	link.AppendChild(link, shown)
	replace(n, link)
	t.doc.links = append(t.doc.links, newLink(address, string(label), span{start, start + len(label)}))
}

// link makes of n, a link or an image, the given link, or leaves only what it
// shows. It returns the sibling to go on with.
func (t *tidier) link(n ast.Node, link *ast.Link, in surroundings) ast.Node {
	address, ok := t.address(link)
	if !ok || in.inLink {
		return unwrap(n)
	}
	next := n.NextSibling()
	in.inLink = true
	t.children(n, in)
	link.Destination, link.Title = []byte(address), nil
	if n != ast.Node(link) {
		adopt(link, n)
		replace(n, link)
	}
	label := t.doc.shownText(link)
	if !Visible(label) {
		// A link that shows nothing would be followed by machines only.
		shown := ast.NewString(link.Destination)
		shown.SetRaw(true)
		link.AppendChild(link, shown)
		label = address
	}
	end, _ := n.AttributeString(endAttribute)
	t.doc.links = append(t.doc.links, newLink(address, label, span{n.Pos(), end.(int)}))
	return next
}

// address returns the canonical address that a link leads to, if it may.
func (t *tidier) address(link *ast.Link) (string, bool) {
	if link.Reference != nil {
		if t.allowance -= len(link.Destination); t.allowance < 0 {
			return "", false
		}
	}
	address, err := CheckURL(string(util.URLEscape(link.Destination, true)))
	return address, err == nil
}

// shownText returns the text that a reader sees of n.
func (d *document) shownText(n ast.Node) string {
	var out strings.Builder
	d.writeShown(&out, n)
	return strings.TrimSpace(out.String())
}

func (d *document) writeShown(out *strings.Builder, parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
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

// unwrap leaves the children of n in its place and returns the first of them, or
// what follows n. They are moved before they are tidied, so that each moves once
// however deep it was.
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
