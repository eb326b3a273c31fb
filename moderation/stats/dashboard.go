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

// Period is the time span of a dashboard.
type Period string

// Periods of a dashboard.
const (
	PeriodDay   Period = "24h"
	PeriodWeek  Period = "7d"
	PeriodMonth Period = "30d"
)

// reach returns the length of a period and of its steps.
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

// MaxAgeBand is the maximum count of an age band.
const MaxAgeBand = 10_000

// ageBands are the lower bounds of the waiting times of pending comments, ascending. Each band ends where the
// next begins.
var ageBands = []time.Duration{0, time.Hour, 6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour}

// Dashboard is the recent moderation activity and the comments waiting now.
type Dashboard struct {
	Steps      []DashboardStep // oldest first; the last one is incomplete
	Step       time.Duration
	Until      time.Time
	Arrived    int // new comments
	Automated  int // of those, decided by the ruleset without a hold
	People     int // moderators' decisions
	Moderators []ModeratorStats
	Queue      queue.Counts
	Ages       []AgeBand // of pending comments, youngest first
}

// DashboardStep is the activity in one step of time.
type DashboardStep struct {
	At        time.Time // start, UTC
	Arrived   int
	Automated int
	People    int
}

// ModeratorStats is the number of decisions of one moderator.
type ModeratorStats struct {
	ID        string
	Name      string // empty if the moderator no longer exists
	Decisions int
}

// AgeBand is the number of comments in a range of waiting times.
type AgeBand struct {
	From, To time.Duration // To is 0 for the last band
	N        int
	More     bool // the count stopped at MaxAgeBand
}

// AutomationRate is the share of new comments that the ruleset decided by itself; false if there were none.
func (d Dashboard) AutomationRate() (float64, bool) {
	if d.Arrived == 0 {
		return 0, false
	}
	return float64(d.Automated) / float64(d.Arrived), true
}

// Dashboard returns the dashboard of a site, or of all the viewer's sites if the slug is empty, in steps of
// full hours. Undone decisions do not count. Errors: ErrSiteUnknown.
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

// count adds decisions to the totals and to their step.
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

// moderators lists the moderators by number of decisions, descending.
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

// ages counts pending comments by waiting time.
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

// sites returns the IDs of the requested sites: one by its slug, or all the viewer's.
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
