package handlers

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/route"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

func TestOnlyRoutesForRulesetsAndBatchesTakeLargeBodies(t *testing.T) {
	s := &Server{Config: Config{Limits: Limits{Body: 20_000}}}
	large := 0
	for _, r := range s.routes() {
		want := int64(20_000)
		if r.Flags.Has(route.LargeBody) {
			large, want = large+1, console.MaxRulesetForm
			if r.Access == route.Public {
				t.Errorf("%s %s takes large bodies from everybody", r.Method, r.Path)
			}
		}
		if got := s.bodyLimit(r.Flags); got != want {
			t.Errorf("%s %s takes %d bytes, want %d", r.Method, r.Path, got, want)
		}
	}
	if large != 8 {
		t.Errorf("%d routes take rulesets or batches of articles", large)
	}
}

func TestAHandlerCanLiftItsDeadline(t *testing.T) {
	s := &Server{Config: Config{Limits: Limits{Handler: 250 * time.Millisecond}}, inFlight: newInFlightLimiter(0)}
	for takes, want := range map[bool]int{true: http.StatusOK, false: http.StatusGatewayTimeout} {
		engine := gin.New()
		engine.GET("/", s.withLimits(0, func(c *gin.Context) {
			if takes {
				httpio.LiftDeadlines(c)
			}
			select {
			case <-c.Request.Context().Done():
				c.Status(http.StatusGatewayTimeout)
			case <-time.After(500 * time.Millisecond):
				c.Status(http.StatusOK)
			}
		}))
		recorder := httptest.NewRecorder()
		engine.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
		if recorder.Code != want {
			t.Errorf("deadline lifted: %t, status %d", takes, recorder.Code)
		}
	}
}

func TestClientsShareTheSlotsForHashing(t *testing.T) {
	r := newHashLimiter(8)
	var tooMany *moderation.RateLimitError
	for i, c := range []struct {
		client string
		full   bool // the limiter
		own    bool // the client's share of it
	}{
		{"a", false, false}, {"a", false, false}, {"a", false, true}, {"b", false, false}, {"b", false, false}, {"c", false, false},
		{"c", false, false}, {"d", false, false}, {"d", false, false}, {"e", true, false}, {"a", true, false},
	} {
		err := r.acquire(c.client)
		if errors.Is(err, httpio.ErrOverload) != c.full || errors.As(err, &tooMany) != c.own {
			t.Errorf("%d, client %s: %v", i, c.client, err)
		}
	}
	for _, client := range []string{"a", "a", "b", "b", "c", "c", "d", "d"} {
		r.release(client)
	}
	if count, refused := r.stats(); count != 0 || refused != 3 || len(r.byClient) != 0 {
		t.Errorf("afterwards %d slots are taken, of %v; %d requests were refused", count, r.byClient, refused)
	}
}

func TestLargeBodiesCannotUseTheWholeBudget(t *testing.T) {
	b := newBodyBudget(100_000)
	for i, c := range []struct {
		bytes, size int64
		fits        bool
	}{
		{60_000, 60_000, true}, {15_000, smallBody + 1, true}, {1, smallBody + 1, false}, {smallBody, smallBody, true},
		{smallBody, smallBody, false}, {8_000, 8_000, true},
	} {
		if err := b.reserve(c.bytes, c.size); (err == nil) != c.fits || err != nil && !errors.Is(err, httpio.ErrOverload) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if b.reserved.Load() != 60_000+15_000+smallBody+8_000 || b.refused.Load() != 2 {
		t.Errorf("%d bytes are reserved, %d bodies were refused", b.reserved.Load(), b.refused.Load())
	}
}

func TestRequestsThatHashAPasswordDoNotBlockReaders(t *testing.T) {
	s := &Server{Config: Config{Limits: Limits{InFlight: 1, Hashing: 4}}, Log: slog.New(slog.DiscardHandler)}
	s.inFlight, s.hashing = newInFlightLimiter(1), newHashLimiter(4)
	s.sessions = &session.Sessions{Keys: noKeys{}}
	inside, release := make(chan struct{}), make(chan struct{})
	engine := gin.New()
	if err := engine.SetTrustedProxies([]string{"192.0.2.0/24"}); err != nil {
		t.Fatal(err)
	}
	engine.POST("/sign-in", s.withLimits(route.HashesPassword, func(c *gin.Context) { inside <- struct{}{}; <-release; c.Status(http.StatusNoContent) }))
	engine.GET("/thread", s.withLimits(0, func(c *gin.Context) { c.Status(http.StatusOK) }))
	ask := func(method, path, client string) int {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set(headerForwarded, client)
		recorder := httptest.NewRecorder()
		engine.ServeHTTP(recorder, r)
		return recorder.Code
	}
	var waiting sync.WaitGroup
	for _, client := range []string{"198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"} {
		waiting.Go(func() {
			if status := ask(http.MethodPost, "/sign-in", client); status != http.StatusNoContent {
				t.Errorf("%s got %d", client, status)
			}
		})
		<-inside
	}
	if status := ask(http.MethodGet, "/thread", "198.51.100.1"); status != http.StatusOK {
		t.Errorf("a reader got %d", status)
	}
	if status := ask(http.MethodPost, "/sign-in", "198.51.100.5"); status != http.StatusServiceUnavailable {
		t.Errorf("a client without a slot got %d", status)
	}
	close(release)
	waiting.Wait()
}

// noKeys uses client addresses as their own keys.
type noKeys struct{ httpio.Keys }

func (noKeys) AddressIndex(address netip.Addr) []byte { return address.AsSlice() }
