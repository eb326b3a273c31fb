package text

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"pgregory.net/rapid"
)

// shownOf returns what a reader sees of rendered HTML, with list numbers as browsers count them.
func shownOf(t interface{ Fatal(...any) }, rendered string) string {
	context := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(rendered), context)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, n := range nodes {
		writeSeen(&out, n)
	}
	return out.String()
}

func writeSeen(out *strings.Builder, n *html.Node) {
	if n.Type == html.TextNode {
		out.WriteString(n.Data)
	}
	number := 1
	for _, attribute := range n.Attr {
		if attribute.Key == "start" {
			fmt.Sscan(attribute.Val, &number)
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if n.Data == "ol" && child.Data == "li" {
			for _, attribute := range child.Attr {
				fmt.Sscan(attribute.Val, &number)
			}
			fmt.Fprintf(out, "%d. ", number)
			number++
		} else if child.Data == "li" {
			out.WriteString("- ")
		}
		writeSeen(out, child)
	}
}

// wordsOf returns the letters, digits and pictograms of s.
func wordsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.L, unicode.N, unicode.So) && !hidden(r) {
			return r
		}
		return -1
	}, s)
}

// checkWords fails the test if a letter or digit of the Markdown is not shown, or one is shown that nobody
// typed. It skips texts that change on purpose: link targets, language names, entities, and hosts that need a
// note.
func checkWords(t testing.TB, markdown, rendered string) {
	t.Helper()
	for _, meant := range []string{"](", "```", "&", "://", "www."} {
		if strings.Contains(strings.ToLower(markdown), meant) {
			return
		}
	}
	if want, got := wordsOf(markdown), wordsOf(shownOf(t, rendered)); got != want {
		t.Errorf("the words changed\nMarkdown: %q\nHTML: %q\nwords: %q\nshown: %q", markdown, rendered, want, got)
	}
}

func TestMarkdownKeepsWhatPeopleWrote(t *testing.T) {
	for name, c := range map[string]struct{ markdown, want string }{
		"one tilde means about, or from and to":  {"9~17, Saturday 10~14, ~5 €", "<p>9~17, Saturday 10~14, ~5 €</p>"},
		"rows of tildes are ornaments":           {"~~~Anna~~~\n\n~~~\na\n~~~", "<p>~~~Anna~~~</p>\n<p>~~~<br>\na<br>\n~~~</p>"},
		"years are no list":                      {"1986. What a year.\n2024. Another.", "<p>1986. What a year.<br>\n2024. Another.</p>"},
		"a year ends a list":                     {"1. a\n1986. b", "<ol dir=\"auto\">\n<li>a</li>\n</ol>\n<p>1986. b</p>"},
		"a list keeps its numbers":               {"1. a\n3. b\n7. c\n8. d", "<ol dir=\"auto\">\n<li>a</li>\n<li value=\"3\">b</li>\n<li value=\"7\">c</li>\n<li>d</li>\n</ol>"},
		"equal numbers stay equal":               {"1) a\n1) b", "<ol dir=\"auto\">\n<li>a</li>\n<li value=\"1\">b</li>\n</ol>"},
		"a list may begin with 0":                {"0. a\n1. b", "<ol dir=\"auto\" start=\"0\">\n<li>a</li>\n<li>b</li>\n</ol>"},
		"dates and agents are no list":           {"31. 12. 2024\n\n007. Bond", "<p>31. 12. 2024</p>\n<p>007. Bond</p>"},
		"a number alone is no list":              {"5)", "<p>5)</p>"},
		"a plus is no bullet":                    {"+ 1", "<p>+ 1</p>"},
		"a definition is text":                   {"[Edit]: solved", "<p>[Edit]: solved</p>"},
		"a reference is text":                    {"[a][b] [c]\n\n[b]: d 'e'", "<p>[a][b] [c]</p>\n<p>[b]: d &#39;e&#39;</p>"},
		"an answer is not part of the quotation": {"> a\nb", "<blockquote dir=\"auto\">\n<p>a</p>\n</blockquote>\n<p>b</p>"},
		"a quotation in a quotation ends, too":   {"> > a\n> b\nc", "<blockquote dir=\"auto\">\n<blockquote dir=\"auto\">\n<p>a</p>\n</blockquote>\n<p>b</p>\n</blockquote>\n<p>c</p>"},
		"a line after a list is no item":         {"- a\nb", "<ul dir=\"auto\">\n<li>a</li>\n</ul>\n<p>b</p>"},
		"an indented line goes on with its item": {"- a\n  b", "<ul dir=\"auto\">\n<li>a<br>\nb</li>\n</ul>"},
		"faces and comparisons are no quotation": {">_<\n>:(\n>10", "<p>&gt;_&lt;<br>\n&gt;:(<br>\n&gt;10</p>"},
		"an indented text is text":               {"    *a*\n\tb\n\n\tc", "<p><em>a</em><br>\nb</p>\n<p>c</p>"},
		"words behind a fence are text":          {"``` so it is ```", "<p><code>so it is</code></p>"},
		"more words than a language's name":      {"```so it is\na", "<p>```so it is<br>\na</p>"},
		"two backticks are quotation marks":      {"``so'' he said ``yes''", "<p>``so&#39;&#39; he said ``yes&#39;&#39;</p>"},
		"two backticks hold one":                 {"`` a`b ``", "<p><code>a`b</code></p>"},
		"stars hide letters":                     {"sh*t and f**k", "<p>sh*t and f**k</p>"},
		"stars multiply":                         {"2*3*4 = 24", "<p>2*3*4 = 24</p>"},
		"rows of stars are ornaments":            {"*****Sale*****", "<p>*****Sale*****</p>"},
		"faces":                                  {"(^_^) a (^_^) *_* b *_*", "<p>(^_^) a (^_^) *_* b *_*</p>"},
		"emphasis in Japanese":                   {"これは**「強調」**です", "<p>これは<strong>「強調」</strong>です</p>"},
		"a heading without words":                {"#", "<p>#</p>"},
		"a backslash before a line's end":        {"C:\\\nb", "<p>C:\\<br>\nb</p>"},
		"a link to nowhere":                      {"a[i](j) ![k](l \"m\")", "<p>a[i](j) ![k](l &#34;m&#34;)</p>"},
		"a link to nowhere over two lines":       {"[a](b\n'c')", "<p>[a](b<br>\n&#39;c&#39;)</p>"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read(c.markdown).HTML()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkRendering(t, c.markdown)
		})
	}
}

