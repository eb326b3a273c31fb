package moderation

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// limitedKeys bounds how many keys a limiter remembers; the least recently seen is forgotten first.
const limitedKeys = 100_000

// RateLimiter is a token bucket per key, as a client's address or a site, in this process's memory.
// It is the hard stop before any work is done; velocity facts are what rules judge by.
type RateLimiter struct {
	perMinute int
	now       func() time.Time
	mu        sync.Mutex
	buckets   *lru.Cache[string, *rate.Limiter]
}

// NewRateLimiter allows perMinute submissions a minute for each key, all of them at once if need be.
// Zero or less sets no limit.
func NewRateLimiter(perMinute int, now func() time.Time) *RateLimiter {
	buckets, err := lru.New[string, *rate.Limiter](limitedKeys)
	if err != nil {
		panic("the number of limited keys is positive: " + err.Error())
	}
	return &RateLimiter{perMinute: perMinute, now: now, buckets: buckets}
}

// Allow takes one from the key's allowance, or says how long to wait. Addresses that are unknown have one key, and so one
// allowance, in common.
func (l *RateLimiter) Allow(key []byte) (time.Duration, bool) {
	if l.perMinute <= 0 {
		return 0, true
	}
	now := l.now()
	reservation := l.bucket(string(key)).ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
		return wait, false
	}
	return 0, true
}

func (l *RateLimiter) bucket(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.buckets.Get(key); ok {
		return b
	}
	b := rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
	l.buckets.Add(key, b)
	return b
}
