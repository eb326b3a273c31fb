package moderation

import (
	"fmt"
	"net/netip"
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

func TestSubnetsOfOneNetworkShareALargerAllowance(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	limiter := NewRateLimiter(2, func() time.Time { return now })
	allowed := func(address string) bool {
		_, ok := limiter.AllowAddress(netip.MustParseAddr(address))
		return ok
	}
	for range 1000 { // a subnet uses up its own allowance, not its neighbours'
		allowed("2001:db8:1:ffff::1")
	}
	passed := 2
	for subnet := range 1000 {
		if allowed(fmt.Sprintf("2001:db8:1:%x::1", subnet)) {
			passed++
		}
	}
	if passed != 2*networkShare {
		t.Errorf("%d of one network were allowed, want %d", passed, 2*networkShare)
	}
	for address, want := range map[string]bool{"2001:db8:1:fffe::1": false, "2001:db8:2::1": true, "192.0.2.1": true, "::ffff:192.0.2.1": true} {
		if got := allowed(address); got != want {
			t.Errorf("%s is allowed: %v, want %v", address, got, want)
		}
	}
	if allowed("192.0.2.1") {
		t.Error("an IPv4 address has another allowance when it is mapped into IPv6")
	}
	now = now.Add(time.Minute)
	if !allowed("2001:db8:1:fffe::1") {
		t.Error("a network is refused although a minute has passed")
	}
}

func TestAnUnknownAddressHasAnAllowanceToo(t *testing.T) {
	limiter := NewRateLimiter(1, time.Now)
	limiter.AllowAddress(netip.Addr{})
	if _, ok := limiter.AllowAddress(netip.Addr{}); ok {
		t.Error("clients without an address have no limit")
	}
}
