package rules

import (
	"strings"
	"testing"
)

// What follows are comments that the shipped rules must judge alike however they are read: written twice, in another
// field, beside other matches.
func TestTheReadingOfACommentChangesNothing(t *testing.T) {
	rs := mustParse(t, string(Default()))
	for name, c := range map[string]struct {
		set  func(*Facts)
		want Action
	}{
		"a disguised oath once":                         {body("c*nt"), Hold},
		"a disguised oath twice is not French":          {body("c*nt c*nt"), Hold},
		"another one":                                   {body("d*ck d*ck you"), Hold},
		"a digit inside, a sign in front":               {body("@sshol3s"), Hold},
		"a stroke and a three at the beginning for a b": {body("l3itch"), Hold},
		"a quotation beside reversed text":              {body("x \u202Eabc\n\n> so what\n\nYou idiot."), Hold},
		"a quotation of nothing but reversed text":      {body("> hi \u202Eabc you fool"), Approve},
		"a name of the parent at the end": {func(f *Facts) {
			f.Body, f.Reply.ParentName = "Wrong, you idiot Anna", "Anna Smith"
		}, Hold},
		"a slur as a name under a German comment": {func(f *Facts) {
			f.Author.Name, f.Body = "Dumb Nigger", "Das ist ein sehr schöner Artikel, und ich habe ihn meiner Mutter gegeben."
		}, Hold},
	} {
		t.Run(name, func(t *testing.T) {
			f := Neutral("")
			c.set(f)
			v := rs.Evaluate(t.Context(), f)
			if v.Action != c.want || strings.Contains(v.Cause, "error") {
				t.Errorf("the verdict is %s because of %s, want %s", v.Action, v.Cause, c.want)
			}
		})
	}
}

func TestALongerTermIsFoundWhereAShorterOneIsExcepted(t *testing.T) {
	v := evaluate(t, `lists: {a: {mode: loose, terms: [hell, hell you moron], except: [go to hell]}}
rules: [{id: r, when: listed("a"), then: hold, reason: "{{matched}}"}]`, Neutral("go to hell you moron"))
	if len(v.Hits) != 1 || v.Hits[0].Reason != "“hell you moron”" {
		t.Errorf("the hits are %+v", v.Hits)
	}
}

func TestAListIsHighlightedUnlessItSaysNo(t *testing.T) {
	v := evaluate(t, `lists: {a: {terms: [mill]}, b: {terms: [you], highlight: false}}
rules: [{id: r, when: listed("a") && listed("b"), then: hold, reason: "{{matched}}"}]`, Neutral("you and the mill"))
	if len(v.Hits) != 1 || v.Hits[0].Reason != "“mill”" || len(v.Hits[0].Spans) != 1 {
		t.Errorf("the hits are %+v", v.Hits)
	}
}

func TestQuestionsAboutEmptyListsCanNeverFire(t *testing.T) {
	for _, when := range []string{`addressed("b")`, `quoted("b")`, `near("a", "b", 2)`, `near("b", "a", 2)`} {
		rs := mustParse(t, "lists: {a: {terms: [mill]}, b: {terms: []}}\nrules: [{id: r, when: '"+when+"', then: hold, reason: x}]\n")
		warned := false
		for _, w := range rs.Warnings() {
			warned = warned || strings.Contains(w.Message, "empty")
		}
		if !warned {
			t.Errorf("%s: no warning that the list is empty", when)
		}
	}
}
