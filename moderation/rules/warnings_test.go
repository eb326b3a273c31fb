package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// warningsAbout returns the warnings that contain a phrase.
func warningsAbout(t *testing.T, source, phrase string) []string {
	t.Helper()
	var found []string
	for _, w := range mustParse(t, source).Warnings() {
		if strings.Contains(w.Message, phrase) {
			if w.Hint == "" {
				t.Errorf("%s has no hint", w)
			}
			found = append(found, fmt.Sprintf("%d:%d %s", w.Line, w.Column, w.Message))
		}
	}
	return found
}

func TestSignsThatDoNotCountAreWarnedOf(t *testing.T) {
	const source = `lists:
  words:
    terms: [$hit, c++, rock'n'roll, e-mail, "free money!", sh!t, "@idiot", f*ck]
    except: [c#]
  beginnings: {mode: prefix, terms: ["cas*", "€uro*"]}
  anywhere: {mode: substring, terms: [$hit]}
  disguised: {mode: loose, terms: [shit]}
rules:
  - {id: r, when: 'listed("words") || listed("beginnings") || listed("anywhere") || listed("disguised")', then: hold, reason: x}
`
	want := []string{
		`3:13 "$" does not count in mode word: the term "$hit" finds "hit"`,
		`3:19 "+" does not count in mode word: the term "c++" finds "c"`,
		`3:60 "!" does not count in mode word: the term "sh!t" finds "sh t"`,
		`3:66 "@" does not count in mode word: the term "@idiot" finds "idiot"`,
		`3:76 "*" does not count in mode word: the term "f*ck" finds "f ck"`,
		`4:14 "#" does not count in mode word: the term "c#" finds "c"`,
		`5:46 "€" does not count in mode prefix: the term "€uro*" finds "uro"`,
	}
	if diff := cmp.Diff(want, warningsAbout(t, source, "does not count")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestManyLostSignsGiveABoundedNumberOfWarnings(t *testing.T) {
	terms := strings.Repeat("$a, ", maxLostSigns+6) + "$a"
	got := warningsAbout(t, "lists: {a: {terms: ["+terms+"]}}\nrules: []\n", "does not count")
	if len(got) != maxLostSigns || !strings.HasSuffix(got[len(got)-1], "; 7 more terms have such signs") {
		t.Errorf("%d warnings, the last one %q", len(got), got[len(got)-1])
	}
}

func TestRulesThatCanNeverFireAreWarnedOf(t *testing.T) {
	for condition, want := range map[string]string{
		`false`:                                                "its condition is always false",
		`1 > 2 || text.words > 3 && false`:                     "its condition is always false",
		`links.count < 0`:                                      "its condition is always false",
		`links.count > 2 && links.count < 3`:                   "its condition is always false",
		`2 < links.count && links.count == 1`:                  "its condition is always false",
		`text.words > 5 && links.count > 1 && text.words <= 5`: "its condition is always false",
		`author.confirmed && !author.confirmed`:                "its condition is always false",
		`author.name == "a" && author.name == "b"`:             "its condition is always false",
		`listed("full") && !listed("full")`:                    "its condition is always false",
		`listed_share("full") > 1.0`:                           "its condition is always false",
		`!(true)`:                                              "its condition is always false",
		`listed("empty")`:                                      `the list "empty" is empty`,
		`listed_count("empty") > 0 || listed("nothing") && links.count > 0`: `the lists "empty", "nothing" are empty`,
		`in_network("nets")`:                         `the list "nets" is empty`,
		`listed("empty") || listed("full")`:          "",
		`!listed("empty")`:                           "",
		`edit.length_added < -500`:                   "",
		`true`:                                       "",
		`links.count > 2 && links.count < 4`:         "",
		`text.capitals > 0.5 && text.capitals < 0.6`: "",
		`author.hours_since_negative < 24 * 30`:      "",
		`author.hours_since_negative > 24 * 30 && author.approved == 0`:        "",
		`author.name == "a" || author.name == "b"`:                             "",
		`author.name != "a" && author.name == "b"`:                             "",
		`listed_count("full") > 1 && listed_share("full") > 0.5`:               "",
		`links.domains.exists(d, d == "a.example")`:                            "",
		`links.count == 0 && !(links.count > 1)`:                               "",
		`author.name in ["a", "b"] && links.count >= 0`:                        "",
		`(links.count > 3 || text.words > 3) && (links.count < 1 || true)`:     "",
		`text.words > links.count && links.count > text.words - 1`:             "",
		`form.age_known && form.age_seconds < 3 && form.age_seconds > 2.5`:     "",
		`form.age_known && form.age_seconds < 3 && 3.0 <= form.age_seconds`:    "its condition is always false",
		`author.name.size() < 0`:                                               "its condition is always false",
		`author.name.startsWith("x") && author.name.matches("y") && 2 * 3 < 6`: "its condition is always false",
	} {
		source := "lists:\n  full: {terms: [mill]}\n  empty: {terms: []}\n  nothing: {terms: [], except: [x]}\n" +
			"  nets: {mode: cidr, terms: []}\nrules:\n  - id: r\n    when: >-\n      " + condition + "\n    then: hold\n    reason: x\n"
		var all []string
		if want != "" {
			all = []string{`8:11 the rule "r" can never fire: ` + want}
		}
		if diff := cmp.Diff(all, warningsAbout(t, source, "can never fire")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", condition, diff)
		}
	}
}

func TestARuleThatIsOffIsNotSaidToNeverFire(t *testing.T) {
	source := "rules:\n  - {id: r, mode: \"off\", when: \"false\", then: hold, reason: x}\n"
	if got := warningsAbout(t, source, "never fire"); got != nil {
		t.Errorf("got %q", got)
	}
}
