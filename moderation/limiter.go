package moderation

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"rejoinder/privacy"
)

// maxLimitedKeys is the maximum number of keys in a limiter; the least recently used is evicted.
const maxLimitedKeys = 100_000

// networkShare is the allowance of an IPv6 /48 as a multiple of one address's. A single customer may own a
// whole /48, with 65,536 subnets that each look like a subscriber.
const networkShare = 16

// RateLimiter is an in-memory token bucket per key, such as a client address or a site. It is a hard limit
// before any work is done; rules use the velocity facts.
type RateLimiter struct {
	perMinute int
	now       func() time.Time
	mu        sync.Mutex
	buckets   *lru.Cache[string, *rate.Limiter]
}

// NewRateLimiter allows perMinute submissions per minute and key, with bursts of the same size. Zero or less
// disables the limit.
func NewRateLimiter(perMinute int, now func() time.Time) *RateLimiter {
	buckets, err := lru.New[string, *rate.Limiter](maxLimitedKeys)
	if err != nil {
		panic("the number of limited keys is positive: " + err.Error())
	}
	return &RateLimiter{perMinute: perMinute, now: now, buckets: buckets}
}

// Allow takes one from the key's allowance, or returns how long to wait.
func (l *RateLimiter) Allow(key []byte) (time.Duration, bool) {
	if l.perMinute <= 0 {
		return 0, true
	}
	_, wait := l.take(string(key), 1, l.now())
	return wait, wait == 0
}

// AllowAddress takes one from the allowances of a client address (IPv6: its /64) and of its IPv6 /48, or
// returns how long to wait. Clients with unknown addresses share one allowance.
func (l *RateLimiter) AllowAddress(address netip.Addr) (time.Duration, bool) {
	if l.perMinute <= 0 {
		return 0, true
	}
	now := l.now()
	giveBack := func() {}
	if network := privacy.Network(address); network.IsValid() {
		// Check the network first, so that an exhausted one creates no buckets for its subnets.
		taken, wait := l.take(network.String(), networkShare, now)
		if wait > 0 {
			return wait, false
		}
		giveBack = func() { taken.CancelAt(now) }
	}
	_, wait := l.take(privacy.Subscriber(address).String(), 1, now)
	if wait > 0 {
		giveBack()
	}
	return wait, wait == 0
}

// take takes one from a key's allowance, which is shares times the usual one. It takes nothing if it returns
// a wait.
func (l *RateLimiter) take(key string, shares int, now time.Time) (*rate.Reservation, time.Duration) {
	taken := l.bucket(key, shares).ReserveN(now, 1)
	wait := taken.DelayFrom(now)
	if wait > 0 {
		taken.CancelAt(now)
	}
	return taken, wait
}

func (l *RateLimiter) bucket(key string, shares int) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.buckets.Get(key); ok {
		return b
	}
	b := rate.NewLimiter(rate.Limit(float64(l.perMinute*shares)/60), l.perMinute*shares)
	l.buckets.Add(key, b)
	return b
}
