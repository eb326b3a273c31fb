package stats

import (
	"context"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// RollupQuery asks for rollups.
type RollupQuery struct {
	SiteIDs  []string
	From, To time.Time // full hours
	ByHour   bool      // one count per hour, without waits; else summed over all hours
}

// Store is the storage of Stats.
type Store interface {
	LogStore
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	Sites(ctx context.Context) ([]moderation.Site, error)
	// Rollups returns the stored rollups.
	Rollups(ctx context.Context, q RollupQuery) (DecisionRollup, error)
	// AppealOutcomes counts a site's appeals made in a time range by resulting status; empty for open ones.
	AppealOutcomes(ctx context.Context, siteID string, from, to time.Time) (map[moderation.Status]int, error)
	// ModeratorNames returns names by ID.
	ModeratorNames(ctx context.Context, ids []string) (map[string]string, error)
	// TopOfSite counts a site's newest comments by article and language.
	TopOfSite(ctx context.Context, q TopQuery) (Top, error)
	QueueCounts(ctx context.Context, siteIDs []string) (queue.Counts, error)
	QueueMatches(ctx context.Context, q queue.Select, limit int) (int, error)
}

// Stats computes the dashboard and the transparency report. Its cost grows with hours and moderators, not
// with comments: it reads rollups for complete hours and the log only for the rest.
type Stats struct {
	Store Store
	Now   func() time.Time
}

// rollups sums the decisions on sites in a time range.
func (f *Stats) rollups(ctx context.Context, q RollupQuery) (DecisionRollup, error) {
	sum := DecisionRollup{Waits: Waits{}}
	progress, err := f.Store.RollupProgress(ctx)
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
			tallied, err := f.Store.Rollups(ctx, RollupQuery{SiteIDs: sites, From: first, To: until, ByHour: q.ByHour})
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

// read adds decisions from the log, hour by hour.
func (f *Stats) read(ctx context.Context, sum *DecisionRollup, siteID string, from, to time.Time) error {
	for from.Before(to) {
		hour, err := nextHour(ctx, f.Store, siteID, from, to)
		if err != nil || hour.Hour.IsZero() {
			return err
		}
		sum.add(hour.DecisionRollup)
		from = hour.Hour.Add(time.Hour)
	}
	return nil
}

func (t *DecisionRollup) add(other DecisionRollup) {
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
