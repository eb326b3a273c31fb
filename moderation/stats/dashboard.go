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
		return 7 * day, day
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
	Waits      Waits
	Before     Totals     // of the same time before, as far as it is over by now
	Hours      [7][24]int // new comments by weekday, from Sunday on, and hour (UTC)
	Moderators []ModeratorStats
	Top        Top
	Queue      queue.Counts
	Ages       []AgeBand // of pending comments, youngest first
}

// Totals are the figures of a time.
type Totals struct {
	Arrived, Automated, People int
	Waits                      Waits
}

// AutomationRate is the share of new comments that the ruleset decided by itself; false if there were none.
func (t Totals) AutomationRate() (float64, bool) {
	return Dashboard{Arrived: t.Arrived, Automated: t.Automated}.AutomationRate()
}

// DashboardStep is the activity in one step of time.
type DashboardStep struct {
	At        time.Time // start, UTC
	Arrived   int
	Automated int
	Published int // of Automated
	People    int
	Before    int // Arrived in the same step of the time before
}

// ModeratorStats is the number of decisions of one moderator.
type ModeratorStats struct {
	ID        string
	Name      string // empty if the moderator no longer exists
	Decisions int
	Approved  int // of Decisions
}

// Top holds the most frequent articles and languages of the newest comments.
type Top struct {
	Articles  []Counted // by title, or by key without one
	Languages []Counted // by tag; empty if not recognised
	More      bool      // there are more comments than were counted
}

// Counted is a thing with its number of comments.
type Counted struct {
	Name string
	N    int
}

// TopQuery selects the new comments of a site whose articles and languages are counted.
type TopQuery struct {
	SiteID   string
	From, To time.Time
	Limit    int // newest comments
}

// Limits of Top.
const (
	maxTopComments = 20_000 // of a site
	maxTop         = 5
)

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
	people := map[string]ModeratorStats{}
	for _, c := range tally.Counts {
		board.count(c, &board.Steps[c.Hour.Sub(begin)/step])
		if c.Actor == moderation.ActorModerator {
			one := people[c.ModeratorID]
			one.Decisions += c.N
			if c.To == moderation.StatusApproved {
				one.Approved += c.N
			}
			people[c.ModeratorID] = one
		}
	}
	if err := f.compare(ctx, sites, &board, length); err != nil {
		return Dashboard{}, fmt.Errorf("make dashboard: %w", err)
	}
	if board.Top, err = f.top(ctx, sites, begin, now); err != nil {
		return Dashboard{}, fmt.Errorf("make dashboard: %w", err)
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
		d.Hours[c.Hour.Weekday()][c.Hour.Hour()] += c.N
		if c.To != moderation.StatusPending {
			d.Automated += c.N
			step.Automated += c.N
		}
		if c.To == moderation.StatusApproved {
			step.Published += c.N
		}
	}
	if c.Actor == moderation.ActorModerator {
		d.People += c.N
		step.People += c.N
	}
}

// compare adds the waits, and the figures of the time before.
func (f *Stats) compare(ctx context.Context, sites []string, d *Dashboard, length time.Duration) error {
	begin := d.Steps[0].At
	now, err := f.rollups(ctx, RollupQuery{SiteIDs: sites, From: begin, To: d.Until.Add(time.Microsecond)})
	if err != nil {
		return err
	}
	before, err := f.rollups(ctx, RollupQuery{SiteIDs: sites, From: begin.Add(-length), To: d.Until.Add(-length)})
	if err != nil {
		return err
	}
	d.Waits, d.Before.Waits = now.Waits, before.Waits
	hours, err := f.rollups(ctx, RollupQuery{SiteIDs: sites, From: begin.Add(-length), To: d.Until.Add(-length), ByHour: true})
	if err != nil {
		return err
	}
	for _, c := range hours.Counts {
		if c.Arrival {
			d.Before.Arrived += c.N
			d.Steps[c.Hour.Sub(begin.Add(-length))/d.Step].Before += c.N
		}
		if c.Arrival && c.To != moderation.StatusPending {
			d.Before.Automated += c.N
		}
		if c.Actor == moderation.ActorModerator {
			d.Before.People += c.N
		}
	}
	return nil
}

// top counts the newest comments by article and language.
func (f *Stats) top(ctx context.Context, sites []string, from, to time.Time) (Top, error) {
	articles, languages, top := map[string]int{}, map[string]int{}, Top{}
	for _, site := range sites {
		found, err := f.Store.TopOfSite(ctx, TopQuery{SiteID: site, From: from, To: to, Limit: maxTopComments})
		if err != nil {
			return top, err
		}
		top.More = top.More || found.More
		for _, one := range found.Articles {
			articles[one.Name] += one.N
		}
		for _, one := range found.Languages {
			languages[one.Name] += one.N
		}
	}
	top.Articles, top.Languages = mostOf(articles), mostOf(languages)
	return top, nil
}

// mostOf returns the most frequent things.
func mostOf(counts map[string]int) []Counted {
	var list []Counted
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, Counted{name, counts[name]})
	}
	slices.SortStableFunc(list, func(a, b Counted) int { return cmp.Compare(b.N, a.N) })
	return list[:min(len(list), maxTop)]
}

// moderators lists the moderators by number of decisions, descending.
func (f *Stats) moderators(ctx context.Context, decisions map[string]ModeratorStats) ([]ModeratorStats, error) {
	ids := slices.Sorted(maps.Keys(decisions))
	names, err := f.Store.ModeratorNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []ModeratorStats
	for _, id := range ids {
		list = append(list, ModeratorStats{id, names[id], decisions[id].Decisions, decisions[id].Approved})
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
