package rulebook

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// The counter runs two minutes behind, so reports on rules count the newest submissions and decisions
// themselves.
const (
	maxTailSteps   = 20 // batches of counterBatch; keeps reports fast if the counter has stopped
	maxTailRetries = 3
)

// ruleTail is the rule counts after the counter's progress.
type ruleTail struct {
	To   RuleProgress // later data is not included
	Days []RuleDay    // may contain a rule and day several times
}

// records returns all records of rules that ever fired, and sets the report's Counted time.
func (h *Health) records(ctx context.Context, siteID string, report *HealthReport) (map[string]RuleRecord, error) {
	var counted []RuleRecord
	tail, err := h.withTail(ctx, siteID, func() (err error) {
		counted, err = h.Store.RuleRecords(ctx, siteID, report.Since)
		return err
	})
	if err != nil {
		return nil, err
	}
	byRule := map[string]RuleRecord{}
	for _, r := range counted {
		byRule[r.Rule] = r
	}
	for _, day := range tail.Days {
		r := byRule[day.Rule]
		r.Rule = day.Rule
		if day.Day >= report.Since {
			r.Counts.add(day.Counts)
		}
		if day.LastAt.After(r.LastAt) {
			r.LastAt = day.LastAt
		}
		byRule[day.Rule] = r
	}
	report.Counted = tail.To.Submissions.At
	return byRule, nil
}

// withTail calls read for the counted records, and counts the rest. If the counter advances in between, it
// retries both, so nothing is counted twice. After repeated conflicts, it returns ErrBusy.
func (h *Health) withTail(ctx context.Context, siteID string, read func() error) (ruleTail, error) {
	for try := 1; ; try++ {
		before, err := h.Store.RuleProgress(ctx, siteID)
		if err == nil {
			err = read()
		}
		if err != nil {
			return ruleTail{}, err
		}
		after, err := h.Store.RuleProgress(ctx, siteID)
		if err != nil {
			return ruleTail{}, err
		}
		if before == after {
			return h.tail(ctx, siteID, after)
		}
		if try == maxTailRetries {
			return ruleTail{}, fmt.Errorf("count hits: the counter kept moving: %w", moderation.ErrBusy)
		}
	}
}

// tail counts what follows the progress, like the counter.
func (h *Health) tail(ctx context.Context, siteID string, progress RuleProgress) (ruleTail, error) {
	tail := ruleTail{To: progress}
	until := h.Now().UTC().Add(time.Microsecond) // exclusive
	for _, next := range (ruleTally{h.Store}).steps() {
		for n, done := 0, false; !done && n < maxTailSteps; n++ {
			step := CounterStep{SiteID: siteID, From: tail.To, To: tail.To}
			var err error
			if done, err = next(ctx, &step,
				moderation.HistoryQuery{SiteID: siteID, Until: until, Limit: counterBatch}); err != nil {
				return ruleTail{}, err
			}
			tail.To, tail.Days = step.To, append(tail.Days, step.Days...)
		}
	}
	return tail, nil
}
