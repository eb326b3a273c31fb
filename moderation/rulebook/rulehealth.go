package rulebook

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// MaxHealthDays is the maximum number of days of a health report.
const MaxHealthDays = 366

// RuleCounts are the counts of a rule. Shadow hits are counted separately, because they have no effect.
type RuleCounts struct {
	Hits             int64 `json:"hits"`
	Acted            int64 `json:"acted"`      // hits whose action became the verdict
	Upheld           int64 `json:"upheld"`     // hits that a moderator later confirmed
	Overturned       int64 `json:"overturned"` // hits that a moderator later overturned
	ShadowHits       int64 `json:"shadow_hits"`
	ShadowUpheld     int64 `json:"shadow_upheld"`     // a moderator decided as the rule would have
	ShadowOverturned int64 `json:"shadow_overturned"` // a moderator decided otherwise
}

func (c *RuleCounts) add(d RuleCounts) {
	c.Hits += d.Hits
	c.Acted += d.Acted
	c.Upheld += d.Upheld
	c.Overturned += d.Overturned
	c.ShadowHits += d.ShadowHits
	c.ShadowUpheld += d.ShadowUpheld
	c.ShadowOverturned += d.ShadowOverturned
}

// RuleRecord is the stored record of one rule of a site.
type RuleRecord struct {
	Rule   string
	Counts RuleCounts // of the requested days
	LastAt time.Time  // the latest hit ever
}

// RuleProgress is the position of the last counted submission and decision.
type RuleProgress struct {
	Submissions moderation.Keyset
	Decisions   moderation.Keyset
}

// HealthStore is the storage for rule health.
type HealthStore interface {
	VerdictStore
	// RuleProgress returns a site's progress. Zero means nothing is counted yet.
	RuleProgress(ctx context.Context, siteID string) (RuleProgress, error)
	// RuleRecords returns every rule that ever fired on the site, with its counts since that day (such as
	// 2026-03-02).
	RuleRecords(ctx context.Context, siteID, sinceDay string) ([]RuleRecord, error)
	// RuleDays returns the counts of each rule on each day since that day. Days without hits are omitted.
	RuleDays(ctx context.Context, siteID, sinceDay string) ([]RuleDay, error)
	// RuleStarts returns the start time of each rule of the active version: the first of the consecutive
	// versions that contain it.
	RuleStarts(ctx context.Context, siteID string) (map[string]time.Time, error)
	// SubmissionBefore returns the time of the submission followed by n later ones; zero if there is none.
	SubmissionBefore(ctx context.Context, siteID string, n int) (time.Time, error)
}

// A rule is dead after both of these without a hit. A rule that never fired is new until then.
const (
	DeadAfterDays        = 7
	DeadAfterSubmissions = 1_000
)

// Health reports how a site's rules perform.
type Health struct {
	Store    HealthStore
	Rulebook *Rulebook
	Now      func() time.Time
}

// HealthReport is the performance of a site's rules over some days.
type HealthReport struct {
	Since   string       `json:"since"`         // first day (UTC)
	Counted time.Time    `json:"counted_until"` // later data is not included
	Version int          `json:"version"`       // the active version
	Rules   []RuleHealth `json:"rules"`         // active version in document order, then others that fired
}

// RuleHealth is the performance of one rule.
type RuleHealth struct {
	Rule   string     `json:"rule"`
	Active bool       `json:"active"`           // in the active version
	Mode   rules.Mode `json:"mode,omitempty"`   // in the active version
	Action string     `json:"action,omitempty"` // in the active version
	RuleCounts
	Upholding *float64   `json:"upholding"`  // share of decided hits upheld; shadow rules: of shadow hits
	LastFired *time.Time `json:"last_fired"` // null: never
	New       bool       `json:"new"`        // never fired, and too young to be Dead
	Dead      bool       `json:"dead"`       // enabled, silent in these days and for both DeadAfter limits
}

