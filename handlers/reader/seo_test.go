package reader

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"rejoinder/moderation"
)

// tokenizedText is plainText with a real HTML parser.
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

func checkPlainText(t *testing.T, rendered string) {
	t.Helper()
	if diff := cmp.Diff(tokenizedText(rendered), plainText(rendered)); diff != "" {
		t.Errorf("%s (-parsed +got):\n%s", rendered, diff)
	}
}

func TestPlainTextEqualsThatOfAParser(t *testing.T) {
	checked := 0
	for _, source := range slices.Concat(markdown, hostile, hostileURLs) {
		if rendered, err := moderation.Preview(source); err == nil { // not every text can be a comment
			checked++
			t.Run("", func(t *testing.T) { checkPlainText(t, rendered) })
		}
	}
	if checked < len(markdown)-1 {
		t.Errorf("only %d texts could be rendered", checked)
	}
}

func FuzzPlainText(f *testing.F) {
	for _, source := range markdown {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if rendered, err := moderation.Preview(source); err == nil { // not every text can be a comment
			checkPlainText(t, rendered)
		}
	})
}
