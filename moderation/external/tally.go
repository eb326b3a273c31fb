package external

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Day counts the outcomes of calls to a classifier in a day (UTC).
type Day struct {
	ClassifierID string
	Day          string // as 2026-03-02
	Sent         int
	Answered     int           // of these
	Late         int           // of these
	Failed       int           // of these
	Skipped      int           // not sent: breaker, concurrency or budget
	Cached       int           // not sent: the answer was known
	Took         time.Duration // of the answered ones, together
	Longest      time.Duration
	Agreed       int // moderators decided as it had said
	Disagreed    int
}

// plus adds two counts of the same day.
func (d Day) plus(o Day) Day {
	d.Sent, d.Answered, d.Late, d.Failed = d.Sent+o.Sent, d.Answered+o.Answered, d.Late+o.Late, d.Failed+o.Failed
	d.Skipped, d.Cached = d.Skipped+o.Skipped, d.Cached+o.Cached
	d.Took, d.Longest = d.Took+o.Took, max(d.Longest, o.Longest)
	d.Agreed, d.Disagreed = d.Agreed+o.Agreed, d.Disagreed+o.Disagreed
	return d
}

// MeanTime is the mean time of an answer; 0 without answers.
func (d Day) MeanTime() time.Duration {
	if d.Answered == 0 {
		return 0
	}
	return d.Took / time.Duration(d.Answered)
}

// dayOf returns the day (UTC) of a time.
func dayOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// tally counts the calls of this node that storage does not have yet, and knows how many all nodes have sent
// today.
type tally struct {
	mu      sync.Mutex
	pending map[string]Day // by day
	stored  Day            // today's, as of the last look at storage
	reason  string         // why the last call failed; empty: it did not
}

// count adds to the counts of a day.
func (t *tally) count(at time.Time, n Day) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(dayOf(at), n)
}

func (t *tally) add(day string, n Day) {
	if t.pending == nil {
		t.pending = map[string]Day{}
	}
	t.pending[day] = t.pending[day].plus(n)
}

// take counts a request, unless the day's budget is used up; a budget of 0 is without limit.
func (t *tally) take(at time.Time, budget int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	day := dayOf(at)
	sent := t.pending[day].Sent
	if t.stored.Day == day {
		sent += t.stored.Sent
	}
	if budget > 0 && sent >= budget {
		return false
	}
	t.add(day, Day{Sent: 1})
	return true
}

// drain returns the counts that storage does not have yet and forgets them.
func (t *tally) drain(classifierID string) []Day {
	t.mu.Lock()
	defer t.mu.Unlock()
	var days []Day
	for _, day := range slices.Sorted(maps.Keys(t.pending)) {
		n := t.pending[day]
		n.ClassifierID, n.Day = classifierID, day
		days = append(days, n)
	}
	t.pending = nil
	return days
}

// remember sets today's counts of all nodes.
func (t *tally) remember(today Day) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stored = today
}

// now returns today's counts of all nodes.
func (t *tally) now(at time.Time) Day {
	t.mu.Lock()
	defer t.mu.Unlock()
	today := t.pending[dayOf(at)]
	if t.stored.Day == dayOf(at) {
		today = today.plus(t.stored)
	}
	today.Day = dayOf(at)
	return today
}

func (t *tally) setReason(reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reason = reason
}

func (t *tally) lastReason() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reason
}
