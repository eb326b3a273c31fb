package moderation

import (
	"testing"
	"time"
)

func TestRateLimiterGivesBackWithTime(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	limiter := NewRateLimiter(6, func() time.Time { return now })
	for i := range 6 {
		if _, ok := limiter.Allow([]byte("one")); !ok {
			t.Fatalf("submission %d of 6 was refused", i+1)
		}
	}
	wait, ok := limiter.Allow([]byte("one"))
	if ok || wait != 10*time.Second {
		t.Fatalf("the seventh: allowed %t, wait %s; want refused for 10s", ok, wait)
	}
	if _, ok := limiter.Allow([]byte("two")); !ok {
		t.Error("another address was refused")
	}
	now = now.Add(wait)
	if _, ok := limiter.Allow([]byte("one")); !ok {
		t.Error("refused although the wait is over")
	}
}

func TestRateLimiterOfZeroSetsNoLimit(t *testing.T) {
	limiter := NewRateLimiter(0, time.Now)
	for range 1000 {
		if _, ok := limiter.Allow(nil); !ok {
			t.Fatal("refused without a limit")
		}
	}
}
