package page

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/rules"
)

// hitsOf are hits on words of a comment.
func hitsOf(markdown string, words ...string) []rules.Hit {
	var hits []rules.Hit
	for _, word := range words {
		at := strings.Index(markdown, word)
		hits = append(hits, rules.Hit{Spans: []rules.Span{{Field: "body", Start: at, End: at + len(word)}}})
	}
	return append(hits, rules.Hit{Spans: []rules.Span{{Field: "author_name", Start: 0, End: 1}}})
}

// bracketed writes segments with marks in brackets.
func bracketed(segments []Segment) string {
	var out strings.Builder
	for _, s := range segments {
		if s.Marked {
			s.Text = "[" + s.Text + "]"
		}
		out.WriteString(s.Text)
	}
	return out.String()
}

func TestACommentIsMarkedAsReadersSeeIt(t *testing.T) {
	const markdown = "A **sh&#49;t** [offer](https://spam.example/x)\u200b"
	c := MarkComment(markdown, hitsOf(markdown, "sh&#49;t", "[offer](https://spam.example/x)", "\u200b", "**"))
	if want := `<p>A <strong><mark>sh1t</mark></strong> <a href="https://spam.example/x" rel="nofollow ugc noopener noreferrer">` +
		`<mark>offer</mark></a><mark>` + "\u200b</mark></p>"; string(c.HTML) != want {
		t.Errorf("HTML is %s, want %s", c.HTML, want)
	}
	if diff := cmp.Diff("A [sh1t] [offer\u200b]", bracketed(c.Shown)); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("A [**sh&#49;t]** [[offer](https://spam.example/x)\u200b]", bracketed(c.Source)); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]UnseenView{{"Link to", "https://spam.example/x"}}, c.Unseen); diff != "" {
		t.Errorf("unseen (-want +got):\n%s", diff)
	}
}

func TestMatchesThatReadersDoNotSeeAreListed(t *testing.T) {
	const markdown = "a\u200b\u00adb **c**"
	c := MarkComment(markdown, hitsOf(markdown, "\u200b\u00ad", "**"))
	want := []UnseenView{{"Characters that show nothing", "U+200B U+00AD"}, {"Markup", "**"}}
	if diff := cmp.Diff(want, c.Unseen); diff != "" {
		t.Errorf("unseen (-want +got):\n%s", diff)
	}
	many := strings.Repeat("[a](https://b.example/"+strings.Repeat("c", 400)+") ", 12)
	c = MarkComment(many, hitsOf(many, many))
	if len(c.Unseen) != maxUnseen || c.More != 2 || len([]rune(c.Unseen[0].Text)) != maxUnseenCharacters+1 {
		t.Errorf("%d are listed, %d are not, the first is %q", len(c.Unseen), c.More, c.Unseen[0].Text)
	}
}

func TestACommentThatCannotBeRenderedIsShownAsItWasWritten(t *testing.T) {
	const markdown = "a\xff *b*"
	c := MarkComment(markdown, hitsOf(markdown, "b"))
	if got := bracketed(c.Shown); c.HTML != "" || got != "a\xff *[b]*" || got != bracketed(c.Source) {
		t.Errorf("got %+v", c)
	}
}

func TestAnExcerptShowsTheFirstMark(t *testing.T) {
	for name, c := range map[string]struct{ markdown, word, want string }{
		"short":                  {"an *old* mill", "mill", "an old [mill]"},
		"long":                   {"an old mill by the sea of tranquility", "old", "an [old] mill by the s…"},
		"a mark at the end":      {"an old mill by the *sea*", "sea", "… by the [sea]"},
		"a mark on another line": {"an old mill by the\nblue sea", "sea", "… blue [sea]"},
		"cut inside a mark":      {"an oldmillbytheseaoftranquility", "oldmillbytheseaoftranquility", "an [oldmillbytheseaof]…"},
		"no mark":                {"an old mill by the blue sea", "", "an old mill by the b…"},
	} {
		t.Run(name, func(t *testing.T) {
			var hits []rules.Hit
			if c.word != "" {
				hits = hitsOf(c.markdown, c.word)
			}
			if diff := cmp.Diff(c.want, bracketed(MarkComment(c.markdown, hits).Excerpt(20))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARowShowsTheFirstMarkAmongTheVisibleCharacters(t *testing.T) {
	const markdown = "An old mill by the sea is worth a visit, and so is the casino behind it, which nobody ever mentions."
	c := MarkComment(markdown, hitsOf(markdown, "casino"))
	if diff := cmp.Diff("… a visit, and so is the [casino] behind it, which…", bracketed(c.Row(48, 48))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(strings.Replace(markdown, "casino", "[casino]", 1), bracketed(c.Row(80, 200))); diff != "" {
		t.Error(diff)
	}
}

func TestAMatchedTermIsAsReadersSeeIt(t *testing.T) {
	const markdown = "A **sh&#49;t** [offer](https://spam.example/x) here"
	for word, want := range map[string]string{"sh&#49;t": "sh1t", "[offer](https://spam.example/x)": "offer", "here": "here"} {
		if got := MatchedTerm(markdown, hitsOf(markdown, word)[0]); got != want {
			t.Errorf("%q matched %q, want %q", word, got, want)
		}
	}
	if got := MatchedTerm(markdown, rules.Hit{Spans: []rules.Span{{Field: "author_name", Start: 0, End: 1}}}); got != "" {
		t.Errorf("a match in the name gives %q", got)
	}
}
