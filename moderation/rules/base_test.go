package rules

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const houseRules = `
lists:
  blocked:
    mode: domain
    terms: [spammer.example]
rules:
  - id: blocked-domain
    when: listed("blocked")
    then: spam
    reason: Links to {{matched}}.
  - id: many-links
    when: links.count > 2
    then: hold
    reason: Has {{links.count}} links.
  - id: welcome
    when: author.approved > 0
    then: approve
    reason: Known.
thresholds: {hold: 2, spam: 8}
default: hold
tests:
  - name: three links are held
    body: https://a.example https://b.example https://c.example
    expect: {action: hold, rules: [many-links]}
`

// house knows one base, called house.
func house(name string) ([]byte, bool) { return []byte(houseRules), name == "house" }

func extending(t *testing.T, source string) *Ruleset {
	t.Helper()
	rs, err := ParseExtending(t.Context(), []byte(source), house)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func TestADocumentIsLaidOverItsBase(t *testing.T) {
	rs := extending(t, `
extends: house
lists:
  blocked:
    add: [pills.example]
  own:
    terms: [flimflam]
rules:
  - {id: welcome, mode: off}
  - {id: many-links, when: links.count > 5}
  - {id: own, when: listed("own"), then: reject, reason: "Says {{matched}}."}
thresholds: {spam: 9}
tests:
  - {name: its own word, body: What flimflam, expect: {action: reject, rules: [own]}}
  - {name: a domain it adds, body: "https://www.pills.example/", expect: {action: spam, rules: [blocked-domain]}}
  - {name: a domain of the base, body: "https://spammer.example/", expect: {action: spam}}
  - {name: a rule it changes, body: "https://a.example https://b.example https://c.example", expect: {action: hold, not_rules: [many-links]}}
  - {name: a rule it switches off, body: Hello, expect: {action: hold, not_rules: [welcome]}}
`)
	if failures, err := rs.RunTests(t.Context()); err != nil || len(failures) > 0 || rs.Tests() != 5 {
		t.Errorf("%d tests, these fail: %+v", rs.Tests(), failures)
	}
	if diff := cmp.Diff(houseRules, string(rs.Base())); diff != "" {
		t.Errorf("the base is not kept: %s", diff)
	}
	again, err := Document{Source: []byte("extends: anything\nrules: []\n"), Base: rs.Base()}.Compile(t.Context())
	if err != nil || len(again.Rules()) != 3 {
		t.Errorf("what was kept cannot be compiled again: %v", err)
	}
}

func TestFaultsAreInTheRightDocument(t *testing.T) {
	for _, tc := range []struct {
		name, source, want string
	}{
		{"a base that is not there", "extends: hose\nrules: []\n", `1:10: there is no base "hose". The shipped one is called default;`},
		{"a condition of its own", "extends: house\nrules:\n  - id: many-links\n    when: links.cuont > 2\n",
			"4:17: the group links has no fact \"cuont\". Did you mean \"count\"?"},
		{"a term it adds", "extends: house\nlists:\n  blocked:\n    add: [fine.example, not a domain]\n", `4:25: `},
		{"a rule of the base that no longer fits a list of its own", "extends: house\nlists:\n  blocked: {mode: cidr, terms: [192.0.2.0/24]}\nrules:\n  - {id: many-links, when: 'listed(\"blocked\", \"body\")'}\n",
			`5:`},
		{"the same id twice", "extends: house\nrules:\n  - {id: welcome, mode: off}\n  - {id: welcome, mode: off}\n", `4:5: `},
		{"an addition to no list", "extends: house\nlists:\n  new: {add: [a]}\n", `3:`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ParseExtending(t.Context(), []byte(tc.source), house)
			var faults *Faults
			if !errors.As(err, &faults) {
				t.Fatalf("no faults: %v", err)
			}
			if got := faults.List[0].String(); !strings.HasPrefix(got, tc.want) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			for _, f := range faults.List {
				if f.Base != "" && f.Line > strings.Count(houseRules, "\n")+1 {
					t.Errorf("%s is beyond the end of the base", f)
				}
			}
		})
	}
}

