package text

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	openMark  = "<mark>"
	closeMark = "</mark>"
)

// markedHTML renders the document with marks around the text that came from the merged spans, and around the
// text of the links.
func (r *Reading) markedHTML(spans []Span, links map[*ast.Link]bool) (string, error) {
	var out bytes.Buffer
	m := &marker{spans: spans, links: links}
	if err := newRenderer(util.Prioritized(m, 50)).Render(&out, r.doc.source, r.doc.root); err != nil {
		return "", fmt.Errorf("render marked markdown: %w", err)
	}
	marked := sanitized(&out, pipeline().marked)
	// What is in the text is escaped, so only our own tags are joined.
	return strings.NewReplacer(closeMark+openMark, "", openMark+closeMark, "").Replace(marked), nil
}

// marker renders the nodes that have text, with marks, and links. No mark contains a tag.
type marker struct {
	spans []Span // of the source
	links map[*ast.Link]bool
}

// RegisterFuncs implements goldmark's renderer.NodeRenderer.
func (m *marker) RegisterFuncs(registry renderer.NodeRendererFuncRegisterer) {
	registry.Register(ast.KindText, onEntering(m.text))
	registry.Register(ast.KindString, onEntering(m.note))
	registry.Register(ast.KindFencedCodeBlock, onEntering(m.fencedCode))
	registry.Register(ast.KindCodeSpan, onEntering(m.codeSpan))
	element(registry, ast.KindLink, func(n ast.Node) (string, string) { return linkTags(n, markedRel) })
}

// onEntering renders a node without its children.
func onEntering(render func(util.BufWriter, []byte, ast.Node)) renderer.NodeRendererFunc {
	return func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			render(w, source, n)
		}
		return ast.WalkSkipChildren, nil
	}
}

func (m *marker) text(w util.BufWriter, source []byte, node ast.Node) {
	n := node.(*ast.Text)
	m.write(w, source, leaf{n.Segment, n.IsRaw(), m.inMarkedLink(n)})
	if !n.IsRaw() && (n.SoftLineBreak() || n.HardLineBreak()) {
		_, _ = w.WriteString("<br>\n")
	}
}

// note renders text that is not in the source: the address or the host of a link.
func (m *marker) note(w util.BufWriter, _ []byte, node ast.Node) {
	marked := m.inMarkedLink(node)
	if marked {
		_, _ = w.WriteString(openMark)
	}
	html.DefaultWriter.RawWrite(w, node.(*ast.String).Value)
	if marked {
		_, _ = w.WriteString(closeMark)
	}
}

func (m *marker) fencedCode(w util.BufWriter, source []byte, n ast.Node) {
	_, _ = w.WriteString("<pre><code>")
	for i := range n.Lines().Len() {
		m.write(w, source, leaf{segment: n.Lines().At(i), raw: true})
	}
	_, _ = w.WriteString("</code></pre>\n")
}

func (m *marker) codeSpan(w util.BufWriter, source []byte, n ast.Node) {
	_, _ = w.WriteString("<code>")
	inLink := m.inMarkedLink(n)
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		segment := child.(*ast.Text).Segment
		ends := bytes.HasSuffix(segment.Value(source), []byte("\n"))
		if ends {
			segment.Stop--
		}
		m.write(w, source, leaf{segment, true, inLink})
		if ends {
			_ = w.WriteByte(' ')
		}
	}
	_, _ = w.WriteString("</code>")
}

// inMarkedLink reports whether a node is part of a link that is marked as a whole.
func (m *marker) inMarkedLink(n ast.Node) bool {
	if len(m.links) == 0 {
		return false
	}
	for ; n != nil; n = n.Parent() {
		if link, is := n.(*ast.Link); is {
			return m.links[link]
		}
	}
	return false
}

// leaf is a stretch of text in one node.
type leaf struct {
	segment text.Segment
	raw     bool // without escapes and entities
	marked  bool // as a whole
}

func (m *marker) write(w util.BufWriter, source []byte, l leaf) {
	value := l.segment.Value(source) // with indentation that replaces tabs, and a line end that is missing
	length := l.segment.Stop - l.segment.Start
	indent := value[:l.segment.Padding]
	html.DefaultWriter.RawWrite(w, indent)
	body := string(value[len(indent) : len(indent)+length])
	if l.raw {
		m.ordinary(w, body, l)
	} else {
		for at, shown := range resolve(body) {
			part := l
			part.segment = text.NewSegment(l.segment.Start+at.Start, l.segment.Start+at.End)
			if stretch := body[at.Start:at.End]; stretch == shown {
				m.ordinary(w, stretch, part)
			} else {
				part.marked = l.marked || overlaps(m.spans, Span{part.segment.Start, part.segment.Stop})
				part.put(w, stretch)
			}
		}
	}
	html.DefaultWriter.RawWrite(w, value[len(indent)+length:])
}

// ordinary writes text that can be split between any two characters.
func (m *marker) ordinary(w util.BufWriter, s string, l leaf) {
	start, end := l.segment.Start, l.segment.Stop
	for i := firstAfter(m.spans, start); !l.marked && i < len(m.spans) && m.spans[i].Start < end; i++ {
		from, to := max(m.spans[i].Start-start, 0), min(m.spans[i].End-start, len(s))
		l.put(w, s[:from])
		inside := l
		inside.marked = true
		inside.put(w, s[from:to])
		s, start = s[to:], start+to
	}
	l.put(w, s)
}

// put writes a stretch of a leaf that is marked as a whole, or not at all.
func (l leaf) put(w util.BufWriter, s string) {
	if s == "" {
		return
	}
	if l.marked {
		_, _ = w.WriteString(openMark)
	}
	if l.raw {
		html.DefaultWriter.RawWrite(w, []byte(s))
	} else {
		html.DefaultWriter.Write(w, []byte(s))
	}
	if l.marked {
		_, _ = w.WriteString(closeMark)
	}
}
