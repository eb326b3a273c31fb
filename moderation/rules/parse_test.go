package rules

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// faultsOf returns the faults of a document as "line:column path: message".
func faultsOf(t *testing.T, source string) []string {
	t.Helper()
	_, err := Parse(t.Context(), []byte(source))
	var faults *Faults
	if !errors.As(err, &faults) {
		t.Fatalf("Parse gave %v, want faults", err)
	}
	lines := make([]string, len(faults.List))
	for i, f := range faults.List {
		lines[i] = fmt.Sprintf("%d:%d %s: %s", f.Line, f.Column, f.Path, f.Message)
	}
	return lines
}

// oneRule is a document with one rule, whose lines are given.
func oneRule(lines ...string) string {
	return "rules:\n  - " + strings.Join(lines, "\n    ") + "\n"
}

func TestParseNamesEveryFaultWithItsPlace(t *testing.T) {
	cases := []struct {
		name   string
		source string
		want   []string
	}{
		{"an empty document", "", []string{"1:1 : the document is empty or no mapping"}},
		{"a document of comments only", "# nothing\n", []string{"1:1 : the document is empty or no mapping"}},
		{"a document that is a list", "- a\n", []string{"1:1 : the document is empty or no mapping"}},
		{"two documents", "rules: []\n---\nrules: []\n",
			[]string{"2:1 : this is not valid YAML: a second document begins here; a ruleset is one document"}},
		{"broken YAML", "rules:\n  - id: [a\n", []string{"2:3 : this is not valid YAML: did not find expected ',' or ']'"}},
		{"a line that is indented wrongly", "default: hold\nrules:\n  - id: x\n    when: true\n   then: hold\n    reason: x\n",
			[]string{"5:4 : this is not valid YAML: did not find expected '-' indicator"}},
		{"bytes that are no text", "rules: []\n# \xff\n", []string{"2:3 : the document is no UTF-8 text from here on"}},
		{"a ruleset without rules", "default: hold\n", []string{"1:1 : the ruleset has no rules"}},
		{"an unknown key", "rules: []\nrulse: []\n", []string{`2:1 /rulse: a ruleset has no key "rulse"`}},
		{"a key given twice", "rules: []\nrules: []\n", []string{`2:1 /rules: "rules" is given twice; the first time is in line 1`}},
		{"an alias", "rules: &a []\ntests: *a\n", []string{"2:8 /tests: anchors and aliases are not available in rulesets"}},
		{"rules that are no list", "rules: {}\n", []string{"1:8 /rules: rules must be a list, with \"- \" before each item"}},
		{"a rule that is no mapping", "rules:\n  - hold\n",
			[]string{"2:5 /rules/0: a rule must be a mapping, with \"key: value\" in each line"}},
		{"a rule without anything but its id", oneRule("id: x"), []string{
			"2:5 /rules/0: the rule has no when",
			"2:5 /rules/0: the rule does nothing: it has neither then nor score",
			"2:5 /rules/0: the rule has no reason",
		}},
		{"a rule without an id", oneRule("when: true", "then: hold", "reason: x"), []string{"2:5 /rules/0: the rule has no id"}},
		{"an id that is none", oneRule("id: Too Many", "when: true"), []string{`2:9 /rules/0/id: "Too Many" is no id`}},
		{"a reserved id", oneRule("id: rule-error", "when: true"), []string{`2:9 /rules/0/id: the id "rule-error" is reserved`}},
		{"an id used twice", "rules:\n  - {id: x, when: true, then: hold, reason: x}\n  - {id: x, when: true, then: hold, reason: x}\n",
			[]string{`3:10 /rules/1/id: there is a rule "x" already, in line 2`}},
		{"wrong values", oneRule("id: x", "when: true", "then: remove", "score: high", "priority: 1.5", "mode: of", "reason: ''"), []string{
			`4:11 /rules/0/then: then cannot be "remove"`,
			"5:12 /rules/0/score: score must be a number",
			"6:15 /rules/0/priority: priority must be a whole number",
			`7:11 /rules/0/mode: mode cannot be "of"`,
			"8:13 /rules/0/reason: a reason cannot be empty",
		}},
		{"a reason that shows nothing", oneRule("id: x", "when: true", "then: hold", `reason: "\u202e\u200b"`),
			[]string{"5:13 /rules/0/reason: a reason cannot be empty"}},
		{"a score out of reach", oneRule("id: x", "when: true", "score: .inf", "reason: x"),
			[]string{"4:12 /rules/0/score: score must lie between -1000 and 1000"}},
		{"a priority of a rule that only scores", oneRule("id: x", "when: true", "score: 1", "priority: 2", "reason: x"),
			[]string{"5:15 /rules/0/priority: a priority needs a then: scores have none"}},
		{"an empty condition", oneRule("id: x", "when: ' '", "then: hold", "reason: x"),
			[]string{"3:11 /rules/0/when: the condition is empty"}},
		{"reasons that quote what they cannot", oneRule("id: x", "when: text.length > 3", "then: hold",
			"reason: 'Has {{text.lenth}} and {{matched}}.'", "public_reason: \"{{author.spam}} {{matched}} {{\""), []string{
			`5:18 /rules/0/reason: there is no fact "text.lenth" to quote`,
			"5:13 /rules/0/reason: {{matched}} has nothing to quote: the condition asks about no list and no links",
			"6:21 /rules/0/public_reason: author.spam is not for commenters to know",
			"6:37 /rules/0/public_reason: a public reason cannot quote what fired",
			"6:49 /rules/0/public_reason: a quotation that begins with {{ ends with }}",
		}},
		{"thresholds that everybody reaches", "rules: []\nthresholds: {hold: 0, approve: 1, spam: x}\n", []string{
			"2:20 /thresholds/hold: a threshold must be above 0: every comment reaches 0",
			`2:23 /thresholds/approve: thresholds has no key "approve"`,
			"2:41 /thresholds/spam: a threshold must be a number",
		}},
		{"a default that is no action", "rules: []\ndefault: pass\n", []string{`2:10 /default: default cannot be "pass"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := faultsOf(t, c.source)
			sortForComparison(got, c.want)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// sortForComparison orders faults of one line by column, as Parse does, whatever order the case lists them
// in.
func sortForComparison(lists ...[]string) {
	for _, list := range lists {
		for i := range list {
			for j := i; j > 0 && beforeInDocument(list[j], list[j-1]); j-- {
				list[j], list[j-1] = list[j-1], list[j]
			}
		}
	}
}

func beforeInDocument(a, b string) bool {
	var al, ac, bl, bc int
	fmt.Sscanf(a, "%d:%d", &al, &ac)
	fmt.Sscanf(b, "%d:%d", &bl, &bc)
	return al < bl || al == bl && ac < bc
}

func TestParseChecksLists(t *testing.T) {
	list := func(lines ...string) string {
		return "lists:\n  a:\n    " + strings.Join(lines, "\n    ") + "\nrules: []\n"
	}
	cases := []struct {
		name   string
		source string
		want   []string
	}{
		{"a list without terms", list("mode: word"), []string{`2:3 /lists/a: the list "a" has no terms`}},
		{"a list that is a list", list("[x, y]"), []string{"3:5 /lists/a: a list must be a mapping, with \"key: value\" in each line"}},
		{"an unknown mode", list("mode: words", "terms: [x]"), []string{`3:11 /lists/a/mode: mode cannot be "words"`}},
		{"fields that are none or do not fit", list("mode: cidr", "fields: [body, adress]", "terms: []"), []string{
			`4:14 /lists/a/fields/0: a list of mode cidr cannot look into "body"`,
			`4:20 /lists/a/fields/1: a list of mode cidr cannot look into "adress"`,
		}},
		{"no fields at all", list("fields: []", "terms: []"), []string{"3:13 /lists/a/fields: a list must look somewhere"}},
		{"terms that match everything or nothing", list("terms:", "  - ''", "  - '!!!'", "  - |", "    one", "    two", "  - [x]", "  - null", "  - spam*"), []string{
			"4:9 /lists/a/terms/0: a term cannot be empty: it would match everything",
			`5:9 /lists/a/terms/1: "!!!" has neither letters nor digits, so it matches no word`,
			"6:9 /lists/a/terms/2: a term cannot have several lines: it would match nothing",
			"9:9 /lists/a/terms/3: a term must be a text",
			"10:9 /lists/a/terms/4: a term must be a text",
			"11:9 /lists/a/terms/5: mode word knows no wildcards",
		}},
		{"regular expressions that RE2 refuses", list("mode: regex", "terms: ['(a', '(?=a)', 'a*']"), []string{
			"4:13 /lists/a/terms/0: this is no regular expression of RE2 syntax: missing closing ): `(a`",
			"4:19 /lists/a/terms/1: this is no regular expression of RE2 syntax: invalid or unsupported Perl syntax: `(?=`",
			"4:28 /lists/a/terms/2: this regular expression matches the empty text, so it matches everything",
		}},
		{"domains that are none", list("mode: domain", "terms: ['https://shop.example/x', 'a b', '-']"), []string{
			"4:13 /lists/a/terms/0: this is a web address, not a domain",
			`4:39 /lists/a/terms/1: "a b" is no domain`,
			`4:46 /lists/a/terms/2: "-" is no domain`,
		}},
		{"networks that are none", list("mode: cidr", "terms: [192.0.2.1/24, 300.1.1.1, 10.0.0.0/33]"), []string{
			`4:13 /lists/a/terms/0: "192.0.2.1/24" has bits set beyond its length`,
			`4:27 /lists/a/terms/1: "300.1.1.1" is no network`,
			`4:38 /lists/a/terms/2: "10.0.0.0/33" is no network`,
		}},
		{"emails that are none", list("mode: email", "terms: [nobody, 'a@b', 'x@mail.example y@mail.example']"), []string{
			"4:13 /lists/a/terms/0: this is no email address",
			"4:21 /lists/a/terms/1: this is no email address",
			"4:28 /lists/a/terms/2: a term is one email address",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, faultsOf(t, c.source)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnEmailListAsOneTermOfManyLinesIsRefused(t *testing.T) {
	source := "lists:\n  senders:\n    mode: email\n    terms:\n      - |\n        one@mail.example\n        two@mail.example\nrules: []\n"
	want := []string{"5:9 /lists/senders/terms/0: a term cannot have several lines: it would match nothing"}
	if diff := cmp.Diff(want, faultsOf(t, source)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestParseKeepsToItsLimits(t *testing.T) {
	manyRules := "rules:\n" + strings.Repeat("  - {id: x, when: true, then: hold, reason: x}\n", MaxRules+1)
	manyTerms := "rules: []\nlists: {a: {terms: [" + strings.Repeat("a,", MaxTerms) + "b]}}\n"
	loose, letters := "rules: []\nlists: {a: {mode: loose, terms: [", 0
	for _, way := range appendWays(nil, "motherbadger", false) {
		letters += len(way.Key)
	}
	fit := maxLooseLetters / letters
	manyLoose := loose + strings.Repeat("motherbadger,", fit+2) + "]}}\n"
	manyShipped := filled(20_000, "rules: []\nlists:\n", "  l%d: {shipped: [profanity-en, insults-en, sexual-en]}\n", "")
	cases := []struct{ name, source, want string }{
		{"a document that is too long", "rules: []\n#" + strings.Repeat("x", MaxDocumentBytes),
			"2:1048567 : the document has 1048587 bytes, and at most 1048576 are allowed: it passes the limit here"},
		{"too many rules", manyRules, "1002:5 /rules/1000: there are 1001 rules, and at most 1000 are allowed: this is one too many"},
		{"too many terms", manyTerms, "2:400021 /lists/a/terms/200000: the lists have more than 200000 terms: this is the first one too many"},
		{"too many terms of mode loose", manyLoose,
			fmt.Sprintf("2:%d /lists/a/terms/%d: in all the ways in which they may be written, the terms of mode loose have more than %d "+
				"letters: this one is too many", len(loose)-len("rules: []\n")+len("motherbadger,")*fit+1, fit, maxLooseLetters)},
		{"a shipped list that too many lists use", manyShipped,
			`23:3 /lists/l20: more than 20 lists use the shipped list "profanity-en"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(t.Context(), []byte(c.source))
			var faults *Faults
			if !errors.As(err, &faults) {
				t.Fatalf("Parse gave %v, want faults", err)
			}
			if len(faults.List) > maxFaults {
				t.Errorf("there are %d faults, want at most %d", len(faults.List), maxFaults)
			}
			for _, f := range faults.List {
				if fmt.Sprintf("%d:%d %s: %s", f.Line, f.Column, f.Path, f.Message) == c.want {
					return
				}
			}
			t.Errorf("no fault says %q; the first is %v", c.want, faults.List[0])
		})
	}
}

func TestWarningsNameWhatIsPerhapsNotMeant(t *testing.T) {
	rs, err := Parse(t.Context(), []byte(`default: approve
thresholds: {hold: 2}
lists:
  unused: {terms: [x]}
rules:
  - {id: gone, when: article.closed, then: hold, reason: x, mode: "off"}
  - {id: friends, when: author.confirmed, then: approve, priority: 1, reason: x}
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range rs.Warnings() {
		got = append(got, fmt.Sprintf("%d:%d %s", w.Line, w.Column, w.Message))
	}
	want := []string{
		"1:1 no rule looks at article.closed, so closed articles take comments",
		"1:1 there are thresholds, but no rule adds to the score",
		"1:1 the default is approve: whatever no rule catches is published unseen",
		`4:3 no rule asks about the list "unused"`,
		`6:10 the rule "gone" is off`,
		`7:10 the rule "friends" outranks every rule of a lower priority, those against spam included`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
