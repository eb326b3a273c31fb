package text

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	nethtml "golang.org/x/net/html"
)

// MaxRenderBytes bounds the texts that Read parses. It holds 10,000
// characters of any script with room to spare.
const MaxRenderBytes = 100_000

// linkRel is on every link: no credit from search engines, marked as written by
// readers, and no handle on the page that it was opened from.
const linkRel = "nofollow ugc noopener"

// markedRel is on links that moderators see: the site that a spammer links to must not learn of the console.
const markedRel = linkRel + " noreferrer"

// withoutHTMLComments removes what programs insert into texts for themselves. Beside other words it is shown.
func withoutHTMLComments(s string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "<!--")
		_, after, closed := strings.Cut(rest, "-->")
		if !found || !closed {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(before)
		s = after
	}
}

// document is parsed Markdown after tidying, ready to be rendered.
type document struct {
	source []byte
	root   ast.Node
	links  []Link // those that the rendered HTML contains
}

type span struct{ start, end int }

// parse is the one way from Markdown to a document.
func parse(markdown string) (*document, error) {
	if err := Check(markdown); err != nil {
		return nil, err
	}
	if len(markdown) > MaxRenderBytes {
		return nil, faultf("The text has more than %d bytes.", MaxRenderBytes)
	}
	source := []byte(markdown)
	doc := &document{source: source, root: pipeline().markdown.Parser().Parse(text.NewReader(source))}
	doc.tidy()
	return doc, nil
}

// machinery is everything that is built once; all of it is safe for concurrent use.
type machinery struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy // of stored HTML
	marked   *bluemonday.Policy // of HTML with marks
}

var pipeline = sync.OnceValue(func() machinery {
	marked := newPolicy(markedRel)
	marked.AllowElements("mark")
	return machinery{markdown: newMarkdown(), policy: newPolicy(linkRel), marked: marked}
})

// newMarkdown omits the parsers of raw HTML, so that no code path exists on which it could pass, and those of
// reference definitions, indented code and underlined headings.
func newMarkdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(util.Prioritized(parser.NewThematicBreakParser(), 200),
				util.Prioritized(shallow{list{parser.NewListParser()}}, 300),
				util.Prioritized(listItem{parser.NewListItemParser()}, 400),
				util.Prioritized(heading{parser.NewATXHeadingParser()}, 600),
				util.Prioritized(fence{parser.NewFencedCodeBlockParser()}, 700),
				util.Prioritized(shallow{quotation{parser.NewBlockquoteParser()}}, 800),
				util.Prioritized(paragraph{parser.NewParagraphParser()}, 1000)),
			parser.WithInlineParsers(util.Prioritized(codeSpan{parser.NewCodeSpanParser()}, 100),
				util.Prioritized(linkParser{parser.NewLinkParser()}, 200),
				util.Prioritized(parser.NewAutoLinkParser(), 300), util.Prioritized(emphasis{}, 500),
				util.Prioritized(linkifier{}, 999)),
		)),
		goldmark.WithRenderer(newRenderer()),
	)
}

// newRenderer returns a renderer of comments; those with a lower priority number than 100 go before it.
func newRenderer(before ...util.PrioritizedValue) renderer.Renderer {
	return renderer.NewRenderer(renderer.WithNodeRenderers(append(before,
		util.Prioritized(commentHTML{}, 100),
		util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
		util.Prioritized(html.NewRenderer(html.WithHardWraps()), 1000),
	)...))
}

// newPolicy is the second lock: it knows nothing of Markdown and lets only the
// elements pass that HTML documents.
func newPolicy(rel string) *bluemonday.Policy {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("p", "br", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "hr")
	policy.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("ol")
	policy.AllowAttrs("value").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("li")
	policy.AllowAttrs("dir").Matching(regexp.MustCompile(`^auto$`)).OnElements("blockquote", "ul", "ol")
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowAttrs("rel").Matching(regexp.MustCompile(`^` + rel + `$`)).OnElements("a")
	policy.AllowURLSchemes("http", "https")
	policy.AllowRelativeURLs(false)
	policy.RequireParseableURLs(true)
	policy.RequireNoFollowOnLinks(true)
	return policy
}

