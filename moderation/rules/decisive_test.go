package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecisiveNamesTheRulesOnWhichPublicationDependsAlone(t *testing.T) {
	const settings = "thresholds: {hold: 3}\nlists:\n  a: {terms: [mill]}\n  b: {terms: [wheel]}\n  c: {terms: [water]}\n" +
		"  d: {terms: [stone]}\n  e: {terms: [grain]}\nrules:\n" +
		"  - {id: mill, when: 'listed(\"a\")', then: hold, reason: x}\n" +
		"  - {id: wheel, when: 'listed(\"b\")', then: spam, reason: x}\n" +
		"  - {id: water, when: 'listed(\"c\")', score: 2, reason: x}\n" +
		"  - {id: stone, when: 'listed(\"d\")', score: 1, reason: x}\n" +
		"  - {id: grain, mode: shadow, when: 'listed(\"e\")', then: hold, reason: x}\n" +
		"  - {id: all, when: \"true\", then: approve, reason: x}\ndefault: hold\n"
	rs := mustParse(t, settings)
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"the only rule that holds", "mill", []string{"mill"}},
		{"the only rule that approves", "bread", []string{"all"}},
		{"neither of two that hold", "mill wheel", nil},
		{"a score below the threshold changes nothing", "mill water", []string{"mill"}},
		{"both scores that reach it together", "water stone", []string{"water", "stone"}},
		{"a shadow rule that would hold, and the rule that approves", "grain", []string{"grain", "all"}},
		{"a shadow rule adds nothing to what is held", "mill grain", []string{"mill"}},
	} {
		if diff := cmp.Diff(c.want, rs.Decisive(rs.Evaluate(t.Context(), Neutral(c.body)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
