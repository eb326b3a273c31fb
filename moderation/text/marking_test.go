package text

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

func TestMarksStandInWhatReadersSee(t *testing.T) {
	const rel = ` rel="nofollow ugc noopener noreferrer"`
	for name, c := range map[string]struct {
		source string // the parts to mark between « and »
		want   string
		unseen []Unseen
	}{
		"nothing":                   {"a mill", `<p>a mill</p>`, nil},
		"a word":                    {"an «old» mill", `<p>an <mark>old</mark> mill</p>`, nil},
		"the whole text":            {"«an old mill»", `<p><mark>an old mill</mark></p>`, nil},
		"parts that touch":          {"an «ol»«d» mill", `<p>an <mark>old</mark> mill</p>`, nil},
		"across emphasis":           {"an «old *mill»s*", `<p>an <mark>old </mark><em><mark>mill</mark>s</em></p>`, nil},
		"inside emphasis":           {"**a *«b»* c**", `<p><strong>a <em><mark>b</mark></em> c</strong></p>`, nil},
		"struck out":                {"~~a «b»~~", `<p><del>a <mark>b</mark></del></p>`, nil},
		"marks that are literal":    {"«sh*t»", `<p><mark>sh*t</mark></p>`, nil},
		"characters with a meaning": {"«<script>alert(1)</script>»", `<p><mark>&lt;script&gt;alert(1)&lt;/script&gt;</mark></p>`, nil},
		"a mark that was typed":     {"<mark>«a»</mark>", `<p>&lt;mark&gt;<mark>a</mark>&lt;/mark&gt;</p>`, nil},
		"over an entity":            {"a «re&#116;»ort", `<p>a <mark>ret</mark>ort</p>`, nil},
		"a part of an entity":       {"re&#«1»16;ort", `<p>re<mark>t</mark>ort</p>`, nil},
		"an entity of a sign":       {"a «&lt;» b", `<p>a <mark>&lt;</mark> b</p>`, nil},
		"a part of an escape":       {`\«*»a\*`, `<p><mark>*</mark>a*</p>`, nil},
		"across lines":              {"«kill\n» time", "<p><mark>kill</mark><br>\ntime</p>", nil},
		"across paragraphs":         {"a «b\n\nc» d", "<p>a <mark>b</mark></p>\n<p><mark>c</mark> d</p>", nil},
		"across quoted lines":       {"> a «b\n> c» d", "<blockquote dir=\"auto\">\n<p>a <mark>b</mark><br>\n<mark>c</mark> d</p>\n</blockquote>", nil},
		"across items of a list":    {"- «a\n- b»", "<ul dir=\"auto\">\n<li><mark>a</mark></li>\n<li><mark>b</mark></li>\n</ul>", nil},
		"in code":                   {"`a «&amp;» b`", `<p><code>a <mark>&amp;amp;</mark> b</code></p>`, nil},
		"in fenced code":            {"```\na «b\nc» d\n```", "<pre><code>a <mark>b\nc</mark> d\n</code></pre>", nil},
		"in a heading":              {"# An «old» mill", `<p><strong>An <mark>old</mark> mill</strong></p>`, nil},
		"in the text of a link":     {"[an «old» mill](https://a.example/)", `<p><a href="https://a.example/"` + rel + `>an <mark>old</mark> mill</a></p>`, nil},
		"a bare address":            {"«https://a.example/b»", `<p><a href="https://a.example/b"` + rel + `><mark>https://a.example/b</mark></a></p>`, nil},
		"a part of a bare address":  {"https://«a.example»/b", `<p><a href="https://a.example/b"` + rel + `>https://<mark>a.example</mark>/b</a></p>`, nil},
		"a part of a long address":  {"[one *two*](https://«a.example»/b)", `<p><a href="https://a.example/b"` + rel + `><mark>one </mark><em><mark>two</mark></em></a></p>`, []Unseen{{UnseenAddress, "https://a.example/b"}}},
		"a whole link":              {"«[one](https://a.example/b)» two", `<p><a href="https://a.example/b"` + rel + `><mark>one</mark></a> two</p>`, []Unseen{{UnseenAddress, "https://a.example/b"}}},
		"a link that shows it":      {"«[a.example/b](https://a.example/b)»", `<p><a href="https://a.example/b"` + rel + `><mark>a.example/b</mark></a></p>`, nil},
		"a link that misleads":      {"[a.com](https://«b.com»/)", `<p><a href="https://b.com/"` + rel + `><mark>a.com (b.com)</mark></a></p>`, nil},
		"an image":                  {"![shot](https://«a.example»/b.gif)", `<p><a href="https://a.example/b.gif"` + rel + `><mark>shot</mark></a></p>`, []Unseen{{UnseenAddress, "https://a.example/b.gif"}}},
		"a link without text":       {"[](https://«a.example»/b)", `<p><a href="https://a.example/b"` + rel + `><mark>https://a.example/b</mark></a></p>`, nil},
		"code as a link's text":     {"[`a`](https://«a.example»/b)", `<p><a href="https://a.example/b"` + rel + `><code><mark>a</mark></code></a></p>`, []Unseen{{UnseenAddress, "https://a.example/b"}}},
		"a link that is none":       {"[a](«javascript»:b)", `<p>[a](<mark>javascript</mark>:b)</p>`, nil},
		"characters that show none": {"a«\u200b\u200b»b", "<p>a<mark>\u200b\u200b</mark>b</p>", []Unseen{{UnseenCharacters, "\u200b\u200b"}}},
		"an entity that shows none": {"a«&#8203;»b", "<p>a<mark>\u200b</mark>b</p>", []Unseen{{UnseenCharacters, "\u200b"}}},
		"hidden in a word":          {"«sp\u200bam»", "<p><mark>sp\u200bam</mark></p>", nil},
		"marks of emphasis alone":   {"«**»a**", `<p><strong>a</strong></p>`, []Unseen{{UnseenMarkup, "**"}}},
		"the language of code":      {"```«casino»\na\n```", "<pre><code>a\n</code></pre>", []Unseen{{UnseenMarkup, "casino"}}},
		"in an override":            {"see \u202e«moc.maps»\u202c", "<p>see <mark>moc.maps</mark>\u202c</p>", nil},
		"across an override":        {"«a\u202eb»\u202c", "<p><mark>ab</mark>\u202c</p>", nil},
		"unseen in order":           {"«**»a** «[b](https://c.example/)» d«\u2060»e", `<p><strong>a</strong> <a href="https://c.example/"` + rel + `><mark>b</mark></a> d<mark>` + "\u2060" + `</mark>e</p>`, []Unseen{{UnseenMarkup, "**"}, {UnseenAddress, "https://c.example/"}, {UnseenCharacters, "\u2060"}}},
		"letters of several bytes":  {"große «Straße»", `<p>große <mark>Straße</mark></p>`, nil},
		"more marks than are shown": {"a\u0301\u0301\u0301\u0301«\u0301\u0301»b", "<p>a\u0301\u0301\u0301\u0301b</p>", []Unseen{{UnseenCharacters, "\u0301\u0301"}}},
		"an empty part":             {"a«»b", `<p>ab</p>`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			source, spans := parts(c.source)
			got, err := Read(source).Mark(spans)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.HTML); diff != "" {
				t.Errorf("HTML (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.unseen, got.Unseen); diff != "" {
				t.Errorf("unseen (-want +got):\n%s", diff)
			}
		})
	}
}

