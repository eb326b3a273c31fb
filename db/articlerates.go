package db

import (
	"sync"
	"time"

	"rejoinder/moderation"
)

const (
	// rateAge is for how long it is remembered what was counted of an article. What other processes write
	// meanwhile is missing for that long.
	rateAge = time.Second
	// ratesKept is of how many articles it is remembered.
	ratesKept = 4096
)

// articleRates remembers for a moment how much was sent to articles, and goes on counting what this process
// writes.
type articleRates struct {
	mu    sync.Mutex
	known map[string]*articleRate
}

type articleRate struct {
	counted time.Time
	rate    moderation.Rate
}

// at returns what is remembered of an article; false when that is nothing, or too old.
func (r *articleRates) at(articleID string, now time.Time) (moderation.Rate, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.known[articleID]
	if known == nil || !known.fresh(now) {
		return moderation.Rate{}, false
	}
	return known.rate, true
}

// fresh is false, too, when the clock was set back.
func (r *articleRate) fresh(now time.Time) bool {
	age := now.Sub(r.counted)
	return age >= 0 && age < rateAge
}

// learn remembers what was counted.
func (r *articleRates) learn(articleID string, now time.Time, rate moderation.Rate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= ratesKept || r.known == nil {
		r.known = map[string]*articleRate{} // what is dropped is counted again when it is asked for
	}
	r.known[articleID] = &articleRate{counted: now, rate: rate}
}

// count counts one more that was sent just now.
func (r *articleRates) count(articleID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.known[articleID]; known != nil {
		known.rate = sumRates(known.rate, moderation.Rate{Minute: 1, Hour: 1, Day: 1})
	}
}
