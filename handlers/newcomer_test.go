package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"rejoinder/moderation"
)

// queuePage is a page of the queue in the API.
type queuePage struct {
	Items []struct {
		Comment struct {
			ID      string
			Version int
			Status  moderation.Status
		}
		Body    string
		Verdict struct {
			Action string
			Hits   []struct{ Rule, Reason string }
		}
	}
	Total int
}

func TestANewcomersCommentIsHeldWithAReasonApprovedAndThenPublic(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		sent := h.submit("What a *pleasant* page.")
		if sent.Comment.Status != moderation.StatusPending || sent.Receipt == "" {
			h.t.Fatalf("a newcomer's comment is %s, with receipt %q", sent.Comment.Status, sent.Receipt)
		}
		if p := h.thread(""); p.Count != 0 || len(p.Comments) != 0 {
			h.t.Fatalf("a pending comment is public: %+v", p)
		}

		ada := h.ada()
		var queue queuePage
		h.do(call{method: http.MethodGet, path: "/api/v1/queue?site=paper&sort=risk", token: ada}).want(http.StatusOK, &queue)
		if queue.Total != 1 || len(queue.Items) != 1 {
			h.t.Fatalf("the queue has %d of %d items", len(queue.Items), queue.Total)
		}
		item := queue.Items[0]
		if item.Comment.ID != sent.Comment.ID || item.Body != "What a *pleasant* page." || len(item.Verdict.Hits) == 0 ||
			item.Verdict.Hits[0].Reason != "This commenter has no approved comment yet." {
			h.t.Fatalf("the queue does not say why the comment is held: %+v", item)
		}

		decisions := "/api/v1/comments/" + sent.Comment.ID + "/decisions"
		approve := fields{"action": "approve", "version": item.Comment.Version, "note": "Welcome."}
		var decided struct {
			Comment struct {
				Status  moderation.Status
				Version int
			}
		}
		h.do(call{method: http.MethodPost, path: decisions, token: ada, body: approve}).want(http.StatusOK, &decided)
		if decided.Comment.Status != moderation.StatusApproved || decided.Comment.Version != item.Comment.Version+1 {
			h.t.Fatalf("after approval the comment is %+v", decided.Comment)
		}
		h.do(call{method: http.MethodPost, path: decisions, token: ada, body: approve}).wantProblem(http.StatusConflict, "stale-version")

		p := h.thread("")
		if p.Count != 1 || len(p.Comments) != 1 || !strings.Contains(p.Comments[0].HTML, "<em>pleasant</em>") {
			h.t.Fatalf("the approved comment is not public: %+v", p)
		}
		var own struct{ Comment ownComment }
		h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + sent.Comment.ID, token: sent.Receipt}).want(http.StatusOK, &own)
		if own.Comment.Status != moderation.StatusApproved {
			h.t.Errorf("the writer sees %s", own.Comment.Status)
		}
	})
}
