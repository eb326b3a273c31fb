package handlers_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// bulkResponse is the response to a bulk decision.
type bulkResponse struct {
	BulkID   string `json:"bulk_id"`
	Decided  int
	Skipped  []struct{ ID, Cause string }
	More     bool
	Complete bool
	Count    int
	Next     string `json:"next_cursor"`
}

func (h *testServer) bulk(token string, body fields) bulkResponse {
	h.t.Helper()
	var b bulkResponse
	h.do(call{method: http.MethodPost, path: "/api/v1/decisions", token: token, body: body}).want(http.StatusOK, &b)
	return b
}

func (b bulkResponse) causes() map[string]string {
	causes := map[string]string{}
	for _, s := range b.Skipped {
		causes[s.ID] = s.Cause
	}
	return causes
}

func (h *testServer) status(id string) moderation.Status {
	h.t.Helper()
	return must(h.db.Queue.QueueRow(h.t.Context(), id))(h.t).Comment.Status
}

func TestABulkListsSkippedComments(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada := h.ada()
		var ids []string
		for i := range 3 {
			ids = append(ids, h.submit(fmt.Sprintf("Waits, number %d", i)).Comment.ID)
		}
		public := h.submit("Is public, please publish").Comment.ID
		unknown := "019b0000-0000-7000-8000-0000000000ff"
		b := h.bulk(ada, fields{"ids": append([]string{public, unknown, ids[0]}, ids...), "versions": map[string]int{ids[2]: 7},
			"action": "approve", "note": "All at once."})
		if b.Decided != 2 || b.BulkID == "" || !b.Complete || b.More {
			h.t.Errorf("the answer is %+v", b)
		}
		want := map[string]string{public: "transition", unknown: "not-found", ids[2]: "stale-version"}
		if diff := cmp.Diff(want, b.causes()); diff != "" {
			h.t.Errorf("skipped (-want +got):\n%s", diff)
		}
		h.decideWith(ada, ids[1], fields{"action": "spam", "version": 2})
		var undone bulkResponse
		h.do(call{method: http.MethodPost, path: "/api/v1/bulk-decisions/" + b.BulkID + "/undo", token: h.registerModerator("Iris", auth.RoleAdmin)}).
			wantProblem(http.StatusConflict, "undo")
		h.do(call{method: http.MethodPost, path: "/api/v1/bulk-decisions/" + b.BulkID + "/undo", token: ada}).want(http.StatusOK, &undone)
		if diff := cmp.Diff(map[string]string{ids[1]: "stale-version"}, undone.causes()); diff != "" || undone.Decided != 1 {
			h.t.Errorf("undone %d; skipped (-want +got):\n%s", undone.Decided, diff)
		}
		if h.status(ids[0]) != moderation.StatusPending || h.status(ids[1]) != moderation.StatusSpam {
			h.t.Errorf("after the undo they are %s and %s", h.status(ids[0]), h.status(ids[1]))
		}
		h.checkCounters()
	})
}

func TestABulkThatDecidesNothingHasNoID(t *testing.T) {
	h := newTestServer(t)
	ada, id := h.ada(), h.submit("Waits").Comment.ID
	b := h.bulk(ada, fields{"ids": []string{nowhere}, "action": "approve"})
	if b.BulkID != "" || b.Decided != 0 {
		t.Errorf("the answer is %+v", b)
	}
	b = h.bulk(ada, fields{"ids": []string{id}, "action": "approve"})
	h.decideWith(ada, id, fields{"action": "spam", "version": 2})
	var undone bulkResponse
	h.do(call{method: http.MethodPost, path: "/api/v1/bulk-decisions/" + b.BulkID + "/undo", token: ada}).
		want(http.StatusOK, &undone)
	if b.BulkID == "" || undone.BulkID != "" || len(undone.Skipped) != 1 {
		t.Errorf("decided %+v, undone %+v", b, undone)
	}
}

func TestABulkOverAFilterIncludesAllMatches(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada := h.ada()
		h.storeComments(moderation.StatusPending, 450)
		filter := fields{"site": "paper", "status": "pending"}
		if b := h.bulk(ada, fields{"filter": filter, "action": "reject", "preview": true}); b.Count != 450 || b.More {
			h.t.Fatalf("the preview counts %+v", b)
		}
		for _, expected := range []int{0, 449} {
			h.do(call{method: http.MethodPost, path: "/api/v1/decisions", token: ada,
				body: fields{"filter": filter, "action": "reject", "expected": expected}}).
				wantProblem(http.StatusConflict, "more-match")
		}
		b := h.bulk(ada, fields{"filter": filter, "action": "reject", "reason_code": "spam", "expected": 450})
		if b.Decided != 450 || len(b.Skipped) != 0 {
			h.t.Errorf("the answer is %+v", b)
		}
		var undone bulkResponse
		h.do(call{method: http.MethodPost, path: "/api/v1/bulk-decisions/" + b.BulkID + "/undo", token: ada}).want(http.StatusOK, &undone)
		if undone.Decided != 450 || len(undone.Skipped) != 0 {
			h.t.Errorf("the undo is %+v", undone)
		}
		h.checkCounters()
	})
}

