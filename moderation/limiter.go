package moderation

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"rejoinder/privacy"
)

// maxLimitedKeys bounds how many keys a limiter remembers; the least recently seen is forgotten first.
const maxLimitedKeys = 100_000

// networkShare is the allowance of an IPv6 /48 as a multiple of an address's allowance. One customer may own
// a whole /48, and so 65,536 subnets that each look like a subscriber.
const networkShare = 16

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

// AllowAddress takes one from the allowance of a client's address (IPv6: its /64) and from that of the IPv6
// /48 around it, or returns how long to wait. Clients whose address is unknown share one allowance.
func (l *RateLimiter) AllowAddress(address netip.Addr) (time.Duration, bool) {
	if l.perMinute <= 0 {
		return 0, true
	}
	now := l.now()
	giveBack := func() {}
	if network := privacy.Network(address); network.IsValid() {
		// Check this first, so that an exhausted network creates no bucket for each of its subnets.
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

// take takes one from a key's allowance, which is shares times the usual one. It takes nothing if there is a
// wait.
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