// Report returns the performance of a site's rules over the last days, including today. Errors: *Invalid,
// ErrSiteUnknown.
func (h *Health) Report(ctx context.Context, v moderation.Viewer, siteSlug string, days int) (HealthReport, error) {
	if err := checkHealthDays(days); err != nil {
		return HealthReport{}, err
	}
	active, compiled, err := h.Rulebook.draft(ctx, v, siteSlug, DraftRef{})
	if err != nil {
		return HealthReport{}, fmt.Errorf("rule health: %w", err)
	}
	report := HealthReport{Since: dayOf(h.Now().AddDate(0, 0, 1-days)), Version: active.Version, Rules: []RuleHealth{}}
	byRule, err := h.records(ctx, active.SiteID, &report)
	if err != nil {
		return HealthReport{}, fmt.Errorf("rule health: %w", err)
	}
	silent, err := h.silence(ctx, active)
	if err != nil {
		return HealthReport{}, fmt.Errorf("rule health: %w", err)
	}
	for _, r := range compiled.Rules() {
		one := newRuleHealth(r.ID, byRule[r.ID], r.Mode == rules.Shadow)
		one.Active, one.Mode, one.Action = true, r.Mode, string(r.Action)
		if r.Mode != rules.Off && one.Hits+one.ShadowHits == 0 {
			one.Dead = silent.long(r.ID, byRule[r.ID].LastAt)
			one.New = !one.Dead && one.LastFired == nil
		}
		report.Rules = append(report.Rules, one)
		delete(byRule, r.ID)
	}
	for _, id := range sortedKeys(byRule) {
		if r := byRule[id]; r.Counts != (RuleCounts{}) {
			report.Rules = append(report.Rules, newRuleHealth(id, r, false))
		}
	}
	return report, nil
}

// Daily returns the counts of each rule per day of a report: one entry per day, oldest first, today last.
// Errors: those of Report.
func (h *Health) Daily(
	ctx context.Context,
	v moderation.Viewer,
	siteSlug string,
	days int,
) (map[string][]RuleCounts, error) {
	if err := checkHealthDays(days); err != nil {
		return nil, err
	}
	site, err := h.Rulebook.site(ctx, v, siteSlug)
	if err != nil {
		return nil, fmt.Errorf("rule health: %w", err)
	}
	first := h.Now().AddDate(0, 0, 1-days)
	var found []RuleDay
	tail, err := h.withTail(ctx, site.ID, func() error {
		found, err = h.Store.RuleDays(ctx, site.ID, dayOf(first))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("rule health: %w", err)
	}
	places := map[string]int{}
	for i := range days {
		places[dayOf(first.AddDate(0, 0, i))] = i
	}
	daily := map[string][]RuleCounts{}
	for _, day := range append(found, tail.Days...) {
		if daily[day.Rule] == nil {
			daily[day.Rule] = make([]RuleCounts, days)
		}
		if place, known := places[day.Day]; known {
			daily[day.Rule][place].add(day.Counts)
		}
	}
	return daily, nil
}

func checkHealthDays(days int) error {
	if days >= 1 && days <= MaxHealthDays {
		return nil
	}
	var faults moderation.Invalid
	faults.Add("/days", "out_of_range", fmt.Sprintf("Rule health looks back 1 to %d days.", MaxHealthDays))
	return faults.Err()
}

// silence determines whether a rule has been silent long enough to be dead.
type silence struct {
	starts  map[string]time.Time
	since   time.Time // start of rules without a known start
	latest  time.Time // rules silent since this time are dead
	counted bool      // there were enough submissions
}

func (h *Health) silence(ctx context.Context, active moderation.Ruleset) (silence, error) {
	starts, err := h.Store.RuleStarts(ctx, active.SiteID)
	if err != nil {
		return silence{}, err
	}
	before, err := h.Store.SubmissionBefore(ctx, active.SiteID, DeadAfterSubmissions)
	if err != nil {
		return silence{}, err
	}
	s := silence{
		starts:  starts,
		since:   active.CreatedAt,
		counted: !before.IsZero(),
		latest:  h.Now().AddDate(0, 0, -DeadAfterDays),
	}
	if before.Before(s.latest) {
		s.latest = before
	}
	return s, nil
}

// long reports whether a rule with this last hit, or none, has been silent long enough to be dead.
func (s silence) long(rule string, lastAt time.Time) bool {
	from, known := s.starts[rule]
	if !known {
		from = s.since
	}
	if lastAt.After(from) {
		from = lastAt
	}
	return s.counted && !from.After(s.latest)
}

func newRuleHealth(id string, r RuleRecord, shadow bool) RuleHealth {
	h := RuleHealth{Rule: id, RuleCounts: r.Counts}
	upheld, overturned := h.Upheld, h.Overturned
	if shadow {
		upheld, overturned = h.ShadowUpheld, h.ShadowOverturned
	}
	h.Upholding = share(int(upheld), int(upheld+overturned))
	if !r.LastAt.IsZero() {
		h.LastFired = &r.LastAt
	}
	return h
}

// dayOf returns the UTC date of a time.
func dayOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }
