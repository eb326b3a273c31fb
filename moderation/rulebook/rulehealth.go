package rulebook

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// MaxHealthDays bounds how far back rule health looks.
const MaxHealthDays = 366

// RuleCounts is what a rule did. The hits in shadow are counted apart: they acted on nothing.
type RuleCounts struct {
	Hits             int64 `json:"hits"`
	Acted            int64 `json:"acted"`      // hits whose verdict was what the rule asked for
	Upheld           int64 `json:"upheld"`     // hits that a moderator then agreed with
	Overturned       int64 `json:"overturned"` // hits that a moderator decided otherwise
	ShadowHits       int64 `json:"shadow_hits"`
	ShadowUpheld     int64 `json:"shadow_upheld"`     // a moderator decided what the rule would have asked for
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

// RuleRecord is what storage has counted of one rule of a site.
type RuleRecord struct {
	Rule   string
	Counts RuleCounts // of the days asked for
	LastAt time.Time  // the last hit ever
}

// RuleProgress is how far the days of rules have been counted: the places of the last submission and
// decision.
type RuleProgress struct {
	Submissions moderation.Keyset
	Decisions   moderation.Keyset
}

// HealthStore is the storage that reading rule health needs.
type HealthStore interface {
	VerdictStore
	// RuleProgress returns the zero value for a site that nothing was counted of yet.
	RuleProgress(ctx context.Context, siteID string) (RuleProgress, error)
	// RuleRecords returns every rule that ever fired on the site, with its counts from that day on (as
	// 2026-03-02).
	RuleRecords(ctx context.Context, siteID, sinceDay string) ([]RuleRecord, error)
	// RuleDays returns what each rule did on each day from that day on; days without hits are not there.
	RuleDays(ctx context.Context, siteID, sinceDay string) ([]RuleDay, error)
	// RuleStarts returns since when each rule of the active version judges, over all versions in a row that had
	// it.
	RuleStarts(ctx context.Context, siteID string) (map[string]time.Time, error)
	// SubmissionBefore returns when the submission came after which n others came; the zero time when there is
	// none.
	SubmissionBefore(ctx context.Context, siteID string, n int) (time.Time, error)
}

// What a rule must have been silent through to be called dead, and what one must have seen to be new no more.
const (
	DeadAfterDays        = 7
	DeadAfterSubmissions = 1_000
)

// Health tells how a site's rules do.
type Health struct {
	Store    HealthStore
	Rulebook *Rulebook
	Now      func() time.Time
}

// HealthReport is how a site's rules did over some days.
type HealthReport struct {
	Since   string       `json:"since"`         // the first day (UTC)
	Counted time.Time    `json:"counted_until"` // later data is not included yet
	Version int          `json:"version"`       // the active one
	Rules   []RuleHealth `json:"rules"`         // those of the active version in their order, then others that fired
}

// RuleHealth is how one rule did.
type RuleHealth struct {
	Rule   string     `json:"rule"`
	Active bool       `json:"active"`           // it is in the active version
	Mode   rules.Mode `json:"mode,omitempty"`   // in the active version
	Action string     `json:"action,omitempty"` // in the active version
	RuleCounts
	Upholding *float64   `json:"upholding"`  // Upheld of all that moderators decided on; of a rule in shadow, the shadow ones
	LastFired *time.Time `json:"last_fired"` // ever; null for never
	New       bool       `json:"new"`        // never fired, and had no chance to: under DeadAfterDays or DeadAfterSubmissions
	Dead      bool       `json:"dead"`       // judges, but fired neither in these days nor in DeadAfterDays and DeadAfterSubmissions
}

// Report says how the rules of a site did in the last days, today included.
// Errors: *Invalid, ErrSiteUnknown.
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

// Daily returns what each rule did on each of the days that a report is about, by rule: one entry a day, the
// oldest first, today last. Errors: as of Report.
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

// silence tells how long a rule can have been silent.
type silence struct {
	starts  map[string]time.Time
	since   time.Time // when a rule without a start began
	latest  time.Time // whoever was silent at this time was so for long enough
	counted bool      // enough submissions came
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

// long reports whether a rule that last fired then, or never, has been silent for long enough to be called
// dead.
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

// dayOf names the day of a moment, in UTC.
func dayOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }
