package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const conditionLists = "lists: {words: {terms: [x]}, nets: {mode: cidr, terms: [192.0.2.0/24]}}\n"

func TestConditionsAreRefusedInTheWordsOfARuleset(t *testing.T) {
	cases := []struct {
		name, condition string
		column          int // in the condition, from 1
		message, hint   string
	}{
		{"an unknown group", "autor.approved > 1", 1, `there is no fact and no function "autor"`, `Did you mean "author"?`},
		{"an unknown fact", "text.length > 1 && author.aproved > 1", 27, `the group author has no fact "aproved"`, `Did you mean "approved"?`},
		{"an unknown fact after white space", "text . lenght > 1", 8, `no fact is called "lenght" there`, "Write group and name together, as text.length."},
		{"an unknown function of a text", "author.name.contians('x')", 13, `there is no fact and no function "contians"`, `Did you mean "contains"?`},
		{"an unknown function", "listd('words')", 1, `there is no fact and no function "listd"`, `Did you mean "listed"?`},
		{"values that cannot be compared", "text.length > 'a'", 13, "> does not work with a whole number and a text", ""},
		{"a condition that is no question", "text.length", 1, "a condition says yes or no, but this one gives a whole number", "Compare it with something."},
		{"a missing end", "text.length >", 14, "the condition ends too early", "Something is missing here: a value, or a closing bracket."},
		{"and for &&", "text.length > 1 and links.count > 1", 17, "there is no word and in conditions", "Write && for and, || for or, ! for not."},
		{"one = for two", "author.name = 'x'", 13, "a single = means nothing in a condition", "Write == to compare."},
		{"an unknown list", "listed('wrods')", 8, `there is no list "wrods"`, `Did you mean "words"?`},
		{"a list that is computed", "listed(author.name)", 14, "listed takes names in quotation marks, so that they can be checked now", ""},
		{"a list that is not named", "listed()", 7, "listed needs to be told what to look into", `Write listed("...").`},
		{"a field that the list does not look into", "listed_count('words', 'author_url') > 1", 23, `the list "words" does not look into "author_url"`, "It looks into body, author_name."},
		{"a network that is none", "in_network('10.0.0.1/8')", 12, `"10.0.0.1/8" has bits set beyond its length`, `Write "10.0.0.0/8".`},
		{"a network that is a list of words", "in_network('words')", 12, `the list "words" is of mode word, not of mode cidr`, "Ask listed(...) about it."},
		{"a regular expression that RE2 refuses", "text.body.matches('é(?=a)')", 21, "this is no regular expression of RE2 syntax: invalid or unsupported Perl syntax: `(?=`", "Look-around and back-references do not exist there; what is meant as itself needs a \\ in front."},
		{"a regular expression with a part that is left open", "text.body.matches('a(b')", 20, "this is no regular expression of RE2 syntax: missing closing ): `a(b`", "Every ( needs its ); one that is meant as itself is written \\( or \\)."},
		{"a regular expression with an escape that RE2 refuses", "text.body.matches('a\\\\1')", 22, "this is no regular expression of RE2 syntax: invalid escape sequence: `\\1`", "Back-references and some escapes of other dialects do not exist there."},
		{"a regular expression that repeats too much", "text.body.matches('\\\\pL{400}')", 19, "this regular expression is too large", "Write + or * instead of large numbers of repetitions."},
		{"a regular expression that is computed", "text.body.matches(author.name)", 25, "the expression that matches is given must be written out in quotation marks", ""},
		{"a loop that is not there", "links.hosts.filter(h, h != '').size() > 1", 13, "filter is not available in conditions", "Of the loops there are all, exists and exists_one."},
		{"a type that is hidden", "dyn(text.length) > 'a'", 1, "dyn is not available: types are checked when a ruleset is saved", "Leave it out."},
		{"a fact that may be unknown", "form.age_seconds < 3", 1, "form.age_seconds may be unknown, and this condition does not ask", `Write "form.age_known && ..." in front.`},
		{"loops in loops", "links.hosts.all(a, links.hosts.all(b, a != b))", 1, "this condition can take too long", "Loops inside loops are the usual cause. Look at a count or at a list of terms instead."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(t.Context(), []byte(conditionLists+oneRule("id: x", "when: "+c.condition, "then: hold", "reason: x")))
			if err == nil {
				t.Fatal("the condition is accepted")
			}
			f := err.(*Faults).List[0]
			if f.Line != 4 || f.Column != len("    when: ")+c.column {
				t.Errorf("the place is %d:%d, want 4:%d", f.Line, f.Column, len("    when: ")+c.column)
			}
			if !strings.HasPrefix(f.Message, c.message) || f.Hint != c.hint {
				t.Errorf("the fault is %q, %q", f.Message, f.Hint)
			}
		})
	}
}

func TestPlacesInConditionsAreThoseOfTheDocument(t *testing.T) {
	// Each condition has its fault at the word "wrong".
	cases := []struct{ name, when string }{
		{"plain", "when: author.spam > 1 && wrong"},
		{"plain over several lines", "when: author.spam > 1 &&\n      wrong"},
		{"single quotes", "when: 'author.name == ''x'' && wrong'"},
		{"double quotes", `when: "author.name == \"x\" && wrong"`},
		{"double quotes with other escapes", `when: "author.name == '\u00e4\x41\U0001F600\\\\' && wrong"`},
		{"double quotes over several lines", "when: \"author.spam > 1 &&\n\n        wrong\""},
		{"double quotes with a joined line", "when: \"author.spam > 1 && \\\n        wrong\""},
		{"a literal block", "when: |\n      author.spam > 1 &&\n        wrong\n"},
		{"a literal block with a deeper first line", "when: |2\n        author.spam > 1\n      && wrong\n"},
		{"a folded block", "when: >-\n      author.spam > 1 &&\n      author.name == 'ä' &&\n\n      wrong\n"},
		{"characters of several bytes before it", "when: author.name == '日本語😀' && wrong"},
		{"a tag before it", "when: !!str 'author.spam > 1 && wrong'"},
		{"a flow mapping", "{}"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			source := "# first\n" + oneRule("id: x", c.when, "then: hold", "reason: x")
			if c.when == "{}" {
				source = "rules: [{id: x, when: \"author.spam > 1 && wrong\", then: hold, reason: x}]\n"
			}
			_, err := Parse(t.Context(), []byte(source))
			if err == nil {
				t.Fatal("the condition is accepted")
			}
			before, _, _ := strings.Cut(source, "wrong")
			lines := strings.Split(before, "\n")
			want := fmt.Sprintf("%d:%d", len(lines), len([]rune(lines[len(lines)-1]))+1)
			f := err.(*Faults).List[0]
			if got := fmt.Sprintf("%d:%d", f.Line, f.Column); got != want {
				t.Errorf("the place is %s, want %s: %s", got, want, f.Message)
			}
		})
	}
}

func TestEveryFactHasAnExampleThatCompilesAndUsesIt(t *testing.T) {
	c, err := newConditions(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, doc := range Registry() {
		if doc.What == "" || doc.Type == "" {
			t.Errorf("%s is not documented", doc.Path)
		}
		compiled, faults := c.compile(doc.Example)
		if len(faults) > 0 {
			t.Errorf("%s: %v", doc.Path, faults)
			continue
		}
		// An example that explains when to ask something else first may leave the fact itself to the words.
		uses := false
		for _, used := range compiled.facts {
			uses = uses || used.entry == i
		}
		if !uses {
			t.Errorf("the example of %s, %s, does not use it", doc.Path, doc.Example)
		}
	}
}

func TestFactsUsedAreFoundUnderLoopVariablesOfTheSameName(t *testing.T) {
	c, err := newConditions(nil)
	if err != nil {
		t.Fatal(err)
	}
	compiled, faults := c.compile(`links.hosts.exists(text, text == "x") && author.spam == 0`)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var got []string
	for _, f := range compiled.facts {
		got = append(got, f.path())
	}
	if diff := cmp.Diff([]string{"links.hosts", "author.spam"}, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if !compiled.loops {
		t.Error("the loop is not noticed")
	}
}
