package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const testedRules = `rules:
  - {id: links, when: links.count > 1, then: hold, reason: x}
  - {id: friends, when: author.confirmed, then: approve, reason: x}
`

func TestDocumentTestsAreRun(t *testing.T) {
	rs := mustParse(t, testedRules+`tests:
  - {name: passes, body: "http://a.example/ http://b.example/", expect: {action: hold, rules: [links, friends]}}
  - {name: other action, body: Hello., expect: {action: spam}}
  - {name: silent rule, body: Hello., facts: {author.confirmed: false}, expect: {rules: [friends]}}
  - {name: loud rule, body: Hello., expect: {action: hold, not_rules: [friends]}}
`)
	if rs.Tests() != 4 {
		t.Errorf("there are %d tests, want 4", rs.Tests())
	}
	var got []string
	failures, err := rs.RunTests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		got = append(got, fmt.Sprintf("%d:%d %s: %s", f.Line, f.Column, f.Name, f.Message))
	}
	want := []string{
		"6:5 other action: expected spam, but the verdict is approve because of friends",
		`7:5 silent rule: the rule "friends" did not fire`,
		`8:5 loud rule: expected hold, but the verdict is approve because of friends; the rule "friends" fired`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

func TestDocumentTestsAreChecked(t *testing.T) {
	got := faultsOf(t, testedRules+`tests:
  - {body: Hello., expect: {action: hold}}
  - {name: a, adress: x, expect: {}}
  - {name: b, address: here, expect: {rules: [link], action: go}}
  - name: c
    facts: {author.aproved: 1, text.length: 3, author.approved: many, author.confirmed: 1, reply.is: true, form.age_seconds: []}
  - hello
`)
	want := []string{
		"5:5 /tests/0: the test has no name",
		`6:15 /tests/1/adress: a test has no key "adress"`,
		"6:34 /tests/1/expect: the test expects nothing",
		`7:24 /tests/2/address: "here" is no address`,
		`7:47 /tests/2/expect/rules/0: there is no rule "link"`,
		`7:62 /tests/2/expect/action: action cannot be "go"`,
		"8:5 /tests/3: the test expects nothing",
		`9:13 /tests/3/facts/author.aproved: there is no fact "author.aproved"`,
		"9:32 /tests/3/facts/text.length: text.length cannot be set: it follows from what the test says elsewhere",
		"9:65 /tests/3/facts/author.approved: author.approved must be a number",
		"9:89 /tests/3/facts/author.confirmed: author.confirmed must be true or false",
		"9:92 /tests/3/facts/reply.is: reply.is cannot be set: it follows from what the test says elsewhere",
		"9:126 /tests/3/facts/form.age_seconds: form.age_seconds must be a number",
		"10:5 /tests/4: a test must be a mapping, with \"key: value\" in each line",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestUnusualFactsAreWrittenAsATestSetsThem(t *testing.T) {
	facts := Neutral("Nice, is it not?")
	facts.Author.Name, facts.Author.Approved, facts.Author.Recognised = "Mara", 0, false
	facts.Form.AgeSeconds, facts.Form.Kind = 2.5, "json"
	facts.Article.Tags = []string{"ferry, old", "\"quay\""}
	var written []string
	for _, fact := range facts.Unusual() {
		written = append(written, fact.Path+": "+fact.Value)
	}
	want := []string{"author.recognised: false", "author.approved: 0", `form.kind: "json"`, "form.age_seconds: 2.5",
		`article.tags: ["ferry, old","\"quay\""]`}
	slices.Sort(want)
	slices.Sort(written)
	if diff := cmp.Diff(want, written); diff != "" {
		t.Fatal(diff)
	}
	set, err := Parse(t.Context(), []byte(`default: approve
rules:
- id: new
  when: author.approved == 0 && form.age_known && form.age_seconds < 3.0 && "ferry, old" in article.tags
  then: hold
  reason: New.
tests:
- name: held
  body: Nice.
  facts: {`+strings.Join(written, ", ")+`}
  expect: {action: hold}
`))
	if err != nil {
		t.Fatal(err)
	}
	if failures, err := set.RunTests(t.Context()); err != nil || len(failures) > 0 {
		t.Errorf("%v, %v", failures, err)
	}
}
