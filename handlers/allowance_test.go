package handlers_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestAnonymousRequestsHaveRateLimitsOfTheirOwn(t *testing.T) {
	h := newTestServer(t)
	sent := h.submit("Mine, please publish it")
	for _, tc := range []struct {
		name  string
		call  call
		allow int
	}{
		{"previews", call{method: http.MethodPost, path: "/api/v1/sites/paper/preview", body: fields{"body": "*Hello*"}}, 60},
		{"looks at an own comment", call{method: http.MethodGet, path: "/api/v1/comments/" + sent.Comment.ID, token: sent.Receipt}, 600},
		{"looks at a link", call{method: http.MethodPost, path: "/api/v1/auth/links/look-up", body: fields{"secret": "x"}}, 60},
		{"renewals", call{method: http.MethodPost, path: refreshPath, wrong: true}, 240},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := h.in(t)
			tc.call.address = "198.51.100.7"
			for i := range tc.allow {
				if r := h.send(tc.call); r.status == http.StatusTooManyRequests {
					t.Fatalf("refused after %d", i)
				}
			}
			tc.call.wrong = true
			refused := h.do(tc.call)
			refused.wantProblem(http.StatusTooManyRequests, "too-many")
			if refused.header.Get("Retry-After") == "" {
				t.Error("nobody says when to try again")
			}
			tc.call.address = "198.51.100.8"
			if r := h.send(tc.call); r.status == http.StatusTooManyRequests {
				t.Error("another address is refused, too")
			}
		})
	}
	h.clock.advance(time.Minute)
	h.get("/api/v1/sites/paper/thread?article=quay").want(http.StatusOK, nil)
}

func TestASubnetForEachPreviewGainsLittle(t *testing.T) {
	h := newTestServer(t)
	passed := 0
	for subnet := range 2000 {
		r := h.send(call{method: http.MethodPost, path: "/api/v1/sites/paper/preview", body: fields{"body": "*Hello*"},
			address: fmt.Sprintf("2001:db8:7:%x::1", subnet)})
		if r.status == http.StatusOK {
			passed++
		}
	}
	if passed != 16*60 {
		t.Errorf("%d previews for one customer in a minute, want %d", passed, 16*60)
	}
}
