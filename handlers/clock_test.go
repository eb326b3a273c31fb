package handlers_test

import (
	"net/http"
	"testing"
	"time"
)

func TestAClockThatJumpsBackAnHourLosesAndPublishesNothing(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		first := h.approved("quay", "", "First")
		waiting, decided := h.submit("Waits, this one"), h.submit("Decided, by a slip")
		slip := h.decideWith(h.ada(), decided.Comment.ID, fields{"action": "approve", "version": 1})
		h.wantThread("First Decided")

		h.clock.advance(-time.Hour)
		h.approved("quay", first, "Later")
		h.wantThread("First[Later] Decided")
		ada := h.ada()
		h.undo(ada, slip.DecisionID).want(http.StatusOK, nil)
		h.wantThread("First[Later]")
		h.decideWith(ada, waiting.Comment.ID, fields{"action": "approve", "version": 1})

		h.clock.advance(2 * time.Hour)
		h.wantThread("First[Later] Waits")
		if wrong, err := h.db.Miscounts(h.t.Context()); err != nil || len(wrong) != 0 {
			h.t.Errorf("the counters afterwards: %v, %v", wrong, err)
		}
	})
}

func (h *testServer) wantThread(want string) {
	h.t.Helper()
	if got := outline(h.thread("").Comments); got != want {
		h.t.Errorf("the thread is %q, want %q", got, want)
	}
}
