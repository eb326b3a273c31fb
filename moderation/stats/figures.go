package stats

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"rejoinder/moderation"
)

// TalliedSelect asks for what was added up.
type TalliedSelect struct {
	SiteIDs  []string
	From, To time.Time // full hours
	ByHour   bool      // apart for each hour, without waits; else all hours together
}

// FigureStore is the storage that figures need.
type FigureStore interface {
	LogStore
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	Sites(ctx context.Context) ([]moderation.Site, error)
	// Tallied returns what was added up.
	Tallied(ctx context.Context, q TalliedSelect) (DecisionTally, error)
	// AppealOutcomes counts the appeals of a site that were made in a time by the status that they led to; ''
	// for those that are open.
	AppealOutcomes(ctx context.Context, siteID string, from, to time.Time) (map[moderation.Status]int, error)
	// ModeratorNames returns names by id.
	ModeratorNames(ctx context.Context, ids []string) (map[string]string, error)
	QueueCounts(ctx context.Context, siteIDs []string) (moderation.QueueCounts, error)
	QueueMatches(ctx context.Context, q moderation.QueueSelect, limit int) (int, error)
}

// Figures says how moderation goes: to those who work on it, and to the public. Its cost grows with hours and
// moderators, and not with comments: hours that ended are added up, and only what came since is read from the
// log.
type Figures struct {
	Store FigureStore
	Now   func() time.Time
}

// tally adds up what was decided on sites from a time on, until another.
func (f *Figures) tally(ctx context.Context, q TalliedSelect) (DecisionTally, error) {
	sum := DecisionTally{Waits: Waits{}}
	progress, err := f.Store.TallyProgress(ctx)
	if err != nil {
		return sum, err
	}
	first, groups := ceilHour(q.From), map[time.Time][]string{}
	for _, site := range q.SiteIDs {
		until := earlier(hourOf(q.To), progress[site])
		if !until.After(first) {
			until = first
		}
		groups[until] = append(groups[until], site)
	}
	for until, sites := range groups {
		if until.After(first) {
			tallied, err := f.Store.Tallied(ctx, TalliedSelect{SiteIDs: sites, From: first, To: until, ByHour: q.ByHour})
			if err != nil {
				return sum, err
			}
			sum.add(tallied)
		}
		for _, site := range sites {
			if err := f.read(ctx, &sum, site, q.From, earlier(first, q.To)); err != nil {
				return sum, err
			}
			if err := f.read(ctx, &sum, site, until, q.To); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}

// read adds up from the log, hour by hour.
func (f *Figures) read(ctx context.Context, sum *DecisionTally, siteID string, from, to time.Time) error {
	for from.Before(to) {
		hour, err := nextHour(ctx, f.Store, siteID, from, to)
		if err != nil || hour.Hour.IsZero() {
			return err
		}
		sum.add(hour.DecisionTally)
		from = hour.Hour.Add(time.Hour)
	}
	return nil
}

func (t *DecisionTally) add(other DecisionTally) {
	t.Counts = append(t.Counts, other.Counts...)
	t.Waits.add(other.Waits)
}

func ceilHour(t time.Time) time.Time {
	hour := hourOf(t)
	if hour.Before(t) {
		hour = hour.Add(time.Hour)
	}
	return hour
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// TransparencyDays is the time of a report that names none: the last so many days.
const TransparencyDays = 30

// TransparencyQuery asks for the public account of a site.
type TransparencyQuery struct {
	SiteSlug string
	From, To time.Time // the first moment, and the one after the last; zero: TransparencyDays before To, and now
}

// Transparency is the account of what was decided on a site: decisions that were undone do not count.
type Transparency struct {
	From, To  time.Time
	Arrived   int           // comments that came
	Automated StatusTotals  // decisions of the ruleset, those on edits too
	People    StatusTotals  // decisions of moderators
	Readers   StatusTotals  // what readers' reports did
	Reasons   []ReasonTotal // of refusals, in the order of the site's list; what has no code comes last
	// MedianWait is how long the middle one of Timed comments waited until a moderator decided, to within 5 %.
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

// ReasonTotal counts refusals (rejected, spam or deleted) for one reason code; ” stands for none.
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

// Transparency makes the account of one site. Errors: ErrSiteUnknown, ErrNotFound for a site that the viewer
// may not see, *Invalid for a time that ends before it begins.
func (f *Figures) Transparency(ctx context.Context, v moderation.Viewer, q TransparencyQuery) (Transparency, error) {
	site, err := moderation.VisibleSite(ctx, f.Store, v, q.SiteSlug)
	if err != nil {
		return Transparency{}, fmt.Errorf("account for decisions: %w", err)
	}
	if q.To.IsZero() {
		q.To = f.Now()
	}
	if q.From.IsZero() && q.To.Year() > 1 {
		q.From = q.To.AddDate(0, 0, -TransparencyDays)
	}
	if q.From, q.To, err = moderation.WholeTime(q.From, q.To); err != nil {
		return Transparency{}, err
	}
	tally, err := f.tally(ctx, TalliedSelect{SiteIDs: []string{site.ID}, From: q.From, To: q.To})
	if err != nil {
		return Transparency{}, fmt.Errorf("account for decisions: %w", err)
	}
	account := Transparency{From: q.From, To: q.To}
	account.count(tally, site.Settings.ReasonList())
	outcomes, err := f.Store.AppealOutcomes(ctx, site.ID, q.From, q.To)
	if err != nil {
		return Transparency{}, fmt.Errorf("account for decisions: %w", err)
	}
	account.Appeals = newAppealTotals(outcomes)
	return account, nil
}

func (t *Transparency) count(tally DecisionTally, reasons []moderation.Reason) {
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
