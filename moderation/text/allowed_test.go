package text

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// allowed is what a rendered comment may consist of: elements, each with the
// attributes that it may have and that it must have.
var allowed = map[string]struct{ may, must []string }{
	"p": {}, "br": {}, "em": {}, "strong": {}, "del": {}, "code": {}, "pre": {}, "hr": {},
	"blockquote": {may: []string{"dir"}, must: []string{"dir"}},
	"ul":         {may: []string{"dir"}, must: []string{"dir"}},
	"ol":         {may: []string{"dir", "start"}, must: []string{"dir"}},
	"li":         {may: []string{"value"}},
	"a":          {may: []string{"href", "rel"}, must: []string{"href", "rel"}},
}

// checkRendering renders s and fails the test if anything comes out that may
// not, or a link that Links does not know.
func checkRendering(t testing.TB, s string) {
	t.Helper()
	out, err := Read(s).HTML()
	if err != nil {
		if Check(s) == nil && len(s) <= MaxRenderBytes {
			t.Errorf("Render(%q): %v", s, err)
		}
		return
	}
	if full, err := Read(s).rendered(); err != nil || full != out {
		t.Errorf("the quick way from %q gives %q, the renderer %q (%v)", s, out, full, err)
	}
	links := Read(s).Links
	checkSpans(t, s, links)
	var known []string
	for _, link := range links {
		known = append(known, link.URL)
	}
	for _, problem := range problems(out, known) {
		t.Errorf("%s\nMarkdown: %q\nHTML: %q", problem, s, out)
	}
	checkWords(t, s, out)
}

// problems parses HTML as a browser does, inside an element of a page, and
// returns what is in it that may not be.
func problems(rendered string, links []string) []string {
	context := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(rendered), context)
	if err != nil {
		return []string{"does not parse: " + err.Error()}
	}
	var found []string
	var walk func(n *html.Node, inLink bool)
	walk = func(n *html.Node, inLink bool) {
		switch n.Type {
		case html.TextNode:
		case html.ElementNode:
			found = append(found, elementProblems(n, links)...)
			if n.Data == "a" && inLink {
				found = append(found, "a link inside a link")
			}
			inLink = inLink || n.Data == "a"
		default:
			found = append(found, "a node that is neither text nor element")
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child, inLink)
		}
	}
	for _, n := range nodes {
		walk(n, false)
	}
	return found
}

func elementProblems(n *html.Node, links []string) []string {
	rule, ok := allowed[n.Data]
	if !ok || n.Namespace != "" {
		return []string{"element " + n.Namespace + " " + n.Data}
	}
	var found, names []string
	for _, attribute := range n.Attr {
		names = append(names, attribute.Key)
		if !slices.Contains(rule.may, attribute.Key) || attribute.Namespace != "" {
			found = append(found, "attribute "+attribute.Key+" on "+n.Data)
		}
		switch {
		case attribute.Key == "rel" && attribute.Val != "nofollow ugc noopener":
			found = append(found, "rel "+attribute.Val)
		case (attribute.Key == "start" || attribute.Key == "value") && strings.Trim(attribute.Val, "0123456789") != "",
			attribute.Key == "dir" && attribute.Val != "auto":
			found = append(found, attribute.Key+" "+attribute.Val)
		case attribute.Key == "href":
			found = append(found, hrefProblems(attribute.Val, links)...)
		}
	}
	for _, name := range rule.must {
		if !slices.Contains(names, name) {
			found = append(found, n.Data+" without "+name)
		}
	}
	if n.Data == "a" && !Visible(textOf(n)) {
		found = append(found, "a link that shows nothing")
	}
	return found
}

func hrefProblems(href string, links []string) []string {
	var found []string
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		found = append(found, "href "+href)
	}
	if !slices.Contains(links, href) {
		found = append(found, "href that Links does not return: "+href)
	}
	return found
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var out strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		out.WriteString(textOf(child))
	}
	return out.String()
}

// checkSpans fails the test unless all links have valid spans, in order.
func checkSpans(t testing.TB, s string, links []Link) {
	t.Helper()
	last := 0
	for _, link := range links {
		if link.Start < last || link.End <= link.Start || link.End > len(s) {
			t.Fatalf("link %+v in %q has a bad span (previous start %d)", link, s, last)
		}
		if !runeBoundary(s, link.Start) || !runeBoundary(s, link.End) {
			t.Errorf("link %+v in %q cuts a character", link, s)
		}
		if canonical, err := CheckURL(link.URL); err != nil || canonical != link.URL {
			t.Errorf("link %+v in %q is not canonical: %q, %v", link, s, canonical, err)
		}
		last = link.Start
	}
}

func TestTheAllowListCheckerFindsWhatMayNotBe(t *testing.T) {
	known := []string{"http://a.b/"}
	const link = `<a href="http://a.b/" rel="nofollow ugc noopener">x</a>`
	for name, rendered := range map[string]string{
		"a script":                  "<script>x</script>",
		"an image":                  `<img src="http://a.b/">`,
		"an event handler":          `<p onclick="x">a</p>`,
		"a script address":          `<a href="javascript:x" rel="nofollow ugc noopener">x</a>`,
		"a link without rel":        `<a href="http://a.b/">x</a>`,
		"a link without address":    `<a rel="nofollow ugc noopener">x</a>`,
		"a link that shows nothing": `<a href="http://a.b/" rel="nofollow ugc noopener"></a>`,
		"a link nobody knows":       `<a href="http://c.d/" rel="nofollow ugc noopener">x</a>`,
		"a comment":                 "<!-- x -->",
		"a foreign element":         "<svg></svg>",
		"a style":                   `<p style="x">a</p>`,
	} {
		if len(problems(rendered, known)) == 0 {
			t.Errorf("%s passes", name)
		}
	}
	if found := problems("<p>"+link+"<br><em>a</em></p>", known); len(found) > 0 {
		t.Errorf("good HTML has problems: %v", found)
	}
}
