package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestALabelIsAFewWords(t *testing.T) {
	for _, label := range []string{"''", `"two\nlines"`, `" blank"`, strings.Repeat("a", maxLabelCharacters+1), `"\u200b"`} {
		faults := faultsOf(t, oneRule("id: x", "when: true", "then: hold", "reason: x", "label: "+label))
		if len(faults) != 1 || !strings.Contains(faults[0], "/rules/0/label: ") {
			t.Errorf("%s: %q", label, faults)
		}
	}
	v := mustParse(t, oneRule("id: x", "when: \"true\"", "then: hold", "reason: x", "label: first comment")).Evaluate(t.Context(), Neutral("x"))
	if len(v.Hits) != 1 || v.Hits[0].Label != "first comment" {
		t.Errorf("the hits are %+v", v.Hits)
	}
}

func TestARuleIsAboutWhatItsConditionSaysMostOf(t *testing.T) {
	const lists = `lists:
  words: {terms: [x]}
  names: {mode: word, fields: [author_name], terms: [x]}
  hosts: {mode: domain, terms: [evil.example]}
`
	got := map[string]Subject{}
	want := map[string]Subject{
		`blocks.action == "spam" && listed("words")`:  SubjectBlock,
		`listed("words") && links.count > 0`:          SubjectWords,
		`listed("names") || author.approved == 0`:     SubjectWho,
		`listed("hosts")`:                             SubjectLinks,
		`links.count > 0 && text.words < 12`:          SubjectLinks,
		`author.url_new`:                              SubjectLinks,
		`text.length > 60 && similarity.site_24h > 0`: SubjectPace,
		`similarity.same_parent > 0 && !edit.is`:      SubjectPace,
		`in_network("192.0.2.0/24")`:                  SubjectPace,
		`edit.is && edit.status == "rejected"`:        SubjectEdit,
		`text.capitals > 0.8`:                         SubjectWords,
		`article.closed && !edit.is`:                  SubjectWho,
	}
	for when := range want {
		rs := mustParse(t, lists+"rules:\n  - {id: x, when: '"+when+"', then: hold, reason: x}\n")
		got[when] = rs.rules[0].about
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryShippedRuleHasALabel(t *testing.T) {
	for _, r := range mustParse(t, string(Default())).rules {
		if r.label == "" {
			t.Errorf("%s has none", r.id)
		}
	}
}
