package moderation

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// limitedAddresses bounds how many addresses a limiter remembers; the least recently seen is forgotten first.
const limitedAddresses = 100_000

// AddressLimiter is a token bucket per client address, in this process's memory.
// It is the hard stop before any work is done; velocity facts are what rules judge by.
type AddressLimiter struct {
	perMinute int
	now       func() time.Time
	mu        sync.Mutex
	buckets   *lru.Cache[string, *rate.Limiter]
}

// NewAddressLimiter allows perMinute submissions a minute for each address, all of them at once if need be.
// Zero or less sets no limit.
func NewAddressLimiter(perMinute int, now func() time.Time) *AddressLimiter {
	buckets, err := lru.New[string, *rate.Limiter](limitedAddresses)
	if err != nil {
		panic("the number of limited addresses is positive: " + err.Error())
	}
	return &AddressLimiter{perMinute: perMinute, now: now, buckets: buckets}
}

// Allow takes one from the address's allowance, or says how long to wait. An unknown address shares one allowance
// with all other unknown ones.
func (l *AddressLimiter) Allow(addressIndex []byte) (time.Duration, bool) {
	if l.perMinute <= 0 {
		return 0, true
	}
	now := l.now()
	reservation := l.bucket(string(addressIndex)).ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
		return wait, false
	}
	return 0, true
}

func (l *AddressLimiter) bucket(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.buckets.Get(key); ok {
		return b
	}
	b := rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
	l.buckets.Add(key, b)
	return b
}
