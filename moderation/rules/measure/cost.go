package measure

import (
	"cmp"
	"slices"

	"rejoinder/moderation/rules"
)

// RuleCost says what a rule that holds or refuses comments found, and what it held wrongly. A rule found a
// case alone if the case would not be flagged without it. For a rule in shadow mode, all hits count, and it
// found a case alone if the case would be flagged only if the rule were enforced.
type RuleCost struct {
	Rule             string       `json:"rule"`
	Mode             rules.Mode   `json:"mode"`
	Action           rules.Action `json:"action,omitempty"` // absent for a rule that only scores
	Found            int          `json:"found"`            // positive cases
	FoundAlone       int          `json:"found_alone"`
	FalseAlarms      int          `json:"false_alarms"` // harmless cases
	FalseAlarmsAlone int          `json:"false_alarms_alone"`
}

// Costs returns the cost of every rule that hit, the one with the most false alarms first. Rules that approve
// are left out: all cases come from a trusted commenter, so they hit everywhere.
func (r Run) Costs() []RuleCost {
	costs := map[string]*RuleCost{}
	for i, v := range r.Verdicts {
		decisive := r.Ruleset.Decisive(v)
		for _, hit := range v.Hits {
			favours := hit.Action == rules.Approve || hit.Action == "" && hit.Score <= 0
			if favours || hit.Rule == rules.CauseError || hit.Mode == rules.Enforce && !v.Flagged() {
				continue
			}
			one := costs[hit.Rule]
			if one == nil {
				one = &RuleCost{Rule: hit.Rule, Mode: hit.Mode, Action: hit.Action}
				costs[hit.Rule] = one
			}
			one.add(r.Cases[i].Positive, slices.Contains(decisive, hit.Rule))
		}
	}
	list := make([]RuleCost, 0, len(costs))
	for _, one := range costs {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b RuleCost) int {
		return cmp.Or(cmp.Compare(b.FalseAlarms, a.FalseAlarms), cmp.Compare(b.Found, a.Found), cmp.Compare(a.Rule, b.Rule))
	})
	return list
}

func (c *RuleCost) add(positive, alone bool) {
	all, own := &c.FalseAlarms, &c.FalseAlarmsAlone
	if positive {
		all, own = &c.Found, &c.FoundAlone
	}
	*all++
	if alone {
		*own++
	}
}
