package stats

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// Period is how far back a dashboard looks.
type Period string

// The periods of a dashboard.
const (
	PeriodDay   Period = "24h"
	PeriodWeek  Period = "7d"
	PeriodMonth Period = "30d"
)

// reach returns how long a period is, and in which steps it is shown.
func (p Period) reach() (length, step time.Duration) {
	const day = 24 * time.Hour
	switch p {
	case PeriodWeek:
		return 7 * day, 6 * time.Hour
	case PeriodMonth:
		return 30 * day, day
	}
	return day, time.Hour
}

// MaxAgeBand bounds how many comments of one age are counted.
const MaxAgeBand = 10_000

// ageBands are how long pending comments wait at least, the shortest first; each ends where the next begins.
var ageBands = []time.Duration{0, time.Hour, 6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour}

// Dashboard is how moderation went lately, and what waits now.
type Dashboard struct {
	Steps      []DashboardStep // the oldest first; the last one goes on
	Step       time.Duration
	Until      time.Time
	Arrived    int // comments that came
	Automated  int // of those, how many the ruleset decided on by itself, and did not hold
	People     int // decisions of moderators
	Moderators []ModeratorStats
	Queue      queue.Counts
	Ages       []AgeBand // of pending comments, the youngest first
}

// DashboardStep is what happened in one step of time.
type DashboardStep struct {
	At        time.Time // its first moment, UTC
	Arrived   int
	Automated int
	People    int
}

// ModeratorStats is how much one moderator decided.
type ModeratorStats struct {
	ID        string
	Name      string // empty when the moderator is not known any more
	Decisions int
}

// AgeBand is how many comments have waited for so long.
type AgeBand struct {
	From, To time.Duration // To is 0 for the last band
	N        int
	More     bool // there are more than N: nobody counts beyond MaxAgeBand
}

// AutomationRate is the share of the comments that came which the ruleset decided on by itself; false when
// none came.
func (d Dashboard) AutomationRate() (float64, bool) {
	if d.Arrived == 0 {
		return 0, false
	}
	return float64(d.Automated) / float64(d.Arrived), true
}

// Dashboard shows a site, or all sites of the viewer when the slug is empty, in steps of full hours.
// Decisions that were undone do not count. Errors: ErrSiteUnknown, ErrNotFound for a site that the viewer may
// not see.
func (f *Stats) Dashboard(ctx context.Context, v moderation.Viewer, siteSlug string, p Period) (Dashboard, error) {
	sites, err := f.sites(ctx, v, siteSlug)
	if err != nil {
		return Dashboard{}, fmt.Errorf("make dashboard: %w", err)
	}
	now := f.Now().UTC()
	length, step := p.reach()
	board := Dashboard{Step: step, Until: now}
	begin := now.Truncate(step).Add(step - length)
	for at := begin; !at.After(now); at = at.Add(step) {
		board.Steps = append(board.Steps, DashboardStep{At: at})
	}
	tally, err := f.rollups(ctx, RollupQuery{SiteIDs: sites, From: begin, To: now.Add(time.Microsecond), ByHour: true})
	if err != nil {
		return Dashboard{}, fmt.Errorf("make dashboard: %w", err)
	}
	people := map[string]int{}
	for _, c := range tally.Counts {
		board.count(c, &board.Steps[c.Hour.Sub(begin)/step])
		if c.Actor == moderation.ActorModerator {
			people[c.ModeratorID] += c.N
		}
	}
	if board.Moderators, err = f.moderators(ctx, people); err != nil {
		return Dashboard{}, fmt.Errorf("make dashboard: %w", err)
	}
	if board.Queue, err = f.Store.QueueCounts(ctx, sites); err != nil {
		return Dashboard{}, fmt.Errorf("make dashboard: %w", err)
	}
	if board.Ages, err = f.ages(ctx, sites, now); err != nil {
		return Dashboard{}, fmt.Errorf("make dashboard: %w", err)
	}
	return board, nil
}

// count adds decisions to the whole and to their step.
func (d *Dashboard) count(c DecisionCount, step *DashboardStep) {
	if c.Arrival {
		d.Arrived += c.N
		step.Arrived += c.N
		if c.To != moderation.StatusPending {
			d.Automated += c.N
			step.Automated += c.N
		}
	}
	if c.Actor == moderation.ActorModerator {
		d.People += c.N
		step.People += c.N
	}
}

// moderators lists who decided how much, the most first.
func (f *Stats) moderators(ctx context.Context, decisions map[string]int) ([]ModeratorStats, error) {
	ids := slices.Sorted(maps.Keys(decisions))
	names, err := f.Store.ModeratorNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []ModeratorStats
	for _, id := range ids {
		list = append(list, ModeratorStats{id, names[id], decisions[id]})
	}
	slices.SortStableFunc(list, func(a, b ModeratorStats) int { return cmp.Compare(b.Decisions, a.Decisions) })
	return list, nil
}

// ages counts what waits by how long it has waited.
func (f *Stats) ages(ctx context.Context, sites []string, now time.Time) ([]AgeBand, error) {
	bands := make([]AgeBand, len(ageBands))
	for i, from := range ageBands {
		bands[i].From = from
		sel := queue.Select{
			SiteIDs: sites,
			Status:  moderation.StatusPending,
			Filter:  queue.Filter{To: now.Add(time.Microsecond - from)},
		}
		if i+1 < len(ageBands) {
			bands[i].To = ageBands[i+1]
			sel.From = now.Add(time.Microsecond - bands[i].To)
		}
		if len(sites) == 0 {
			continue
		}
		n, err := f.Store.QueueMatches(ctx, sel, MaxAgeBand+1)
		if err != nil {
			return nil, err
		}
		bands[i].N, bands[i].More = min(n, MaxAgeBand), n > MaxAgeBand
	}
	return bands, nil
}

// sites returns the ids of the sites that a viewer asks for: one by its slug, or all of theirs.
func (f *Stats) sites(ctx context.Context, v moderation.Viewer, slug string) ([]string, error) {
	if slug != "" {
		site, err := moderation.VisibleSite(ctx, f.Store, v, slug)
		return []string{site.ID}, err
	}
	if len(v.SiteIDs) > 0 {
		return v.SiteIDs, nil
	}
	all, err := f.Store.Sites(ctx)
	ids := make([]string, len(all))
	for i, site := range all {
		ids[i] = site.ID
	}
	return ids, err
}
