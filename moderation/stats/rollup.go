package stats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"rejoinder/moderation"
)

// Settings of rollups.
const (
	rollupInterval = 5 * time.Minute
	// rollupLag is how long after its end an hour is rolled up. By then all undos of its decisions are
	// stored.
	rollupLag   = time.Hour
	rollupHours = 24 // hours with decisions per transaction
)

// DecisionCount is the number of decisions of one kind. Undone decisions and their undos do not count.
type DecisionCount struct {
	Hour        time.Time // start, UTC; zero for a sum over several hours
	Actor       moderation.Actor
	ModeratorID string // empty unless Actor is ActorModerator
	Arrival     bool   // first decision on a comment, so one comment arrived
	To          moderation.Status
	ReasonCode  string // empty if none
	N           int
}

// DecisionRollup is the decisions of a time span, without moderators' own replies, which nobody judges.
type DecisionRollup struct {
	Counts []DecisionCount
	Waits  Waits
}

// Waits counts comments by their wait for a moderator's decision, keyed by WaitBucket.
type Waits map[int]int

// waitSteps is the number of buckets per doubling of the wait; each is 9% wide.
const waitSteps = 8

// WaitBucket returns the bucket of a wait.
func WaitBucket(wait time.Duration) int {
	if wait < time.Second {
		return 0
	}
	return 1 + int(waitSteps*math.Log2(wait.Seconds()))
}

// Median returns the median wait, to within 5%, and the number of waits; 0 without any.
func (w Waits) Median() (median time.Duration, n int) {
	for _, times := range w {
		n += times
	}
	seen := 0
	for bucket := 0; seen < n; bucket++ {
		if seen += w[bucket]; 2*seen >= n && bucket > 0 {
			middle := math.Exp2((float64(bucket-1) + 0.5) / waitSteps)
			return time.Duration(middle * float64(time.Second)).Round(time.Second), n
		} else if 2*seen >= n {
			break
		}
	}
	return 0, n
}

// Within returns the wait within which that share of the waits ended, to within 5%; 0 without any.
func (w Waits) Within(share float64) time.Duration {
	n, seen, last := 0, 0, 0
	for bucket, times := range w {
		n += times
		last = max(last, bucket)
	}
	for bucket := 0; bucket <= last && n > 0; bucket++ {
		if seen += w[bucket]; float64(seen) >= share*float64(n) {
			if bucket == 0 {
				return 0
			}
			return time.Duration(math.Exp2((float64(bucket-1)+0.5)/waitSteps) * float64(time.Second)).Round(time.Second)
		}
	}
	return 0
}

func (w Waits) add(other Waits) {
	for bucket, n := range other {
		w[bucket] += n
	}
}

// HourRollup is the decisions of one hour.
type HourRollup struct {
	Hour time.Time
	DecisionRollup
}

// RollupStep is one step of rolling up a site's decisions.
type RollupStep struct {
	SiteID   string
	From, To time.Time // full hours; From is the current progress
	Hours    []HourRollup
}

// LogStore is the storage that reads the log of decisions by hour.
type LogStore interface {
	// RollupProgress returns the end of the rolled-up time by site. Sites without rollups are absent.
	RollupProgress(ctx context.Context) (map[string]time.Time, error)
	// NextDecisionAt returns the time of a site's first decision in a time range; zero if none.
	NextDecisionAt(ctx context.Context, siteID string, from, to time.Time) (time.Time, error)
	// CountDecisions counts a site's decisions in a time range of at most one hour.
	CountDecisions(ctx context.Context, siteID string, from, to time.Time) (DecisionRollup, error)
}

// RollupStore is the storage of RollupWorker.
type RollupStore interface {
	LogStore
	Sites(ctx context.Context) ([]moderation.Site, error)
	// AddRollups stores the rollups and advances the progress in one transaction. ErrVersion unless the
	// progress is step.From: another node did the same step.
	AddRollups(ctx context.Context, step RollupStep) error
}

// RollupWorker maintains hourly rollups of decisions, an hour behind, so that statistics need not read the
// whole log.
type RollupWorker struct {
	Store RollupStore
	Now   func() time.Time
	Log   *slog.Logger
}

// Run catches up immediately and then every few minutes until ctx ends. Failures are logged and retried.
func (w *RollupWorker) Run(ctx context.Context) {
	moderation.Every(ctx, rollupInterval, w.CatchUp, func(err error) { w.Log.ErrorContext(ctx, "rollup of decisions failed", "err", err) })
}

// CatchUp rolls up every hour that ended at least an hour ago, on all sites.
func (w *RollupWorker) CatchUp(ctx context.Context) error {
	sites, err := w.Store.Sites(ctx)
	if err != nil {
		return fmt.Errorf("roll up decisions: %w", err)
	}
	progress, err := w.Store.RollupProgress(ctx)
	if err != nil {
		return fmt.Errorf("roll up decisions: %w", err)
	}
	until := hourOf(w.Now().Add(-rollupLag))
	var errs []error
	for _, site := range sites {
		// On ErrVersion another node was faster and does the rest.
		if err := w.site(ctx, site.ID, progress[site.ID], until); err != nil && !errors.Is(err, moderation.ErrVersion) {
			errs = append(errs, fmt.Errorf("roll up decisions of site %s: %w", site.Slug, err))
		}
	}
	return errors.Join(errs...)
}

func (w *RollupWorker) site(ctx context.Context, siteID string, from, until time.Time) error {
	for from.Before(until) {
		step := RollupStep{SiteID: siteID, From: from, To: from}
		for len(step.Hours) < rollupHours && step.To.Before(until) {
			hour, err := nextHour(ctx, w.Store, siteID, step.To, until)
			if err != nil {
				return err
			}
			step.To = until
			if !hour.Hour.IsZero() {
				step.To = hour.Hour.Add(time.Hour)
				step.Hours = append(step.Hours, hour)
			}
		}
		if err := w.Store.AddRollups(ctx, step); err != nil {
			return err
		}
		from = step.To
	}
	return nil
}

// nextHour counts the decisions of the first hour in a time range that has any, starting at the first one.
// Its Hour is zero if there is none.
func nextHour(ctx context.Context, store LogStore, siteID string, from, to time.Time) (HourRollup, error) {
	first, err := store.NextDecisionAt(ctx, siteID, from, to)
	if err != nil || first.IsZero() {
		return HourRollup{}, err
	}
	end := hourOf(first).Add(time.Hour)
	if end.After(to) {
		end = to
	}
	tally, err := store.CountDecisions(ctx, siteID, first, end)
	for i := range tally.Counts {
		tally.Counts[i].Hour = hourOf(first)
	}
	return HourRollup{hourOf(first), tally}, err
}

func hourOf(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }
