package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"rejoinder/auth"
)

func TestAMovedPageKeepsItsThread(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		t, admin := h.t, h.registerModerator("Chief", auth.RoleAdmin)
		const aliases = "/api/v1/sites/paper/articles/aliases"
		h.submit("Lamps, please publish")
		add := func(alias, article string, wrong bool) reply {
			return h.do(call{method: http.MethodPost, path: aliases, token: admin, wrong: wrong, body: fields{"alias": alias, "article": article}})
		}
		var before threadPage
		h.get("/api/v1/sites/paper/thread?article=quay-2").want(http.StatusOK, &before) // a page that must not be kept
		add("quay-2", "quay", false).want(http.StatusCreated, nil)
		add("quay-3", "quay-2", false).want(http.StatusCreated, nil)
		add("quay-2", "quay", false).wantProblem(http.StatusConflict, "exists")
		add("quay", "quay-3", false).wantProblem(http.StatusUnprocessableEntity, "invalid", "/alias same")
		add("", strings.Repeat("x", 513), true).wantProblem(http.StatusUnprocessableEntity, "invalid", "/alias required", "/article too_long")
		add("x", "nosuch", false).wantProblem(http.StatusNotFound, "article-unknown")

		h.submit("By the new address, please publish", fields{"article": fields{"key": "quay-3"}})
		for _, key := range []string{"quay", "quay-2", "quay-3"} {
			var p threadPage
			h.get("/api/v1/sites/paper/thread?article="+key).want(http.StatusOK, &p)
			if p.Count != 2 || len(p.Comments) != 2 || p.Article.Key != "quay" {
				t.Errorf("under %s the thread is %+v", key, p)
			}
			html := h.get("/sites/paper/page?article="+key).want(http.StatusOK, nil)
			if !strings.Contains(string(html.body), "By the new address") {
				t.Errorf("the page under %s lacks the comment", key)
			}
		}
		var counted struct{ Counts map[string]int }
		h.get("/api/v1/sites/paper/counts?article=quay&article=quay-3&article=other").want(http.StatusOK, &counted)
		if counted.Counts["quay"] != 2 || counted.Counts["quay-3"] != 2 || counted.Counts["other"] != 0 {
			t.Errorf("the counts are %v", counted.Counts)
		}

		h.article("other", nil)
		h.submit("Elsewhere", fields{"article": fields{"key": "other"}})
		add("other", "quay", false).wantProblem(http.StatusConflict, "alias-taken")
		var list struct {
			Items []struct{ Alias, Article string }
		}
		h.do(call{method: http.MethodGet, path: aliases, token: admin}).want(http.StatusOK, &list)
		if len(list.Items) != 2 || list.Items[0].Article != "quay" || list.Items[1].Article != "quay" {
			t.Errorf("the aliases are %+v", list.Items)
		}
		remove := call{method: http.MethodDelete, path: aliases + "?alias=quay-2", token: admin}
		h.do(remove).want(http.StatusNoContent, nil)
		h.do(remove).wantProblem(http.StatusNotFound, "not-found")
		var gone threadPage
		h.get("/api/v1/sites/paper/thread?article=quay-2").want(http.StatusOK, &gone)
		if gone.Count != 0 {
			t.Errorf("the removed alias still shows %d comments", gone.Count)
		}
	})
}

func TestAnErasureThroughTheAPI(t *testing.T) {
	h := newTestServer(t)
	first := h.submit("Lamps, please publish", fields{"remember": true})
	h.submit("More lamps, please publish", fields{"commenter_token": first.CommenterToken})
	stranger := h.submit("Others, please publish")
	erase := call{method: http.MethodPost, path: "/api/v1/comments/" + first.Comment.ID + "/erasure", token: stranger.Receipt}
	h.do(erase).wantProblem(http.StatusUnauthorized, "receipt")
	erase.token = first.Receipt
	var done struct{ Erased int }
	h.do(erase).want(http.StatusOK, &done)
	if p := h.thread(""); done.Erased != 2 || p.Count != 1 || p.Comments[0].ID != stranger.Comment.ID {
		t.Errorf("%d comments were erased, and the thread shows %+v", done.Erased, p)
	}
	h.do(erase).want(http.StatusOK, &done)
	if done.Erased != 0 {
		t.Errorf("%d comments were erased a second time", done.Erased)
	}
	h.checkCounters()
}
