package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
)

// queueResponse is a page of the queue, or the claimed comments.
type queueResponse struct {
	Items []struct {
		Comment struct {
			ID string `json:"id"`
		} `json:"comment"`
		Body  string `json:"body"`
		Claim *struct {
			Moderator string `json:"moderator"`
		} `json:"claim"`
	} `json:"items"`
	Total     int  `json:"total"`
	TotalMore bool `json:"total_more"`
}

func (q queueResponse) bodies() []string {
	bodies := []string{}
	for _, item := range q.Items {
		bodies = append(bodies, item.Body)
	}
	return bodies
}

func (h *testServer) claim(token string, body fields) []string {
	h.t.Helper()
	var got queueResponse
	h.do(call{method: http.MethodPost, path: "/api/v1/queue/claims", token: token, body: body}).want(http.StatusOK, &got)
	return got.bodies()
}

func (h *testServer) wantSame(got, want any) {
	h.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAClaimIsSeenAndRespectedByOthers(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada, iris := h.ada(), h.registerModerator("Iris", auth.RoleModerator)
		first := h.submit("The first one")
		h.submit("The second one")
		h.wantSame(h.claim(ada, fields{"count": 1, "site": "paper"}), []string{"The first one"})
		h.wantSame(h.claim(iris, fields{"count": 5}), []string{"The second one"})
		var page queueResponse
		h.do(call{method: http.MethodGet, path: "/api/v1/queue", token: iris}).want(http.StatusOK, &page)
		if len(page.Items) != 2 || page.Items[0].Claim == nil || page.Items[0].Claim.Moderator != "Ada" {
			h.t.Errorf("the list does not name the holder of a claim: %+v", page)
		}
		decide := call{method: http.MethodPost, path: "/api/v1/comments/" + first.Comment.ID + "/decisions", token: iris,
			body: fields{"action": "approve", "version": 1}}
		refused := h.do(decide)
		refused.wantProblem(http.StatusConflict, "claimed")
		if !strings.Contains(string(refused.body), `"moderator":"Ada"`) {
			h.t.Errorf("the refusal does not name the holder: %s", refused.body)
		}
		h.clock.advance(6 * time.Minute)
		h.do(decide).want(http.StatusOK, nil)
		var open struct {
			Decisions []struct {
				Moderator string `json:"moderator"`
			} `json:"decisions"`
		}
		h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + first.Comment.ID + "/moderation", token: ada}).want(http.StatusOK, &open)
		if open.Decisions[1].Moderator != "Iris" {
			h.t.Errorf("the history does not name the moderator: %+v", open)
		}
	})
}

func TestClaimsAreRenewedAndReleased(t *testing.T) {
	h := newTestServer(t)
	ada, iris := h.ada(), h.registerModerator("Iris", auth.RoleModerator)
	held := h.submit("Held")
	h.claim(ada, fields{"count": 1, "minutes": 2})
	var renewed struct {
		Renewed int `json:"renewed"`
	}
	h.do(call{method: http.MethodPost, path: "/api/v1/queue/claims/renew", token: ada, body: fields{"minutes": 10}}).want(http.StatusOK, &renewed)
	h.wantSame(renewed.Renewed, 1)
	h.clock.advance(9 * time.Minute)
	h.wantSame(h.claim(iris, fields{"count": 1}), []string{})
	h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + held.Comment.ID + "/decisions", token: iris,
		body: fields{"action": "spam", "version": 1, "force": true}}).want(http.StatusOK, nil)
	h.submit("Another")
	h.wantSame(h.claim(ada, fields{"count": 1}), []string{"Another"})
	h.do(call{method: http.MethodDelete, path: "/api/v1/queue/claims", token: ada}).want(http.StatusOK, nil)
	h.wantSame(h.claim(iris, fields{"count": 1}), []string{"Another"})
	h.do(call{method: http.MethodPost, path: "/api/v1/queue/claims", token: ada, wrong: true, body: fields{"count": 0}}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "/count out_of_range")
	h.do(call{method: http.MethodPost, path: "/api/v1/queue/claims", token: ada, wrong: true, body: fields{"count": 1, "minutes": 31}}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "/minutes out_of_range")
	h.do(call{method: http.MethodPost, path: "/api/v1/queue/claims", token: ada, wrong: true, body: fields{"count": 1, "sort": "best"}}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "/sort unknown")
}

