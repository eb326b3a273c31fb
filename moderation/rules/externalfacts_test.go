package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const externalRules = `rules:
  - {id: toxic, when: external.toxicity.available && external.toxicity.score > 0.8, then: reject, reason: "scored {{external.toxicity.score}}"}
  - {id: spam, when: 'external.akismet.available && external.akismet.label == "spam"', then: spam, reason: x}
  - {id: clean, when: external.toxicity.available && external.toxicity.score < 0.2 && author.approved > 3, then: approve, reason: x}
  - {id: off, when: external.unused.available, then: hold, reason: x, mode: "off"}
tests:
  - {name: a threat is rejected, facts: {external.toxicity.available: true, external.toxicity.score: 0.9}, expect: {action: reject}}
  - {name: a classifier that is down publishes nothing, expect: {action: hold, not_rules: [clean, toxic]}}
`

func TestRulesSeeWhatOutsideClassifiersSaid(t *testing.T) {
	rs := mustParse(t, externalRules)
	if failures, err := rs.RunTests(t.Context()); err != nil || len(failures) > 0 {
		t.Fatal(failures, err)
	}
	if diff := cmp.Diff([]string{"akismet", "toxicity"}, rs.Externals()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	f := Neutral("text")
	f.External = map[string]*External{"toxicity": {Available: true, Score: 0.85}, "akismet": {Available: true, Label: "spam"}}
	v := rs.Evaluate(t.Context(), f)
	if v.Action != Spam || len(v.Hits) != 2 || v.Hits[0].Reason != "scored 0.85" || v.Hits[0].Field != "body" {
		t.Errorf("%+v", v)
	}
	if v := rs.Evaluate(t.Context(), Neutral("text")); v.Action != Hold || len(v.Hits) != 0 {
		t.Errorf("without answers: %+v", v)
	}
}

func TestConditionsAboutOutsideClassifiersAreChecked(t *testing.T) {
	for when, want := range map[string]string{
		`external.toxicity.score < 0.1`:                                   "external.toxicity.score may be unknown, and this condition does not ask",
		`external.other.available && external.toxicity.label == "x"`:      "external.toxicity.label may be unknown",
		`external.Toxicity.available`:                                     `"Toxicity" cannot be the name of an outside classifier`,
		`external.toxicity.available && external.toxicity.scores > 1.0`:   `no fact is called "scores" there`,
		`external.toxicity.available && external.toxicity.score == "bad"`: "== does not work with a number with a fraction and a text",
		`external.toxicity`:                                               "the group of facts external.toxicity",
		`external.toxicity.available && !external.toxicity.available`:     "",
	} {
		_, err := Parse(t.Context(), []byte("rules:\n  - {id: a, when: '"+when+"', then: hold, reason: x}\n"))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", when, err, want)
		}
	}
	rs := mustParse(t, "rules:\n  - {id: a, when: external.a.available && external.a.score > 0.5 && external.a.score < 0.5, then: hold, reason: x}\n"+
		"  - {id: b, when: external.a.available && external.b.available && external.a.score > 0.5 && external.b.score < 0.5, then: hold, reason: x}\n")
	var never []string
	for _, w := range rs.Warnings() {
		if strings.Contains(w.Message, "can never fire") {
			never = append(never, w.Message)
		}
	}
	if len(never) != 1 || !strings.Contains(never[0], `"a"`) {
		t.Errorf("warnings: %q", never)
	}
}
