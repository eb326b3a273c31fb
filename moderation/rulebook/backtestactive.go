package rulebook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// ActiveComparison compares the draft with the active ruleset on the same submissions. Right, Wrong and
// Undecided count the submissions that only one of the two publishes.
type ActiveComparison struct {
	Version   int                       `json:"version"`
	Verdicts  map[moderation.Action]int `json:"verdicts"`  // of the active ruleset
	Changed   int                       `json:"changed"`   // submissions with another verdict in the draft
	Right     int                       `json:"right"`     // moderators decided as the draft
	Wrong     int                       `json:"wrong"`     // moderators decided as the active ruleset
	Undecided int                       `json:"undecided"` // moderators did not decide
	Flips     []Flip                    `json:"flips"`     // from the active ruleset's verdict to the draft's
}

// activeRuleset is the ruleset that a draft is compared with.
type activeRuleset struct {
	compiled *rules.Ruleset // nil: no comparison
	version  int
	note     string // why there is no comparison, if that is unusual
}

// active returns the site's active ruleset; none if it is the draft itself.
func (b *Backtests) active(
	ctx context.Context,
	v moderation.Viewer,
	siteSlug string,
	draft moderation.Ruleset,
) (activeRuleset, error) {
	stored, compiled, err := b.Rulebook.draft(ctx, v, siteSlug, DraftRef{})
	var faults *rules.Faults
	switch {
	case errors.As(err, &faults):
		return activeRuleset{
			note: "The active version is no longer valid, so the draft is not compared with it.",
		}, nil
	case err != nil:
		return activeRuleset{}, fmt.Errorf("find active ruleset: %w", err)
	case stored.ID == draft.ID:
		return activeRuleset{}, nil
	}
	return activeRuleset{compiled: compiled, version: stored.Version}, nil
}

// compare counts a submission's verdict under the active ruleset.
func (t *tally) compare(v draftVerdict, person moderation.Polarity, sample FlipSample) {
	a := t.report.Active
	before, now := moderation.Action(v.active), moderation.Action(v.Action)
	a.Verdicts[before]++
	if before == now {
		return
	}
	a.Changed++
	t.active.add(before, now, sample)
	published := now == moderation.ActionApprove
	switch {
	case published == (before == moderation.ActionApprove):
	case person == moderation.Neutral:
		a.Undecided++
	case published == (person == moderation.InFavour):
		a.Right++
	default:
		a.Wrong++
	}
}

// flips collects changed verdicts by kind.
type flips map[[2]moderation.Action]*Flip

func (f flips) add(from, to moderation.Action, sample FlipSample) {
	kind := [2]moderation.Action{from, to}
	one := f[kind]
	if one == nil {
		one = &Flip{From: from, To: to, Sample: []FlipSample{}}
		f[kind] = one
	}
	one.Count++
	if len(one.Sample) < flipSample {
		one.Sample = append(one.Sample, sample)
	}
}

// list returns the kinds of change, most frequent first.
func (f flips) list() []Flip {
	list := []Flip{}
	for _, one := range f {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b Flip) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return list
}
