package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation/stats"
)

type transparencyReport struct {
	Site      string
	Arrived   int
	Automated stats.StatusTotals
	People    stats.StatusTotals
	Readers   stats.StatusTotals
	Reasons   []struct {
		Code      *string `json:"reason_code"`
		Automated int
		People    int
	}
	Waits struct {
		Decisions     int
		MedianSeconds *int `json:"median_seconds"`
	}
	Appeals stats.AppealTotals
}

func TestTheTransparencyReportAddsUp(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		a, b := h.submit("One that waits").Comment.ID, h.submit("Another one that waits").Comment.ID
		declined := h.submit("Not this one, please decline")
		h.submit("Is public, please publish")
		h.clock.advance(100 * time.Second)
		token := h.ada()
		h.reject(token, a, "hate", "")
		undone := h.reject(token, b, "spam", "")
		h.do(call{method: http.MethodPost, path: "/api/v1/decisions/" + undone + "/undo", token: token}).want(http.StatusOK, nil)
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + declined.Comment.ID + "/appeal", token: declined.Receipt,
			body: fields{"text": "Please look again."}}).want(http.StatusOK, nil)
		h.clock.advance(time.Second)
		var got transparencyReport
		h.do(call{method: http.MethodGet, path: "/api/v1/sites/paper/transparency", token: token}).want(http.StatusOK, &got)
		if len(got.Reasons) != 2 || got.Reasons[0].Code == nil || *got.Reasons[0].Code != "hate" || got.Reasons[0].People != 1 ||
			got.Reasons[1].Code != nil || got.Reasons[1].Automated != 1 {
			h.t.Errorf("the reasons are %+v", got.Reasons)
		}
		if m := got.Waits.MedianSeconds; got.Waits.Decisions != 1 || m == nil || *m < 95 || *m > 105 {
			h.t.Errorf("the waits are %+v", got.Waits)
		}
		got.Reasons, got.Waits.MedianSeconds, got.Waits.Decisions = nil, nil, 0
		want := transparencyReport{Site: "paper", Arrived: 4, Automated: stats.StatusTotals{Held: 2, Rejected: 1, Approved: 1},
			People: stats.StatusTotals{Rejected: 1}, Appeals: stats.AppealTotals{Made: 1, Open: 1}}
		if diff := cmp.Diff(want, got); diff != "" {
			h.t.Errorf("the account (-want +got):\n%s", diff)
		}
		var before transparencyReport
		h.do(call{method: http.MethodGet, path: "/api/v1/sites/paper/transparency?to=2026-03-01T00:00:00Z", token: token}).want(http.StatusOK, &before)
		if before.Arrived != 0 || before.Waits.MedianSeconds != nil || before.Appeals.Made != 0 {
			h.t.Errorf("before anything it is %+v", before)
		}
	})
}
