package text

import (
	"bytes"
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
)

// MaxRenderBytes bounds what Render and Links work on. It holds 10,000
// characters of any script with room to spare.
const MaxRenderBytes = 100_000

// linkRel is on every link: no credit from search engines, marked as written by
// readers, and no handle on the page that it was opened from.
const linkRel = "nofollow ugc noopener"

// Render turns a comment's Markdown into the only HTML that is ever stored or
// shown: CommonMark with bare web addresses made links, ~~strikethrough~~ and
// every line break kept. What comes out consists of
//
//	p br em strong del code pre blockquote ul ol[start] li hr a[href rel]
//
// and nothing else, with http and https links only. For comments, a heading is a
// paragraph in strong type, an image is a link to it (nothing is ever fetched
// from third parties), raw HTML is text, and an address of another kind or an
// email stays text. A line of "=" or "-" under a paragraph does not make it a
// heading. Lists and quotations nest 10 deep; what nests deeper is text.
//
// Hostile input costs time in proportion to its length. Errors: those of Check,
// and a Fault for more than MaxRenderBytes.
func Render(markdown string) (string, error) {
	doc, err := parse(markdown)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	machine := pipeline()
	if err := machine.markdown.Renderer().Render(&out, doc.source, doc.root); err != nil {
		return "", fmt.Errorf("render markdown: %w", err)
	}
	return strings.TrimSpace(machine.policy.SanitizeReader(&out).String()), nil
}

// document is parsed Markdown after tidying, ready to be rendered.
type document struct {
	source []byte
	root   ast.Node
	links  []Link // those that the rendered HTML contains
	hidden []span // definitions of link references, which readers never see
}

type span struct{ start, end int }

// parse is the one way from Markdown to a document: Render and Links agree
// because both begin here.
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
	policy   *bluemonday.Policy
}

var pipeline = sync.OnceValue(func() machinery {
	return machinery{markdown: newMarkdown(), policy: newPolicy()}
})

// newMarkdown leaves the parsers of raw HTML out, so that no code path exists on
// which it could pass, and the one of underlined headings.
func newMarkdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(
				util.Prioritized(parser.NewThematicBreakParser(), 200),
				util.Prioritized(shallow{parser.NewListParser()}, 300),
				util.Prioritized(parser.NewListItemParser(), 400),
				util.Prioritized(parser.NewCodeBlockParser(), 500),
				util.Prioritized(parser.NewATXHeadingParser(), 600),
				util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
				util.Prioritized(shallow{parser.NewBlockquoteParser()}, 800),
				util.Prioritized(parser.NewParagraphParser(), 1000),
			),
			parser.WithInlineParsers(
				util.Prioritized(parser.NewCodeSpanParser(), 100),
				util.Prioritized(linkParser{parser.NewLinkParser()}, 200),
				util.Prioritized(parser.NewAutoLinkParser(), 300),
				util.Prioritized(parser.NewEmphasisParser(), 500),
				util.Prioritized(extension.NewStrikethroughParser(), 600),
				util.Prioritized(linkifier{}, 999),
			),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		)),
		goldmark.WithRenderer(renderer.NewRenderer(renderer.WithNodeRenderers(
			util.Prioritized(commentHTML{}, 100),
			util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
			util.Prioritized(html.NewRenderer(html.WithHardWraps()), 1000),
		))),
	)
}

// newPolicy is the second lock: it knows nothing of Markdown and lets only the
// elements pass that Render documents.
func newPolicy() *bluemonday.Policy {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("p", "br", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "hr")
	policy.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowAttrs("rel").Matching(regexp.MustCompile(`^` + linkRel + `$`)).OnElements("a")
	policy.AllowURLSchemes("http", "https")
	policy.AllowRelativeURLs(false)
	policy.RequireParseableURLs(true)
	policy.RequireNoFollowOnLinks(true)
	return policy
}

// commentHTML renders what differs from ordinary Markdown.
type commentHTML struct{}

// RegisterFuncs implements goldmark's renderer.NodeRenderer.
func (commentHTML) RegisterFuncs(registry renderer.NodeRendererFuncRegisterer) {
	registry.Register(ast.KindHeading, func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		return writeEither(w, entering, "<p><strong>", "</strong></p>\n")
	})
	registry.Register(ast.KindLink, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		href := util.EscapeHTML(n.(*ast.Link).Destination)
		return writeEither(w, entering, `<a href="`+string(href)+`" rel="`+linkRel+`">`, "</a>")
	})
}

func writeEither(w util.BufWriter, entering bool, opening, closing string) (ast.WalkStatus, error) {
	if !entering {
		opening = closing
	}
	_, err := w.WriteString(opening)
	return ast.WalkContinue, err
}

// maxNesting bounds lists and quotations inside each other. Every line is checked
// against each open one, so without a bound a short text could cost seconds.
const maxNesting = 10

// shallow is a block parser that opens nothing once it is too deep.
type shallow struct{ parser.BlockParser }

// Open implements goldmark's parser.BlockParser.
func (s shallow) Open(parent ast.Node, reader text.Reader, context parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindList || n.Kind() == ast.KindBlockquote {
			depth++
		}
	}
	if depth >= maxNesting {
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, context)
}
