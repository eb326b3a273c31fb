package rulebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// Parameters of the counter.
const (
	counterInterval = time.Minute
	// counterLag is how far the counter stays behind. It exceeds the time from a transaction's time stamp to
	// its commit, so nothing appears before a position already counted.
	counterLag   = 2 * time.Minute
	counterBatch = 1_000 // submissions or decisions per transaction
)

// RuleDay is an increment of one rule's counts on one day.
type RuleDay struct {
	Rule   string
	Day    string // day of the submission, such as 2026-03-02
	Counts RuleCounts
	LastAt time.Time // time of the latest submission
}

// JudgedSubmission is the counter's view of a submission.
type JudgedSubmission struct {
	Position moderation.Keyset
	Verdict  []byte // JSON of rules.Verdict
}

// ModeratorDecision is the counter's view of a moderator's decision.
type ModeratorDecision struct {
	Position    moderation.Keyset
	To          moderation.Status
	Before      moderation.Status // previous moderator's decision on the same text; empty: none
	SubmittedAt time.Time
	Verdict     []byte // JSON of rules.Verdict for the text decided on
}

// VerdictStore is the storage for verdicts and moderators' later decisions.
type VerdictStore interface {
	JudgedSubmissions(ctx context.Context, q moderation.HistoryQuery) ([]JudgedSubmission, error)
	ModeratorDecisions(ctx context.Context, q moderation.HistoryQuery) ([]ModeratorDecision, error)
}

// CounterStore is the storage for Counter.
type CounterStore interface {
	VerdictStore
	Sites(ctx context.Context) ([]moderation.Site, error)
	RuleProgress(ctx context.Context, siteID string) (RuleProgress, error)
	// AddRuleDays increments the counts and advances the progress, in one transaction. Errors: ErrVersion if
	// the progress has changed, because another node counted the same data.
	AddRuleDays(ctx context.Context, step CounterStep) error
}

// CounterStep is one increment of the counts.
type CounterStep struct {
	SiteID string
	From   RuleProgress
	To     RuleProgress
	Days   []RuleDay
}

// Counter counts rule results per day, so rule health need not read every submission. It runs asynchronously
// and only reads submissions.
type Counter struct {
	Store CounterStore
	Now   func() time.Time
	Log   *slog.Logger
}

// Run counts immediately and then every minute, until ctx ends. Errors are logged and retried in the next
// round.
func (c *Counter) Run(ctx context.Context) {
	moderation.Every(ctx, counterInterval, c.CatchUp, func(err error) { c.Log.ErrorContext(ctx, "counting rules failed", "err", err) })
}

// CatchUp counts everything up to counterLag ago, on all sites.
func (c *Counter) CatchUp(ctx context.Context) error {
	sites, err := c.Store.Sites(ctx)
	if err != nil {
		return fmt.Errorf("count rules: %w", err)
	}
	until := c.Now().UTC().Add(-counterLag)
	var errs []error
	for _, site := range sites {
		if err := c.site(ctx, site.ID, until); err != nil {
			errs = append(errs, fmt.Errorf("count rules of site %s: %w", site.Slug, err))
		}
	}
	return errors.Join(errs...)
}

// site counts until nothing is left or another node is counting.
func (c *Counter) site(ctx context.Context, siteID string, until time.Time) error {
	progress, err := c.Store.RuleProgress(ctx, siteID)
	if err != nil {
		return err
	}
	for _, next := range (ruleTally{c.Store}).steps() {
		for done := false; !done; {
			step := CounterStep{SiteID: siteID, From: progress, To: progress}
			done, err = next(ctx, &step, moderation.HistoryQuery{SiteID: siteID, Until: until, Limit: counterBatch})
			if err != nil {
				return err
			}
			if step.To == step.From {
				continue
			}
			if err := c.Store.AddRuleDays(ctx, step); errors.Is(err, moderation.ErrVersion) {
				return nil
			} else if err != nil {
				return err
			}
			progress = step.To
		}
	}
	return nil
}

// ruleTally counts rule results, one batch at a time.
type ruleTally struct{ store VerdictStore }

// tallyStep adds the next batch to a step. done reports that there is none left.
type tallyStep func(context.Context, *CounterStep, moderation.HistoryQuery) (done bool, err error)

func (t ruleTally) steps() []tallyStep { return []tallyStep{t.submissions, t.decisions} }