// prose renders a comment that is nothing but paragraphs of ordinary text, as most are; false for any other. The
// result is that of the renderer and the policy, and as safe: it is escaped text between fixed tags.
func (d *document) prose() (string, bool) {
	var out strings.Builder
	out.Grow(len(d.source) + len(d.source)/8 + len("<p></p>"))
	for p := d.root.FirstChild(); p != nil; p = p.NextSibling() {
		if p.Kind() != ast.KindParagraph || p.Attributes() != nil {
			return "", false
		}
		if p.PreviousSibling() != nil {
			out.WriteByte('\n')
		}
		out.WriteString("<p>")
		for n := p.FirstChild(); n != nil; n = n.NextSibling() {
			t, ok := n.(*ast.Text)
			if !ok || t.Segment.Padding != 0 {
				return "", false
			}
			words := string(d.source[t.Segment.Start:t.Segment.Stop])
			if strings.ContainsAny(words, "\\&\r\x00") {
				return "", false
			}
			out.WriteString(nethtml.EscapeString(words))
			if t.HardLineBreak() || t.SoftLineBreak() {
				out.WriteString("<br>\n")
			}
		}
		out.WriteString("</p>")
	}
	return legible(out.String()), true
}

// commentHTML renders what differs from ordinary Markdown.
type commentHTML struct{}

// RegisterFuncs implements goldmark's renderer.NodeRenderer. A paragraph's direction affects only its text;
// that of a quotation or list also affects its border and indentation, so these have an attribute.
func (commentHTML) RegisterFuncs(registry renderer.NodeRendererFuncRegisterer) {
	element(registry, ast.KindHeading, func(ast.Node) (string, string) { return "<p><strong>", "</strong></p>\n" })
	element(registry, ast.KindLink, func(n ast.Node) (string, string) { return linkTags(n, linkRel) })
	element(registry, ast.KindBlockquote, func(ast.Node) (string, string) {
		return "<blockquote dir=\"auto\">\n", "</blockquote>\n"
	})
	element(registry, ast.KindList, func(n ast.Node) (string, string) {
		switch l := n.(*ast.List); {
		case !l.IsOrdered():
			return "<ul dir=\"auto\">\n", "</ul>\n"
		case l.Start == 1:
			return "<ol dir=\"auto\">\n", "</ol>\n"
		default:
			return fmt.Sprintf("<ol dir=\"auto\" start=\"%d\">\n", l.Start), "</ol>\n"
		}
	})
	element(registry, ast.KindListItem, func(n ast.Node) (string, string) { return "<li" + numbering(n) + ">", "</li>\n" })
}

func linkTags(n ast.Node, rel string) (opening, closing string) {
	href := util.EscapeHTML(n.(*ast.Link).Destination)
	return `<a href="` + string(href) + `" rel="` + rel + `">`, "</a>"
}

// element registers the output before and after the children of a kind of node.
func element(registry renderer.NodeRendererFuncRegisterer, kind ast.NodeKind, tags func(ast.Node) (string, string)) {
	registry.Register(kind, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		opening, closing := tags(n)
		if !entering {
			opening = closing
		}
		_, err := w.WriteString(opening)
		return ast.WalkContinue, err
	})
}

// numbering returns an item's number as an attribute, if counting on from the previous item would give
// another number.
func numbering(item ast.Node) string {
	number, ordered := item.AttributeString(numberAttribute)
	before := item.PreviousSibling()
	if !ordered || before == nil {
		return ""
	}
	if last, _ := before.AttributeString(numberAttribute); last == number.(int)-1 {
		return ""
	}
	return fmt.Sprintf(` value="%d"`, number)
}
