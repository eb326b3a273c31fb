package moderation

import (
	"context"
	"fmt"
	"time"
)

// The counter works two minutes behind, so reports on rules count the newest submissions and decisions themselves.
const (
	maxTailSteps   = 20 // of counterBatch each: a report stays fast when the counter has stopped
	maxTailRetries = 3
)

// ruleTail is what rules did after the counter's progress.
type ruleTail struct {
	To   RuleProgress // what came later is not in it
	Days []RuleDay    // a rule and a day may be in it several times
}

// records returns what is known of every rule that ever fired, and notes in the report up to when it is complete.
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

// withTail reads what was counted, and counts the rest. If the counter moves on in between, it does both again, so that
// nothing is counted twice or left out; if that goes on, it returns ErrBusy.
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
			return ruleTail{}, fmt.Errorf("count hits: the counter kept moving: %w", ErrBusy)
		}
	}
}

// tail counts what came after the progress, by the rules of the counter.
func (h *Health) tail(ctx context.Context, siteID string, progress RuleProgress) (ruleTail, error) {
	tail := ruleTail{To: progress}
	until := h.Now().UTC().Add(time.Microsecond) // which is not included
	for _, next := range (ruleTally{h.Store}).steps() {
		for n, done := 0, false; !done && n < maxTailSteps; n++ {
			step := CounterStep{SiteID: siteID, From: tail.To, To: tail.To}
			var err error
			if done, err = next(ctx, &step, PastSelect{SiteID: siteID, Until: until, Limit: counterBatch}); err != nil {
				return ruleTail{}, err
			}
			tail.To, tail.Days = step.To, append(tail.Days, step.Days...)
		}
	}
	return tail, nil
}