// submissions counts the hits of the next submissions.
func (t ruleTally) submissions(
	ctx context.Context, step *CounterStep, q moderation.HistoryQuery,
) (done bool, err error) {
	q.After = step.From.Submissions
	batch, err := t.store.JudgedSubmissions(ctx, q)
	if err != nil {
		return false, err
	}
	days := dayCounts{}
	for _, s := range batch {
		v, err := judgedVerdict(s.Verdict)
		if err != nil {
			return false, err
		}
		for _, hit := range v.Hits {
			days.add(hit.Rule, s.Position.At, v.countsOf(hit))
		}
	}
	step.Days = days.list()
	step.To.Submissions, done = nextPlace(q, len(batch), func(i int) moderation.Keyset { return batch[i].Position })
	return done, nil
}

// decisions counts the moderators' decisions on hits. A later decision on the same text replaces the earlier
// one.
func (t ruleTally) decisions(ctx context.Context, step *CounterStep, q moderation.HistoryQuery) (done bool, err error) {
	q.After = step.From.Decisions
	batch, err := t.store.ModeratorDecisions(ctx, q)
	if err != nil {
		return false, err
	}
	days := dayCounts{}
	for _, d := range batch {
		v, err := judgedVerdict(d.Verdict)
		if err != nil {
			return false, err
		}
		for _, hit := range v.Hits {
			counts := hit.judgedBy(d.To, 1)
			counts.add(hit.judgedBy(d.Before, -1))
			days.add(hit.Rule, d.SubmittedAt, counts)
		}
	}
	step.Days = days.list()
	step.To.Decisions, done = nextPlace(q, len(batch), func(i int) moderation.Keyset { return batch[i].Position })
	return done, nil
}

// nextPlace returns the position to continue from: after the last row of a full batch, otherwise the end of
// the time range.
func nextPlace(
	q moderation.HistoryQuery,
	n int,
	place func(int) moderation.Keyset,
) (next moderation.Keyset, done bool) {
	if n == q.Limit {
		return place(n - 1), false
	}
	if !q.Until.After(q.After.At) {
		return q.After, true
	}
	return moderation.Keyset{At: q.Until.Add(-time.Microsecond), ID: lastID}, true
}

// lastID sorts after every id.
const lastID = "g"

// judged is the counter's view of a verdict.
type judged struct {
	Action rules.Action `json:"action"`
	Cause  string       `json:"cause"`
	Hits   []judgedHit  `json:"hits"`
}

type judgedHit struct {
	Rule   string       `json:"rule"`
	Mode   rules.Mode   `json:"mode"`
	Action rules.Action `json:"action"`
	Score  float64      `json:"score"`
}

func judgedVerdict(raw []byte) (judged, error) {
	var v judged
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("read verdict: %w", err)
	}
	return v, nil
}

// countsOf returns the counts of a hit itself. It acted if its action is the verdict, or if its score helped
// to reach the deciding threshold.
func (v judged) countsOf(hit judgedHit) RuleCounts {
	if hit.Mode == rules.Shadow {
		return RuleCounts{ShadowHits: 1}
	}
	counts := RuleCounts{Hits: 1}
	threshold := v.Cause == rules.CauseThreshold+string(v.Action)
	if hit.Action == v.Action || threshold && hit.Score > 0 {
		counts.Acted = 1
	}
	return counts
}

// judgedBy returns the counts of a moderator's decision on a hit, n times.
func (hit judgedHit) judgedBy(to moderation.Status, n int64) RuleCounts {
	own, person := moderation.PolarityOfHit(hit.Action, hit.Score), moderation.PolarityOf(to)
	switch {
	case own == moderation.Neutral || person == moderation.Neutral:
		return RuleCounts{}
	case hit.Mode == rules.Shadow && own == person:
		return RuleCounts{ShadowUpheld: n}
	case hit.Mode == rules.Shadow:
		return RuleCounts{ShadowOverturned: n}
	case own == person:
		return RuleCounts{Upheld: n}
	}
	return RuleCounts{Overturned: n}
}

// dayCounts collects increments by rule and day.
type dayCounts map[[2]string]RuleDay

func (d dayCounts) add(rule string, at time.Time, counts RuleCounts) {
	key := [2]string{rule, dayOf(at)}
	day := d[key]
	day.Rule, day.Day = key[0], key[1]
	day.Counts.add(counts)
	if at.After(day.LastAt) {
		day.LastAt = at
	}
	d[key] = day
}

// list returns the days in a fixed order, so that concurrent writers can't deadlock.
func (d dayCounts) list() []RuleDay {
	var days []RuleDay
	byName := map[string]RuleDay{}
	for key, day := range maps.All(d) {
		byName[key[0]+" "+key[1]] = day
	}
	for _, name := range sortedKeys(byName) {
		days = append(days, byName[name])
	}
	return days
}