func TestAddressesBehindEverySign(t *testing.T) {
	for _, c := range []struct{ markdown, address, after string }{
		{"见https://a.example/b。", "https://a.example/b", "。"},
		{"「https://a.example」", "https://a.example", "」"},
		{"『https://a.example/』です", "https://a.example/", "』"},
		{"（https://a.example/b）", "https://a.example/b", "）"},
		{"詳しくはhttps://a.com/bを見て", "https://a.com/b", "を見て"},
		{"https://a.comです", "https://a.com", "です"},
		{"주소는www.a.com에서", "www.a.com", "에서"},
		{"ที่https://a.example/b", "https://a.example/b", ""},
		{"„https://a.example/b“", "https://a.example/b", "“"},
		{"«https://a.example/b»", "https://a.example/b", "»"},
		{"“https://a.example/b”, he said", "https://a.example/b", "”"},
		{"so—https://a.example/b—there", "https://a.example/b", "—"},
		{"👉https://a.example/b", "https://a.example/b", ""},
		{"a\u00a0https://a.example/b\u00a0c", "https://a.example/b", "\u00a0c"},
		{"a\u202fwww.a.example\u202fc", "www.a.example", "\u202fc"},
		{"*https://a.example/b*", "https://a.example/b", "</em>"},
		{"انظر https://a.example/b؟", "https://a.example/b", "؟"},
		{"> www.a.example, yes", "www.a.example", ","},
	} {
		out, err := Read(c.markdown).HTML()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out, `">`+c.address+"</a>"+c.after) {
			t.Errorf("%q is %q, want a link that shows %q", c.markdown, out, c.address)
		}
		checkRendering(t, c.markdown)
	}
	for _, s := range []string{"xhttps://a.example", "1https://a.example", "me@www.a.example", `https\://a.example`} {
		if out, err := Read(s).HTML(); err != nil || strings.Contains(out, "<a") {
			t.Errorf("%q is %q, %v; want no link", s, out, err)
		}
	}
}

// TestOrdinarySentencesAreShownAsWritten allows only the marks themselves to disappear, and only in a few
// sentences.
func TestOrdinarySentencesAreShownAsWritten(t *testing.T) {
	const seed = "``Nein'', sagt sie, 9~17 Uhr: 3*4*5.\tok\tde\n* Tüketiciler\tok\ttr\n이는 `수술`로 볼 수 있다.\tok\tko\n"
	plain := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	marks := strings.NewReplacer("*", "", "`", "")
	all := rows(t, corpus(t, "ordinary/sentences.tsv", seed))
	marked := 0
	for _, row := range all {
		out, err := Read(row[0]).HTML()
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(html.UnescapeString(row[0]), `\\`, `\`)
		want = numberedLine.ReplaceAllString(want, "$1. ")
		if bulleted := strings.TrimPrefix(want, "* "); bulleted != want {
			want = "- " + bulleted
		}
		got := shownOf(t, out)
		if plain(got) == plain(want) {
			continue
		}
		if marked++; plain(marks.Replace(got)) != plain(marks.Replace(want)) {
			t.Errorf("%s: %q is shown as %q", row[len(row)-1], want, got)
		}
	}
	t.Logf("%d sentences, %d with marks", len(all), marked)
	if marked > 1+len(all)/1000 {
		t.Errorf("marks are taken for markup in %d of %d sentences", marked, len(all))
	}
}

var numberedLine = regexp.MustCompile(`^(\d{1,3})\) `)

// TestNoWordIsLostWhateverTheMarksAroundIt puts words between marks in every order.
func TestNoWordIsLostWhateverTheMarksAroundIt(t *testing.T) {
	marks := []string{"", " ", "\n", "\n\n", "*", "**", "***", "_", "__", "~", "~~", "`", "``", "> ", ">", "- ", "* ", "+ ", "1. ", "2. ", "7) ", "1986. ",
		"0. ", "01. ", "  ", "    ", "\t", "[", "]", "![", "(", ")", "]:", "<", ">", "# ", "#", "---", "***\n", "\\", "\\\n", "  \n", "!", "\"", "|", "=\n", ":", "."}
	words := []string{"a", "b", "é", "字", "か", "한", "ข", "ب", "ש", "5", "🙂", "π"}
	rapid.Check(t, func(t *rapid.T) {
		var markdown strings.Builder
		for range rapid.IntRange(1, 40).Draw(t, "length") {
			markdown.WriteString(rapid.SampledFrom(marks).Draw(t, "mark"))
			if rapid.Bool().Draw(t, "word") {
				markdown.WriteString(rapid.SampledFrom(words).Draw(t, "letters"))
			}
		}
		out, err := Read(markdown.String()).HTML()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(markdown.String(), "](") || strings.Contains(markdown.String(), "```") {
			return
		}
		if want, got := wordsOf(markdown.String()), wordsOf(shownOf(t, out)); got != want {
			t.Fatalf("%q is %q: %q are shown, not %q", markdown.String(), out, got, want)
		}
	})
}
