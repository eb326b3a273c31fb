package moderation

import "time"

// The minimum and maximum time, for filters without bounds.
var (
	earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(9998, 1, 1, 0, 0, 0, 0, time.UTC)
)

// NormalizeTimeRange replaces missing bounds by the minimum and maximum time. It rejects a range that ends
// before it begins.
func NormalizeTimeRange(from, to time.Time) (time.Time, time.Time, error) {
	if from.IsZero() {
		from = earliest
	}
	if to.IsZero() {
		to = latest
	}
	if to.Before(from) {
		var faults Invalid
		faults.Add("/to", "out_of_range", "Must not be before the start.")
		return from, to, faults.Err()
	}
	return from.UTC(), to.UTC(), nil
}
