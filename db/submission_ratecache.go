package db

import (
	"sync"
	"time"

	"rejoinder/moderation"
)

const (
	// rateTTL is how long an article's rate is cached. Submissions to other processes are missing for that
	// long.
	rateTTL = time.Second
	// maxCachedRates is the maximum number of cached rates.
	maxCachedRates = 4096
)

// rateCache keeps the rates of articles for a moment, and adds what this process writes.
type rateCache struct {
	mu      sync.Mutex
	entries map[string]*cachedRate
}

type cachedRate struct {
	countedAt time.Time
	rate      moderation.Rate
}

// get returns a cached rate; false if there is none, or if it is too old.
func (r *rateCache) get(articleID string, now time.Time) (moderation.Rate, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.entries[articleID]
	if known == nil || !known.fresh(now) {
		return moderation.Rate{}, false
	}
	return known.rate, true
}

// fresh treats entries from the future as expired: the clock moved back.
func (r *cachedRate) fresh(now time.Time) bool {
	age := now.Sub(r.countedAt)
	return age >= 0 && age < rateTTL
}

// put stores a rate.
func (r *rateCache) put(articleID string, now time.Time, rate moderation.Rate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) >= maxCachedRates || r.entries == nil {
		r.entries = map[string]*cachedRate{} // dropped rates are counted again when needed
	}
	r.entries[articleID] = &cachedRate{countedAt: now, rate: rate}
}

// increment adds a submission that was just written.
func (r *rateCache) increment(articleID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.entries[articleID]; known != nil {
		known.rate = addRates(known.rate, moderation.Rate{Minute: 1, Hour: 1, Day: 1})
	}
}
