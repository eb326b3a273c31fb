package stats

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"rejoinder/moderation"
)

// TransparencyDays is the length of a report without dates.
const TransparencyDays = 30

// TransparencyQuery asks for the transparency report of a site.
type TransparencyQuery struct {
	SiteSlug string
	From, To time.Time // the first moment, and the one after the last; zero: TransparencyDays before To, and now
}

// TransparencyReport covers the decisions on a site in some time. Undone decisions do not count.
type TransparencyReport struct {
	From, To  time.Time
	Arrived   int           // comments that came
	Automated StatusTotals  // decisions of the ruleset, those on edits too
	People    StatusTotals  // decisions of moderators
	Readers   StatusTotals  // what readers' reports did
	Reasons   []ReasonTotal // of refusals, in the order of the site's list; what has no code comes last
	// MedianWait is the median time from arrival to a moderator's decision, to within 5 %, over Timed comments.
	MedianWait time.Duration
	Timed      int
	Appeals    AppealTotals
}

// StatusTotals counts decisions by what they led to.
type StatusTotals struct {
	Approved int `json:"approved"`
	Held     int `json:"held"`
	Rejected int `json:"rejected"`
	Spam     int `json:"spam"`
	Deleted  int `json:"deleted"`
}

func (t *StatusTotals) add(to moderation.Status, n int) {
	switch to {
	case moderation.StatusApproved:
		t.Approved += n
	case moderation.StatusPending:
		t.Held += n
	case moderation.StatusRejected:
		t.Rejected += n
	case moderation.StatusSpam:
		t.Spam += n
	case moderation.StatusDeleted:
		t.Deleted += n
	}
}

// ReasonTotal counts refusals (rejected, spam or deleted) for one reason code; empty stands for none.
type ReasonTotal struct {
	Code      string `json:"reason_code"`
	Automated int    `json:"automated"`
	People    int    `json:"people"`
}

// AppealTotals counts appeals that were made in a time, and what became of them until now.
type AppealTotals struct {
	Made    int `json:"made"`
	Open    int `json:"open"`
	Granted int `json:"granted"` // the comment was approved
	Refused int `json:"refused"` // it was rejected, called spam or deleted
	Held    int `json:"held"`    // it waits, though a moderator has looked
}

// TransparencyReport computes the report on one site. Errors: ErrSiteUnknown, ErrNotFound for a site that the
// viewer may not see, *Invalid for a time that ends before it begins.
func (f *Stats) TransparencyReport(
	ctx context.Context, v moderation.Viewer, q TransparencyQuery,
) (TransparencyReport, error) {
	site, err := moderation.VisibleSite(ctx, f.Store, v, q.SiteSlug)
	if err != nil {
		return TransparencyReport{}, fmt.Errorf("report on decisions: %w", err)
	}
	if q.To.IsZero() {
		q.To = f.Now()
	}
	if q.From.IsZero() && q.To.Year() > 1 {
		q.From = q.To.AddDate(0, 0, -TransparencyDays)
	}
	if q.From, q.To, err = moderation.NormalizeTimeRange(q.From, q.To); err != nil {
		return TransparencyReport{}, err
	}
	tally, err := f.rollups(ctx, RollupQuery{SiteIDs: []string{site.ID}, From: q.From, To: q.To})
	if err != nil {
		return TransparencyReport{}, fmt.Errorf("report on decisions: %w", err)
	}
	report := TransparencyReport{From: q.From, To: q.To}
	report.count(tally, site.Settings.ReasonList())
	outcomes, err := f.Store.AppealOutcomes(ctx, site.ID, q.From, q.To)
	if err != nil {
		return TransparencyReport{}, fmt.Errorf("report on decisions: %w", err)
	}
	report.Appeals = newAppealTotals(outcomes)
	return report, nil
}

func (t *TransparencyReport) count(tally DecisionRollup, reasons []moderation.Reason) {
	codes := map[string]*ReasonTotal{"": {}}
	for _, c := range tally.Counts {
		if c.Arrival {
			t.Arrived += c.N
		}
		refused := c.To != moderation.StatusApproved && c.To != moderation.StatusPending
		if codes[c.ReasonCode] == nil {
			codes[c.ReasonCode] = &ReasonTotal{Code: c.ReasonCode}
		}
		switch c.Actor {
		case moderation.ActorRuleset:
			t.Automated.add(c.To, c.N)
			if refused {
				codes[c.ReasonCode].Automated += c.N
			}
		case moderation.ActorModerator:
			t.People.add(c.To, c.N)
			if refused {
				codes[c.ReasonCode].People += c.N
			}
		case moderation.ActorReaders:
			t.Readers.add(c.To, c.N)
		}
	}
	t.MedianWait, t.Timed = tally.Waits.Median()
	order := make([]string, 0, len(reasons)+len(codes))
	for _, reason := range reasons {
		order = append(order, reason.Code)
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if code != "" && !slices.Contains(order, code) {
			order = append(order, code) // the site had it once
		}
	}
	for _, code := range append(order, "") {
		if total := codes[code]; total != nil && total.Automated+total.People > 0 {
			t.Reasons = append(t.Reasons, *total)
		}
	}
}

func newAppealTotals(outcomes map[moderation.Status]int) AppealTotals {
	t := AppealTotals{
		Open:    outcomes[""],
		Granted: outcomes[moderation.StatusApproved],
		Held:    outcomes[moderation.StatusPending],
		Refused: outcomes[moderation.StatusRejected] + outcomes[moderation.StatusSpam] + outcomes[moderation.StatusDeleted],
	}
	t.Made = t.Open + t.Granted + t.Held + t.Refused
	return t
}
