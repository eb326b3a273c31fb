package stats

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"rejoinder/moderation"
)

// TransparencyDays is the default length of a report.
const TransparencyDays = 30

// TransparencyQuery asks for a site's transparency report.
type TransparencyQuery struct {
	SiteSlug string
	From, To time.Time // half-open; zero: TransparencyDays before To, and now
}

// TransparencyReport covers the decisions on a site in a time range. Undone decisions do not count.
type TransparencyReport struct {
	From, To  time.Time
	Arrived   int           // new comments
	Automated StatusTotals  // decisions of the ruleset, including edits
	People    StatusTotals  // moderators' decisions
	Readers   StatusTotals  // decisions caused by readers' reports
	Reasons   []ReasonTotal // of refusals, in the order of the site's list; without a code last
	// MedianWait is the median time from arrival to a moderator's decision, to within 5%, of Timed comments.
	MedianWait time.Duration
	Timed      int
	Appeals    AppealTotals
}

// StatusTotals counts decisions by resulting status.
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

// ReasonTotal counts refusals (rejected, spam or deleted) by reason code; empty means none.
type ReasonTotal struct {
	Code      string `json:"reason_code"`
	Automated int    `json:"automated"`
	People    int    `json:"people"`
}

// AppealTotals counts appeals made in a time range by their current outcome.
type AppealTotals struct {
	Made    int `json:"made"`
	Open    int `json:"open"`
	Granted int `json:"granted"` // the comment was approved
	Refused int `json:"refused"` // the comment was rejected again, marked as spam or deleted
	Held    int `json:"held"`    // a moderator reviewed the comment and left it pending
}

// TransparencyReport computes the report on one site. Errors: ErrSiteUnknown, *Invalid for a time range
// that ends before it begins.
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
			order = append(order, code) // the site used it earlier
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
