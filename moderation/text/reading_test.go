package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestTheShownTextIsWhatReadersSee(t *testing.T) {
	for name, c := range map[string]struct{ markdown, want string }{
		"plain text is unchanged":                        {"Two lines\nof text.", "Two lines\nof text."},
		"emphasis is opened":                             {"*an* **old** ~~mill~~", "an old mill"},
		"code keeps its signs":                           {"`a &amp; *b*`", "a &amp; *b*"},
		"entities are resolved":                          {"re&#116;ort &amp; caf&eacute;", "retort & café"},
		"an entity without its end stays":                {"AT&T said &amp; and &lt&#59;", "AT&T said & and &lt;"},
		"what is no entity stays":                        {"AT&T; a & b &nosuch; &", "AT&T; a & b &nosuch; &"},
		"escapes are resolved":                           {`\*no stars\* C:\dir`, `*no stars* C:\dir`},
		"a link shows its label":                         {"[a map](https://maps.example/)", "a map"},
		"a misleading link shows its host too":           {"[https://a.example](https://b.example/)", "https://a.example (b.example)"},
		"paragraphs are apart":                           {"One.\n\nTwo.", "One.\n\nTwo."},
		"quotations lose their marks":                    {"> kill\n> time\n\nNo.", "kill\ntime\n\nNo."},
		"list items are lines":                           {"- one\n- two\n\nthree", "one\ntwo\n\nthree"},
		"a heading is a line":                            {"# A mill\nby the sea", "A mill\n\nby the sea"},
		"fenced code is text":                            {"```\na  *b*\n```", "a  *b*"},
		"a right-to-left override is applied":            {"\u202etoidi\u202c now", "idiot now"},
		"an override ends with its line":                 {"\u202eolleh\nyou", "hello\nyou"},
		"marks stay with their letters when it reverses": {"\u202ee\u0301fac", "cafe\u0301"},
		"what cannot be rendered is shown as it is":      {"a\xffb *c*", "a\xffb *c*"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Read(c.markdown).Shown); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASpanOfTheShownTextLeadsBackToItsSource(t *testing.T) {
	for name, c := range map[string]struct{ markdown, shown, want string }{
		"in plain text":          {"an old mill", "old", "old"},
		"inside emphasis":        {"an **old** mill", "old", "old"},
		"across emphasis":        {"an **old** *mill*", "old mill", "old** *mill"},
		"across an entity":       {"an o&#108;d mill", "old", "o&#108;d"},
		"across an escape":       {`an o\_d mill`, "o_d", `o\_d`},
		"across a quoted line":   {"> an old\n> mill", "old\nmill", "old\n> mill"},
		"in the label of a link": {"see [an old mill](https://a.example/)", "old mill", "old mill"},
		"in an applied override": {"see \u202ellim dlo\u202c there", "old mill", "llim dlo"},
	} {
		t.Run(name, func(t *testing.T) {
			r := Read(c.markdown)
			at := strings.Index(r.Shown, c.shown)
			if at < 0 {
				t.Fatalf("%q does not show %q", r.Shown, c.shown)
			}
			from, to := r.Source(at, at+len(c.shown))
			if got := c.markdown[from:to]; got != c.want {
				t.Errorf("the source is %q, want %q", got, c.want)
			}
		})
	}
}

func TestQuotationsAreKnownByTheirPlace(t *testing.T) {
	if r := Read("a\n\n> - ***\n> - éb"); len(r.Quoted) != 1 || r.Shown[r.Quoted[0].Start:r.Quoted[0].End] != "éb" {
		t.Errorf("behind an empty item %v of %q is quoted", r.Quoted, r.Shown)
	}
	r := Read("> one\n> > two\n\nthree\n\n> four")
	var quoted []string
	for _, s := range r.Quoted {
		quoted = append(quoted, r.Shown[s.Start:s.End])
	}
	if diff := cmp.Diff([]string{"one\n\ntwo", "four"}, quoted); diff != "" {
		t.Errorf("quoted (-want +got):\n%s", diff)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"*a* &amp; \\*", "> - `b`\n\n1. [c](http://d.example)", "\u202eabc\u202c", "&#x202e;abc", "```\nx"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := Read(s)
		if utf8.ValidString(s) && !utf8.ValidString(r.Shown) {
			t.Fatalf("%q shows %q, which is no text", s, r.Shown)
		}
		for _, w := range r.Words() {
			from, to := r.Source(w.Start, w.End)
			if from < 0 || from > to || to > len(s) {
				t.Fatalf("word %q of %q comes from %d to %d of %d bytes", w.Folded, s, from, to, len(s))
			}
		}
		for _, q := range r.Quoted {
			if q.Start < 0 || q.Start >= q.End || q.End > len(r.Shown) {
				t.Fatalf("quotation %v of %q is outside", q, r.Shown)
			}
		}
	})
}
