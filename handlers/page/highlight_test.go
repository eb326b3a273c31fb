package page

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/rules"
)

func TestHighlight(t *testing.T) {
	span := func(start, end int) rules.Span { return rules.Span{Field: "body", Start: start, End: end} }
	for _, c := range []struct {
		name  string
		text  string
		spans []rules.Span
		want  string // marks in brackets
	}{
		{"no spans", "plain", nil, "plain"},
		{"an empty text", "", []rules.Span{span(0, 3)}, ""},
		{"one word", "a casino here", []rules.Span{span(2, 8)}, "a [casino] here"},
		{"the whole text", "casino", []rules.Span{span(0, 6)}, "[casino]"},
		{"two words, out of order", "ab cd", []rules.Span{span(3, 5), span(0, 2)}, "[ab] [cd]"},
		{"overlapping spans", "abcdef", []rules.Span{span(0, 3), span(2, 5)}, "[abcde]f"},
		{"a span within another", "abcdef", []rules.Span{span(1, 6), span(2, 3)}, "a[bcdef]"},
		{"spans that touch", "abcd", []rules.Span{span(0, 2), span(2, 4)}, "[abcd]"},
		{"the same span twice", "abcd", []rules.Span{span(1, 2), span(1, 2)}, "a[b]cd"},
		{"letters of several bytes", "große straße", []rules.Span{span(7, 14)}, "große [straße]"},
		{"a span that begins within a character", "aßb", []rules.Span{span(2, 4)}, "a[ßb]"},
		{"a span that ends within a character", "a😀b", []rules.Span{span(0, 3)}, "[a😀]b"},
		{"a span within one character", "a😀b", []rules.Span{span(2, 3)}, "a[😀]b"},
		{"combining marks and joiners", "e\u0301 👩\u200d🚒", []rules.Span{span(0, 3)}, "[e\u0301] 👩\u200d🚒"},
		{"right-to-left text", "مرحبا casino", []rules.Span{span(11, 17)}, "مرحبا [casino]"},
		{"an empty span", "abc", []rules.Span{span(1, 1)}, "abc"},
		{"a span that is the wrong way round", "abc", []rules.Span{span(2, 1)}, "abc"},
		{"a span beyond the end", "abc", []rules.Span{span(2, 99), span(50, 60)}, "ab[c]"},
		{"a span before the beginning", "abc", []rules.Span{span(-5, 1)}, "[a]bc"},
		{"a span of another field", "abc", []rules.Span{{Field: "author_name", Start: 0, End: 3}}, "abc"},
		{"text that is no UTF-8", "a\xffb", []rules.Span{span(1, 2)}, "a[\xff]b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Spans of several hits are marked as those of one.
			for _, hits := range [][]rules.Hit{{{Spans: c.spans}}, split(c.spans)} {
				var got strings.Builder
				for _, s := range Highlight(c.text, "body", hits) {
					if s.Marked {
						got.WriteString("[" + s.Text + "]")
						continue
					}
					got.WriteString(s.Text)
				}
				if diff := cmp.Diff(c.want, got.String()); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func split(spans []rules.Span) []rules.Hit {
	var hits []rules.Hit
	for _, span := range spans {
		hits = append(hits, rules.Hit{Spans: []rules.Span{span}})
	}
	return hits
}

func FuzzHighlight(f *testing.F) {
	f.Add("große 😀 straße", 1, 3, 2, 9)
	f.Fuzz(func(t *testing.T, text string, a, b, c, d int) {
		hits := []rules.Hit{{Spans: []rules.Span{{Field: "body", Start: a, End: b}, {Field: "body", Start: c, End: d}}}}
		var whole strings.Builder
		last := false
		for i, s := range Highlight(text, "body", hits) {
			if s.Text == "" || i > 0 && s.Marked && last {
				t.Fatalf("segment %d is %+v after marked=%v", i, s, last)
			}
			if utf8.ValidString(text) && !utf8.ValidString(s.Text) {
				t.Fatalf("segment %q cuts a character", s.Text)
			}
			whole.WriteString(s.Text)
			last = s.Marked
		}
		if whole.String() != text {
			t.Fatalf("%q became %q", text, whole.String())
		}
	})
}