// parts reads a text with parts between « and ».
func parts(s string) (string, []Span) {
	var out strings.Builder
	var spans []Span
	for i, piece := range strings.Split(strings.ReplaceAll(s, "»", "«"), "«") {
		if i%2 == 1 {
			spans = append(spans, Span{out.Len(), out.Len() + len(piece)})
		}
		out.WriteString(piece)
	}
	return out.String(), spans
}

func TestExcerptsAreWhatReadersSee(t *testing.T) {
	for source, want := range map[string]string{
		"an «old» mill":                         "old",
		"a «re&#116;»ort":                       "ret",
		"«id[io](https://a.example/)t»":         "idiot",
		"**a «b** c»":                           "b c",
		"see [here](«https://a.example/»)":      "https://a.example/",
		"a«\u200b»b":                            "\u200b",
		"«»nothing":                             "",
		"see \u202e«llim d»lo\u202c over there": "d mill",
	} {
		plain, spans := parts(source)
		if got := Read(plain).Excerpt(spans[0]); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
}

func TestMarksStandInTheShownText(t *testing.T) {
	for source, want := range map[string]string{
		"an «old» mill":                             "an «old» mill",
		"an **«old** *mi»ll*":                       "an «old mi»ll",
		"a «re&#116;»ort":                           "a «ret»ort",
		"> «an old\n> mill»":                        "«an old\nmill»",
		"[one](https://«a.example»/) two":           "«one» two",
		"see \u202e«llim d»lo\u202c there":          "see ol«d mill» there",
		"\u202e«[moc.a](https://b.example)»\u202c!": "«a.com»!",
		"«**»a**":                                   "a",
	} {
		plain, spans := parts(source)
		r := Read(plain)
		marked, err := r.Mark(spans)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		at := 0
		for _, s := range marked.Shown {
			got.WriteString(r.Shown[at:s.Start] + "«" + r.Shown[s.Start:s.End] + "»")
			at = s.End
		}
		if diff := cmp.Diff(want, got.String()+r.Shown[at:]); diff != "" {
			t.Errorf("%q (-want +got):\n%s", source, diff)
		}
	}
}

func TestTextThatCannotBeRenderedCannotBeMarked(t *testing.T) {
	if got, err := Read("a\xffb").Mark([]Span{{0, 1}}); err == nil {
		t.Errorf("got %+v", got)
	}
}

// checkMarked checks marked HTML against the HTML without marks: but for the marks and the links' rel, it is the
// same, and each mark stands around text alone.
func checkMarked(t *testing.T, source string, spans []Span) {
	t.Helper()
	r := Read(source)
	plain, plainErr := r.HTML()
	marked, err := r.Mark(spans)
	if (err != nil) != (plainErr != nil) {
		t.Fatalf("%q: HTML fails with %v, Mark with %v", source, plainErr, err)
	}
	if err != nil {
		return
	}
	unmarked := strings.NewReplacer("<mark>", "", "</mark>", "", ` noreferrer">`, `">`).Replace(marked.HTML)
	if diff := cmp.Diff(plain, unmarked); diff != "" {
		t.Fatalf("%q marked at %v (-plain +without marks):\n%s\n%s", source, spans, diff, marked.HTML)
	}
	tokens, open := html.NewTokenizer(strings.NewReader(marked.HTML)), false
	for tokens.Next() != html.ErrorToken {
		switch token := tokens.Token(); {
		case token.Data == "mark" && token.Type != html.TextToken:
			if starts := token.Type == html.StartTagToken; starts == open || len(token.Attr) > 0 {
				t.Fatalf("%q marked at %v nests marks: %s", source, spans, marked.HTML)
			}
			open = !open
		case open && token.Type != html.TextToken:
			t.Fatalf("%q marked at %v has %v in a mark: %s", source, spans, token, marked.HTML)
		}
	}
	last := 0
	for _, s := range marked.Shown {
		if s.Start < last || s.Start >= s.End || s.End > len(r.Shown) {
			t.Fatalf("%q marked at %v: %v of the shown text", source, spans, marked.Shown)
		}
		last = s.End
	}
	if open || len(marked.Unseen) > len(spans)+len(r.Links) {
		t.Fatalf("%q marked at %v: open %v, unseen %v", source, spans, open, marked.Unseen)
	}
}

func FuzzMark(f *testing.F) {
	for _, seed := range []string{
		"an *old **mill*** &amp; \\* `co&de` ~~x~~", "> - `b`\n\n1. [c *d*](http://e.example/f?g=\"h) ![i](http://j.example)",
		"\u202eabc\u202c a\u0301\u0301\u0301\u0301\u0301\u200b", "```x\n\ta  <mark>\n```", "[`a\nb`](http://c.example) www.d.example &#38;lt; &#x26;",
		"<mark>a</mark> \"'&lt;/mark&gt;", "-\t\tfoo\n  ```\n\tbar", "[a.example](http://xn--pple-43d.com) <http://b.example>",
	} {
		f.Add(seed, 0, 3, 5, 12)
		f.Add(seed, 4, 40, 1, 2)
	}
	f.Fuzz(func(t *testing.T, source string, a, b, c, d int) {
		checkMarked(t, source, []Span{{a, b}, {c, d}})
	})
}

// markEachWord marks every other word of a text where it stands in the source.
func markEachWord(t *testing.T, source string) {
	r := Read(source)
	var spans []Span
	for i, w := range r.Words() {
		if i%2 == 0 {
			start, end := r.Source(w.Start, w.End)
			spans = append(spans, Span{start, end})
		}
	}
	if _, err := r.Mark(spans); err != nil && r.err == nil {
		t.Error(err)
	}
}
