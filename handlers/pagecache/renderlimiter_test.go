package pagecache

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"testing"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

func client(n byte) netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 32) }

// refusal names an error of admit and acquire.
func refusal(err error) string {
	var tooMany *moderation.RateLimitError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &tooMany):
		return "share"
	case errors.Is(err, httpio.ErrOverload):
		return "total"
	}
	return err.Error()
}

func (r *RenderLimiter) tryAdmit(t *testing.T, who netip.Prefix) string {
	t.Helper()
	release, err := r.admit(who)
	if err == nil {
		release()
	}
	return refusal(err)
}

func TestLargePagesThatAreReadSlowlyAreCountedForEachClientAndInTotal(t *testing.T) {
	r := NewRenderLimiter(400_000, 100_000) // 100,000 for each client, 500,000 in total
	var sent []func()
	send := func(who netip.Prefix, size int, senders *int) {
		sent = append(sent, r.CountSending(who, size, senders))
	}
	for range 1000 {
		send(client(1), largePage-1, nil)
	}
	send(client(1), 99_999, nil)
	if got := r.tryAdmit(t, client(1)); got != "" {
		t.Errorf("below the share: %s", got)
	}
	send(client(1), largePage, nil)
	if got := r.tryAdmit(t, client(1)); got != "share" {
		t.Errorf("above the share: %q", got)
	}
	if got := r.tryAdmit(t, client(2)); got != "" {
		t.Errorf("another client: %s", got)
	}
	cachedSenders := 0
	for n := range byte(100) {
		send(client(100+n), 300_000, &cachedSenders)
	}
	if got := r.tryAdmit(t, client(2)); got != "" {
		t.Errorf("a cached page that many read counts more than once: %s", got)
	}
	send(netip.Prefix{}, 100_000, nil)
	for _, who := range []netip.Prefix{client(2), {}} {
		if got := r.tryAdmit(t, who); got != "total" {
			t.Errorf("client %v, above the total: %q", who, got)
		}
	}
	for _, done := range sent {
		done()
	}
	if r.sending != 0 || r.refused.client != 1 || r.refused.total != 2 || len(r.clients) != 0 || cachedSenders != 0 {
		t.Errorf("afterwards: %+v", r)
	}
}

func TestAClientWaitsForItsTurnToRenderAndOthersDoNot(t *testing.T) {
	r := NewRenderLimiter(400_000, 0)
	var releases []func()
	for range r.slots {
		release, err := r.acquire(t.Context(), client(1))
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, release)
	}
	for _, who := range []netip.Prefix{client(2), {}} {
		release, err := r.acquire(t.Context(), who)
		if err != nil {
			t.Fatalf("client %v: %v", who, err)
		}
		release()
	}
	left, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.acquire(left, client(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that left while it waited: %v", err)
	}
	waited := make(chan error)
	go func() {
		_, err := r.acquire(t.Context(), client(1))
		waited <- err
	}()
	for !r.isWaiting(client(1), r.slots+1) {
	}
	sent := r.CountSending(client(1), 100_000, nil)
	releases[0]()
	releases[0]()
	if got := refusal(<-waited); got != "share" {
		t.Errorf("a client that used up its share meanwhile: %q", got)
	}
	sent()
	for _, release := range releases {
		release()
	}
	if len(r.clients) != 0 {
		t.Errorf("afterwards: %v", r.clients)
	}
}

func (r *RenderLimiter) isWaiting(who netip.Prefix, n int) bool {
	runtime.Gosched()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clients[who] != nil && r.clients[who].waits == n
}

func TestOneClientsRequestsThatWaitForPagesAreLimited(t *testing.T) {
	r := NewRenderLimiter(0, 0)
	for range maxClientWaits {
		if _, err := r.admit(client(1)); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.tryAdmit(t, client(1)); got != "share" {
		t.Errorf("one more: %q", got)
	}
	if got := r.tryAdmit(t, client(2)); got != "" {
		t.Errorf("another client: %q", got)
	}
}

func TestAClientThatJoinsARefusedRenderingIsServedByItsOwn(t *testing.T) {
	p, key := testCache(1<<20), Key{Article: "known"}
	p.limiter = NewRenderLimiter(400_000, 0)
	var releases []func()
	for range p.limiter.slots {
		release, err := p.limiter.acquire(t.Context(), client(1))
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, release)
	}
	found := map[netip.Prefix]chan error{client(1): make(chan error, 1), client(2): make(chan error, 1)}
	find := func(who netip.Prefix) {
		page, err := p.get(t.Context(), key, who, rendered("x"))
		if err == nil && page == nil {
			err = errors.New("no page")
		}
		found[who] <- err
	}
	go find(client(1))
	for !p.limiter.isWaiting(client(1), p.limiter.slots+2) { // the request and the rendering
	}
	go find(client(2))
	for !p.limiter.isWaiting(client(2), 1) {
	}
	sent := p.limiter.CountSending(client(1), 100_000, nil)
	defer sent()
	for _, release := range releases {
		release()
	}
	<-found[client(1)] // refused, or served what the other's request rendered
	if err := <-found[client(2)]; err != nil {
		t.Errorf("the client that joined: %v", err)
	}
	if _, err := p.get(t.Context(), key, client(1), rendered("x")); err != nil {
		t.Errorf("a cached page: %v", err)
	}
}
