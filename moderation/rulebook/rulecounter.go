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

// How the days of rules are counted.
const (
	counterInterval = time.Minute
	// counterLag is how far the counter stays behind: longer than any transaction takes from its time stamp to
	// its commit, so that nothing appears behind a place that was counted already.
	counterLag   = 2 * time.Minute
	counterBatch = 1_000 // submissions or decisions in one transaction
)

// RuleDay is what is to be added to what one rule did on one day.
type RuleDay struct {
	Rule   string
	Day    string // of the submission, as 2026-03-02
	Counts RuleCounts
	LastAt time.Time // the last of the submissions
}

// JudgedSubmission is a submission as the counter needs it.
type JudgedSubmission struct {
	Position moderation.Keyset
	Verdict  []byte // JSON of rules.Verdict
}

// ModeratorDecision is a moderator's decision as the counter needs it.
type ModeratorDecision struct {
	Position    moderation.Keyset
	To          moderation.Status
	Before      moderation.Status // what a moderator decided last on the same text before; empty for none
	SubmittedAt time.Time
	Verdict     []byte // JSON of rules.Verdict, on the text that was decided on
}

// VerdictStore is the storage of verdicts and of the moderators' decisions that followed.
type VerdictStore interface {
	JudgedSubmissions(ctx context.Context, q moderation.HistoryQuery) ([]JudgedSubmission, error)
	ModeratorDecisions(ctx context.Context, q moderation.HistoryQuery) ([]ModeratorDecision, error)
}

// CounterStore is the storage that counting needs.
type CounterStore interface {
	VerdictStore
	Sites(ctx context.Context) ([]moderation.Site, error)
	RuleProgress(ctx context.Context, siteID string) (RuleProgress, error)
	// AddRuleDays adds to what was counted and moves the progress on, in one transaction. ErrVersion when the
	// progress is not what it was: another node counted the same.
	AddRuleDays(ctx context.Context, step CounterStep) error
}

// CounterStep is one step of counting.
type CounterStep struct {
	SiteID string
	From   RuleProgress
	To     RuleProgress
	Days   []RuleDay
}

// Counter counts what rules did day by day, so that rule health need not read every submission. It works
// behind the submissions, and takes nothing from them but what it reads.
type Counter struct {
	Store CounterStore
	Now   func() time.Time
	Log   *slog.Logger
}

// Run counts at once and then every minute, until ctx ends. What fails is logged and tried again next time.
func (c *Counter) Run(ctx context.Context) {
	moderation.Every(ctx, counterInterval, c.CatchUp, func(err error) { c.Log.ErrorContext(ctx, "counting rules failed", "err", err) })
}

// CatchUp counts everything up to two minutes ago, on all sites.
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

// site goes on until everything is counted, or another node is found to do it.
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

// ruleTally counts what rules did, one batch at a time.
type ruleTally struct{ store VerdictStore }

// tallyStep counts the next batch into a step, and reports true if there is none left.
type tallyStep func(context.Context, *CounterStep, moderation.HistoryQuery) (done bool, err error)

func (t ruleTally) steps() []tallyStep { return []tallyStep{t.submissions, t.decisions} }

// submissions counts the hits of the next ones.
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

// decisions counts what moderators said of hits. What a moderator decides later on the same text takes the
// place of what was decided before.
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

// nextPlace returns where to go on: behind the last of a full batch, or else at the end of the time asked
// for.
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

// lastID sorts behind every id.
const lastID = "g"

// judged is what the counter reads of a verdict.
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

// countsOf counts a hit itself. It acted when the verdict is what the rule asked for, or when its score
// helped to reach the threshold that decided.
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

// judgedBy counts what a moderator's decision says of a hit, n times.
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

// dayCounts gathers what is to be added, by rule and day.
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

// list returns the days in an order that is always the same, so that two who write them do not lock each
// other out.
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