func TestOneCommentIsClaimedByItsID(t *testing.T) {
	h := newTestServer(t)
	ada, iris := h.ada(), h.registerModerator("Iris", auth.RoleModerator)
	first, _ := h.submit("The first one"), h.submit("The second one")
	claim := call{method: http.MethodPost, path: "/api/v1/comments/" + first.Comment.ID + "/claim", token: ada, body: fields{}}
	h.do(claim).want(http.StatusOK, nil)
	h.do(claim).want(http.StatusOK, nil)
	claim.token = iris
	refused := h.do(claim)
	refused.wantProblem(http.StatusConflict, "claimed")
	if !strings.Contains(string(refused.body), `"moderator":"Ada"`) {
		h.t.Errorf("the refusal does not name the holder: %s", refused.body)
	}
	free := func(token string) []string {
		h.t.Helper()
		var page queueResponse
		h.do(call{method: http.MethodGet, path: "/api/v1/queue?free=true", token: token}).want(http.StatusOK, &page)
		h.wantSame(page.Total, len(page.Items))
		return page.bodies()
	}
	h.wantSame(free(iris), []string{"The second one"})
	h.wantSame(free(ada), []string{"The first one", "The second one"})
	h.clock.advance(5*time.Minute + time.Second)
	h.wantSame(free(iris), []string{"The first one", "The second one"})
	h.do(claim).want(http.StatusOK, nil)
	for _, minutes := range []int{31, 0, -1} {
		claim.body, claim.wrong = fields{"minutes": minutes}, true
		h.do(claim).wantProblem(http.StatusUnprocessableEntity, "invalid", "/minutes out_of_range")
	}
	claim.path = "/api/v1/comments/01957000-0000-7000-8000-ffffffffffff/claim"
	claim.body, claim.wrong = fields{}, false
	h.do(claim).wantProblem(http.StatusNotFound, "not-found")
}

func TestDeletedCommentsAreNotClaimed(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada := h.ada()
		deleted, withdrawn := h.submit("A moderator deletes it"), h.submit("Its writer withdraws it")
		h.decideWith(ada, deleted.Comment.ID, fields{"action": "delete", "version": 1})
		h.do(call{method: http.MethodDelete, path: "/api/v1/comments/" + withdrawn.Comment.ID, token: withdrawn.Receipt}).
			want(http.StatusNoContent, nil)
		for _, id := range []string{deleted.Comment.ID, withdrawn.Comment.ID} {
			h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + id + "/claim", token: ada, body: fields{}}).
				wantProblem(http.StatusConflict, "transition")
			h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + id + "/decisions", token: ada,
				body: fields{"action": "approve", "version": 2}}).wantProblem(http.StatusConflict, "transition")
		}
		h.do(call{method: http.MethodPost, path: "/api/v1/queue/claims", token: ada, body: fields{"status": "deleted", "count": 2}}).
			wantProblem(http.StatusConflict, "transition")
	})
}

func TestTheQueueIsFiltered(t *testing.T) {
	h := newTestServer(t)
	ada := h.ada()
	h.submit("Have a look at https://shop.example/offer before it is gone")
	h.submit("Das ist nicht das, was wir von der Stadt gehört haben, und es ist auch nicht gut.")
	again := h.submit("Das ist nicht das, was wir von der Stadt gehört haben, und es ist auch nicht gut.",
		fields{"author_email": "other@readers.example"})
	list := func(query string) []string {
		h.t.Helper()
		var page queueResponse
		h.do(call{method: http.MethodGet, path: "/api/v1/queue?" + query, token: ada}).want(http.StatusOK, &page)
		h.wantSame(page.Total, len(page.Items))
		return page.bodies()
	}
	german := "Das ist nicht das, was wir von der Stadt gehört haben, und es ist auch nicht gut."
	h.wantSame(list("q="+url.QueryEscape(`"look at" shop.example -refund`)), []string{"Have a look at https://shop.example/offer before it is gone"})
	h.wantSame(list("q="+url.QueryEscape(`look -offer`)), []string{})
	h.wantSame(list("host=shop.example"), []string{"Have a look at https://shop.example/offer before it is gone"})
	h.wantSame(list("language=de"), []string{german, german})
	var open struct {
		Comment struct {
			Cluster     string `json:"cluster"`
			CommenterID string `json:"commenter_id"`
		} `json:"comment"`
	}
	h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + again.Comment.ID + "/moderation", token: ada}).want(http.StatusOK, &open)
	h.wantSame(list("cluster="+open.Comment.Cluster), []string{german, german})
	h.wantSame(list("cluster="+open.Comment.Cluster+"&commenter="+open.Comment.CommenterID), []string{german})
	h.wantSame(list("from=2100-01-01T00:00:00Z"), []string{})
	bad := func(query string, faults ...string) {
		h.do(call{method: http.MethodGet, path: "/api/v1/queue?" + query, token: ada}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", faults...)
	}
	bad("article=one", "/site required")
	bad("rule=x&status=spam", "/rule pending_only")
	bad("status=any", "/status reported_only")
	bad("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "/to out_of_range")
	bad("language=%ff", "/language malformed")
}