func TestAFaultInWhatTheBaseSaysNamesTheBase(t *testing.T) {
	_, err := ParseExtending(t.Context(), []byte("extends: house\nlists:\n  blocked: {mode: regex, fields: [body]}\n"), house)
	var faults *Faults
	if !errors.As(err, &faults) {
		source := "extends: house\nlists:\n  blocked: {mode: cidr}\n"
		if _, err = ParseExtending(t.Context(), []byte(source), house); !errors.As(err, &faults) {
			t.Fatal("no faults")
		}
	}
	want := Fault{Line: 5, Column: 13, Base: "house"}
	got := faults.List[0]
	if got.Line != want.Line || got.Column != want.Column || got.Base != want.Base {
		t.Errorf("got %+v", got)
	}
	if !strings.HasPrefix(got.String(), "house:5:13: ") {
		t.Error(got.String())
	}
}

func TestABaseStandsOnItsOwn(t *testing.T) {
	for _, base := range []string{"extends: default\n", "rules: [\n"} {
		_, err := ParseExtending(t.Context(), []byte("extends: x\n"), func(string) ([]byte, bool) { return []byte(base), true })
		var faults *Faults
		if !errors.As(err, &faults) || faults.List[0].Line != 1 || faults.List[0].Column != 10 {
			t.Errorf("%q: %v", base, err)
		}
	}
}

func TestTheShippedRulesetIsABase(t *testing.T) {
	rs, err := Parse(t.Context(), []byte("extends: default\n"))
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := Parse(t.Context(), Default())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shipped.Rules(), rs.Rules()); diff != "" {
		t.Error(diff)
	}
}

func TestCompareNamesWhatDiffers(t *testing.T) {
	changes, err := Compare(t.Context(), Document{Source: []byte(houseRules)}, Document{Base: []byte(houseRules), Source: []byte(`
extends: house
lists:
  blocked: {add: [pills.example]}
  own: {terms: [flimflam]}
rules:
  - {id: many-links, when: links.count > 5}
  - {id: own, when: listed("own"), score: 1, reason: Own.}
thresholds: {spam: 9}
tests:
  - {name: its own word, body: flimflam, expect: {rules: [own]}}
`)})
	if err != nil {
		t.Fatal(err)
	}
	want := Changes{
		Rules: []ThingChange{
			{ID: "many-links", Change: Changed, Parts: []PartChange{{"when", "links.count > 2", "links.count > 5"}}},
			{ID: "own", Change: Added, Parts: []PartChange{{"reason", "", "Own."}, {"score", "", "1"}, {"when", "", `listed("own")`}}},
		},
		Lists: []ThingChange{
			{ID: "blocked", Change: Changed, Parts: []PartChange{}, TermsAdded: []string{"pills.example"}},
			{ID: "own", Change: Added, Parts: []PartChange{}, TermsAdded: []string{"flimflam"}},
		},
		Tests: []ThingChange{{ID: "its own word", Change: Added, // those of the base are still there, in the base
			Parts: []PartChange{{"body", "", "flimflam"}, {"expect", "", "{rules: [own]}"}}}},
		Settings: []PartChange{{"threshold spam", "8", "9"}},
	}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	same, err := Compare(t.Context(), Document{Source: []byte(houseRules)}, Document{Source: []byte("# A remark.\n" + houseRules)})
	if err != nil || !same.Empty() {
		t.Errorf("a remark is a change: %+v, %v", same, err)
	}
}

func TestFactsAreSetByPath(t *testing.T) {
	f := Neutral("Hello.")
	for path, value := range map[string]any{"author.approved": 0.0, "article.closed": true, "form.age_seconds": 1.5, "form.kind": "json",
		"article.tags": []any{"sport"}} {
		if err := f.Set(path, value); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if f.Author.Approved != 0 || !f.Article.Closed || f.Form.AgeSeconds != 1.5 || f.Form.Kind != "json" ||
		!slices.Equal(f.Article.Tags, []string{"sport"}) {
		t.Errorf("%+v", f)
	}
	for path, value := range map[string]any{
		"author.aproved": 1.0, "author.approved": 1.5, "author.pending": "1", "links.count": 3.0, "text.body": "x", "reply.depth": 1e300,
	} {
		var fault *FactFault
		if err := f.Set(path, value); !errors.As(err, &fault) || fault.Path != path {
			t.Errorf("%s = %v: %v", path, value, err)
		}
	}
}