func TestABulkIsCarriedOutInPartsAndUndoneAsAWhole(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada, eve := h.ada(), h.registerModerator("Eve", auth.RoleModerator)
		h.storeComments(moderation.StatusPending, 450)
		request := fields{"filter": fields{"site": "paper"}, "action": "reject", "expected": 450, "limit": 150}
		first := h.bulk(ada, request)
		if first.Decided < 150 || first.Decided >= 450 || first.Next == "" {
			h.t.Fatalf("the first part is %+v", first)
		}
		request["cursor"] = first.Next
		h.do(call{method: http.MethodPost, path: "/api/v1/decisions", token: eve, body: request}).
			wantProblem(http.StatusBadRequest, "cursor")
		decided, parts := first.Decided, 1
		for part := first; part.Next != ""; parts++ {
			request["cursor"] = part.Next
			if part = h.bulk(ada, request); part.BulkID != first.BulkID || len(part.Skipped) > 0 {
				h.t.Fatalf("part %d is %+v, after %+v", parts+1, part, first)
			}
			decided += part.Decided
		}
		if decided != 450 || parts < 3 {
			h.t.Errorf("%d parts decided on %d comments", parts, decided)
		}
		var undone bulkResponse
		h.do(call{method: http.MethodPost, path: "/api/v1/bulk-decisions/" + first.BulkID + "/undo", token: ada}).want(http.StatusOK, &undone)
		if undone.Decided != 450 {
			h.t.Errorf("the undo is %+v", undone)
		}
		delete(request, "cursor")
		request["expected"] = 450
		stopped := h.bulk(ada, request)
		h.clock.advance(11 * time.Minute)
		request["cursor"] = stopped.Next
		h.do(call{method: http.MethodPost, path: "/api/v1/decisions", token: h.ada(), body: request}).
			wantProblem(http.StatusBadRequest, "cursor")
		h.checkCounters()
	})
}

func TestABulkOfListedCommentsIsCarriedOutInParts(t *testing.T) {
	h := newTestServer(t)
	ada := h.ada()
	h.storeComments(moderation.StatusPending, 220)
	ids := []string{"01957000-0000-7000-8000-ffffffffffff"}
	page := must(h.Queue.List(t.Context(), moderation.Viewer{}, queue.Query{Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: 100}))(t)
	for {
		for _, item := range page.Items {
			ids = append(ids, item.Comment.ID)
		}
		if page.NextCursor == "" {
			break
		}
		page = must(h.Queue.List(t.Context(), moderation.Viewer{}, queue.Query{Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: 100,
			Cursor: page.NextCursor}))(t)
	}
	request := fields{"ids": ids, "action": "reject", "limit": 1}
	first := h.bulk(ada, request)
	request["cursor"] = first.Next
	second := h.bulk(ada, request)
	if first.Decided != 199 || second.Decided != 21 || second.Next != "" || len(first.Skipped) != 1 || len(second.Skipped) != 0 {
		t.Errorf("the parts are %+v and %+v", first, second)
	}
}

func TestABulkNeedsCommentsOrAFilterAndAKnownReason(t *testing.T) {
	h := newTestServer(t)
	ada, id := h.ada(), h.submit("Waits").Comment.ID
	for name, test := range map[string]struct {
		body  fields
		fault string
	}{
		"neither":                  {fields{"action": "reject"}, "/ids required"},
		"both":                     {fields{"action": "reject", "ids": []string{id}, "filter": fields{}}, "/ids required"},
		"an unknown action":        {fields{"action": "burn", "ids": []string{id}}, "/action unknown"},
		"an unknown reason":        {fields{"action": "reject", "ids": []string{id}, "reason_code": "mood"}, "/reason_code unknown"},
		"an unknown parameter":     {fields{"action": "reject", "filter": fields{"mood": "bad"}}, "/filter unknown"},
		"an unknown status":        {fields{"action": "reject", "filter": fields{"status": "bad"}}, "/filter/status unknown"},
		"a preview of named ones":  {fields{"action": "reject", "ids": []string{id}, "preview": true}, "/filter required"},
		"fewer than none expected": {fields{"action": "reject", "filter": fields{}, "expected": -1}, "/expected out_of_range"},
		"a version zero": {fields{"action": "reject", "ids": []string{id}, "versions": fields{id: 0}},
			"/versions/" + id + " out_of_range"},
	} {
		t.Run(name, func(t *testing.T) {
			h.in(t).do(call{method: http.MethodPost, path: "/api/v1/decisions", token: ada, body: test.body, wrong: true}).
				wantProblem(http.StatusUnprocessableEntity, "invalid", test.fault)
		})
	}
}

// storeComments stores comments without the intake, which would be slow for so many.
func (h *testServer) storeComments(status moderation.Status, n int) {
	h.t.Helper()
	from := h.submit("The first of many").Comment.ID
	first, said, err := h.db.Comments.CommentText(h.t.Context(), from)
	if err != nil {
		h.t.Fatal(err)
	}
	article := must(h.db.Articles.ArticleByID(h.t.Context(), first.ArticleID))(h.t)
	commenter := must(h.db.Commenters.Commenter(h.t.Context(), first.CommenterID))(h.t)
	for range n - 1 {
		c, s := first, said
		c.ID, s.ID = h.Queue.NewID(), h.Queue.NewID()
		c.RootID, s.CommentID, c.Status = c.ID, c.ID, status
		_, err := h.db.Submissions.CreateComment(h.t.Context(), moderation.NewComment{Article: article, Commenter: commenter, Comment: c, Submission: s,
			Decision: moderation.Decision{ID: h.Queue.NewID(), SiteID: c.SiteID, CommentID: c.ID, Version: 1, Action: moderation.ActionHold,
				To: status, Actor: moderation.ActorRuleset, SubmissionID: s.ID, CreatedAt: c.CreatedAt}})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}
