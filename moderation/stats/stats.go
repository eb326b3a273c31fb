package stats

import (
	"context"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
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
	// AppealOutcomes counts the appeals of a site that were made in a time by the status that they led to;
	// empty for those that are open.
	AppealOutcomes(ctx context.Context, siteID string, from, to time.Time) (map[moderation.Status]int, error)
	// ModeratorNames returns names by id.
	ModeratorNames(ctx context.Context, ids []string) (map[string]string, error)
	QueueCounts(ctx context.Context, siteIDs []string) (queue.QueueCounts, error)
	QueueMatches(ctx context.Context, q queue.QueueSelect, limit int) (int, error)
}

// Figures computes the dashboard and the transparency report. Its cost grows with hours and moderators, not
// with comments: it reads rollups of hours that ended, and the log only for the rest.
type Figures struct {
	Store FigureStore
	Now   func() time.Time
}

// rollups adds up what was decided on sites from a time on, until another.
func (f *Figures) rollups(ctx context.Context, q TalliedSelect) (DecisionTally, error) {
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
