package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// block is a block as the API returns it.
type block struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	Shown     string    `json:"shown"`
	Action    string    `json:"action"`
	Note      string    `json:"note"`
	CommentID string    `json:"comment_id"`
	Moderator string    `json:"moderator"`
	ExpiresAt time.Time `json:"expires_at"`
	Active    bool      `json:"active"`
}

const paperBlocks = "/api/v1/sites/paper/blocks"

// followShippedRules activates the shipped ruleset for the site paper.
func (s *fixture) followShippedRules() {
	s.t.Helper()
	saved := must(s.Rulebook.Save(s.t.Context(), moderation.Viewer{}, "paper", rulebook.Draft{Source: "extends: default\n"}))(s.t)
	must(s.Rulebook.Activate(s.t.Context(), moderation.Viewer{}, rulebook.Ref{SiteSlug: "paper", Version: saved.Version}))(s.t)
}

func (h *testServer) blocks(token string) []block {
	h.t.Helper()
	var got struct {
		Items []block `json:"items"`
	}
	h.do(call{method: http.MethodGet, path: paperBlocks, token: token}).want(http.StatusOK, &got)
	return got.Items
}

func TestABlockDecidesOnWaitingCommentsWhenAskedTo(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		iris := h.registerModerator("Iris", auth.RoleModerator, "paper")
		first := h.submit("One too many", fields{"author_email": "pest+1@junk.example"})
		second := h.submit("Two too many", fields{"author_email": "pest+2@junk.example"})
		var made struct {
			Waiting *bulkResponse `json:"waiting"`
		}
		blocks := "/api/v1/comments/" + first.Comment.ID + "/blocks"
		h.do(call{method: http.MethodPost, path: blocks, token: iris, body: fields{"kind": "name", "action": "spam"}}).want(http.StatusCreated, &made)
		if made.Waiting != nil || h.status(first.Comment.ID) != moderation.StatusPending {
			t.Errorf("without being asked to, it decided %+v", made.Waiting)
		}
		r := h.do(call{method: http.MethodPost, path: blocks, token: iris, body: fields{"kind": "email", "action": "reject", "decide_waiting": true}})
		r.want(http.StatusCreated, &made)
		if made.Waiting == nil || made.Waiting.Decided != 2 || h.status(second.Comment.ID) != moderation.StatusRejected {
			t.Errorf("%s; the other is %s", r.body, h.status(second.Comment.ID))
		}
		if strings.Contains(string(r.body), "junk") {
			t.Errorf("the answer tells the email: %s", r.body)
		}
	})
}

func TestABlockFromACommentAppliesToTheNextUntilItExpires(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		h.followShippedRules()
		iris := h.registerModerator("Iris", auth.RoleModerator, "paper")
		first := h.submit("One too many", fields{"author_email": "pest@junk.example"})
		var made block
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + first.Comment.ID + "/blocks", token: iris,
			body: fields{"kind": "email", "action": "reject", "minutes": 10, "note": "Again."}}).want(http.StatusCreated, &made)
		listed := h.blocks(iris)
		h.wantSame(listed, []block{{ID: made.ID, Kind: "email", Shown: "Ines Weber", Action: "reject", Note: "Again.",
			CommentID: first.Comment.ID, Moderator: "Iris", ExpiresAt: monday.Add(10 * time.Minute), Active: true}})

		next := h.submit("Another try", fields{"author_email": "PEST@junk.example"})
		own := h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + next.Comment.ID, token: next.Receipt})
		if next.Comment.Status != "rejected" || !strings.Contains(string(own.body), "You cannot comment here at present.") {
			t.Errorf("the next is %s: %s", next.Comment.Status, own.body)
		}
		if strings.Contains(string(own.body), "block") {
			t.Errorf("its writer reads of the block: %s", own.body)
		}
		again := call{method: http.MethodPost, path: paperBlocks, token: iris, body: fields{"kind": "email", "value": "pest@junk.example"}}
		h.do(again).want(http.StatusConflict, nil)
		h.clock.advance(10 * time.Minute)
		if after := h.submit("A third try", fields{"author_email": "pest@junk.example"}); after.Comment.Status != "pending" {
			t.Errorf("after the block ended it is %s", after.Comment.Status)
		}
		if h.blocks(iris)[0].Active {
			t.Error("the block still counts")
		}
		h.do(again).want(http.StatusCreated, nil)
	})
}

func TestABlockIsChangedAndRemoved(t *testing.T) {
	h := newTestServer(t)
	h.followShippedRules()
	ada := h.ada()
	var made block
	h.do(call{method: http.MethodPost, path: paperBlocks, token: ada, body: fields{"kind": "name", "value": "Ines Weber", "minutes": 5}}).
		want(http.StatusCreated, &made)
	one := paperBlocks + "/" + made.ID
	var changed block
	h.do(call{method: http.MethodPatch, path: one, token: ada, body: fields{"action": "spam", "minutes": 0}}).want(http.StatusOK, &changed)
	if changed.Action != "spam" || !changed.ExpiresAt.IsZero() {
		t.Errorf("%+v", changed)
	}
	h.do(call{method: http.MethodPatch, path: one, token: ada, wrong: true, body: fields{"action": "approve"}}).
		want(http.StatusUnprocessableEntity, nil)
	blocked := h.submit("How lovely")
	if got := h.status(blocked.Comment.ID); got != moderation.StatusSpam {
		t.Errorf("it is %s", got)
	}
	h.do(call{method: http.MethodDelete, path: one, token: ada}).want(http.StatusNoContent, nil)
	h.do(call{method: http.MethodDelete, path: one, token: ada}).want(http.StatusNotFound, nil)
	free := h.submit("How very lovely")
	if got := h.status(free.Comment.ID); got != moderation.StatusPending {
		t.Errorf("it is %s", got)
	}
}

func TestNotesStandInTheCase(t *testing.T) {
	h := newTestServer(t)
	ada := h.ada()
	first, second := h.submit("The first"), h.submit("The second")
	for _, body := range []fields{{"body": "Of this one."}, {"body": "Of the person.", "about": "commenter"}} {
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + first.Comment.ID + "/notes", token: ada, body: body}).
			want(http.StatusCreated, nil)
		h.clock.advance(time.Second)
	}
	notes := func(id string) (bodies []string) {
		var open struct {
			Notes []struct{ Body, Moderator string } `json:"notes"`
		}
		h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + id + "/moderation", token: ada}).want(http.StatusOK, &open)
		for _, n := range open.Notes {
			bodies = append(bodies, n.Moderator+": "+n.Body)
		}
		return bodies
	}
	h.wantSame(notes(first.Comment.ID), []string{"Ada: Of this one.", "Ada: Of the person."})
	h.wantSame(notes(second.Comment.ID), []string{"Ada: Of the person."})
	h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + first.Comment.ID + "/notes", token: ada, wrong: true, body: fields{"body": ""}}).
		want(http.StatusUnprocessableEntity, nil)
}
