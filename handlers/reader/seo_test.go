package reader

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"rejoinder/moderation"
)

// tokenizedText is plainText with a parser that understands any HTML.
func tokenizedText(rendered string) string {
	var b strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(rendered))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == '\n' }), "\n")
		case html.TextToken:
			b.Write(tokens.Text())
		case html.EndTagToken, html.SelfClosingTagToken:
			if name, _ := tokens.TagName(); blockElements[string(name)] {
				b.WriteByte('\n')
			}
		}
	}
}

var markdown = []string{
	"One *two* **three**\nfour\n\nfive", "> quoted\n> twice\n\n- a\n- b\n\n1. c\n2. d", "```\n<b> & \"code\" > 1\n```\n\n`a<b>c`",
	"[a > b](https://x.example/?q=\">'<&a=1 \"title\")", "<https://x.example/<>>", "# no heading\n\n---\n\n&lt;b&gt; &amp;amp; &copy; &#0;", "a < b > c <!-- d --> </p>",
	"hard  \nbreak\\\nbreak", "https://paypal.example/a>b", "[paypal.com](https://evil.example/'\")", "<script>alert(1)</script>", "",
}

func checkPlainText(t *testing.T, source string) {
	t.Helper()
	rendered, err := moderation.Preview(source)
	if err != nil {
		t.Skip(err)
	}
	if diff := cmp.Diff(tokenizedText(string(rendered)), plainText(string(rendered))); diff != "" {
		t.Errorf("%q is %s (-parsed +got):\n%s", source, rendered, diff)
	}
}

func TestPlainTextIsWhatAParserFinds(t *testing.T) {
	for _, source := range slices.Concat(markdown, hostile, hostileURLs) {
		t.Run("", func(t *testing.T) { checkPlainText(t, source) })
	}
}

func FuzzPlainText(f *testing.F) {
	for _, source := range markdown {
		f.Add(source)
	}
	f.Fuzz(checkPlainText)
}
