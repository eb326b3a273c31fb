package moderation

import "time"

// The ends of time for a filter that names none.
var (
	earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(9998, 1, 1, 0, 0, 0, 0, time.UTC)
)

// NormalizeTimeRange fills in the ends of time, and refuses a time that ends before it begins.
func NormalizeTimeRange(from, to time.Time) (time.Time, time.Time, error) {
	if from.IsZero() {
		from = earliest
	}
	if to.IsZero() {
		to = latest
	}
	if to.Before(from) {
		var faults Invalid
		faults.Add("/to", "out_of_range", "This is not before from.")
		return from, to, faults.Err()
	}
	return from.UTC(), to.UTC(), nil
}
