package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// decisionResponse is the response to a decision.
type decisionResponse struct {
	Comment struct {
		Status       moderation.Status
		Version      int
		PublicReason string `json:"public_reason"`
	}
	DecisionID string `json:"decision_id"`
}

func (h *testServer) decideWith(token, id string, body fields) decisionResponse {
	h.t.Helper()
	var d decisionResponse
	h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + id + "/decisions", token: token, body: body}).want(http.StatusOK, &d)
	return d
}

func (h *testServer) undo(token, decision string) reply {
	h.t.Helper()
	return h.do(call{method: http.MethodPost, path: "/api/v1/decisions/" + decision + "/undo", token: token})
}

func TestAnUndoPutsACommentBackAsItWas(t *testing.T) {
	for _, test := range []struct {
		name, body string
		before     []fields // decisions
		slip       fields
		want       moderation.Status
		reason     string
	}{
		{"a rejection of what waits", "Waits", nil, fields{"action": "reject", "reason": "No."}, "pending", ""},
		{"an approval", "Waits too", nil, fields{"action": "approve"}, "pending", ""},
		{"spam of what was public", "Public, please publish", nil, fields{"action": "spam"}, "approved", ""},
		{"a deletion", "Gone, please publish", nil, fields{"action": "delete"}, "approved", ""},
		{"an approval of what rules declined", "No, please decline", nil, fields{"action": "approve"}, "rejected",
			"Comments like this one are not published here."},
		{"an approval of what was held for a reason", "Held",
			[]fields{{"action": "reject", "reason": "First."}, {"action": "hold", "reason": "Second."}, {"action": "spam"}},
			fields{"action": "approve"}, "spam", "Second."},
		{"an approval of spam that had been declined", "Held", []fields{{"action": "reject", "reason": "First."}, {"action": "spam"}},
			fields{"action": "approve"}, "spam", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachEngine(t, func(h *testServer) {
				ada, a := h.ada(), h.submit(test.body)
				version := 1
				for _, d := range append(test.before, test.slip) {
					d["version"] = version
					version++
				}
				for _, d := range test.before {
					h.decideWith(ada, a.Comment.ID, d)
				}
				slip := h.decideWith(ada, a.Comment.ID, test.slip)
				h.clock.advance(queue.UndoWindow)
				var undone decisionResponse
				h.undo(ada, slip.DecisionID).want(http.StatusOK, &undone)
				if undone.Comment.Status != test.want || undone.Comment.PublicReason != test.reason || undone.Comment.Version != version+1 {
					h.t.Errorf("it is %+v, want %s with %q", undone.Comment, test.want, test.reason)
				}
				row := must(h.db.Queue.QueueRow(h.t.Context(), a.Comment.ID))(h.t)
				if row.Comment.Status != test.want || row.Comment.PublicReason != test.reason {
					h.t.Errorf("stored is %s with %q", row.Comment.Status, row.Comment.PublicReason)
				}
				h.undo(ada, slip.DecisionID).wantProblem(http.StatusConflict, "stale-version")
				h.checkCounters()
			})
		})
	}
}

func TestAnUndoIsRefused(t *testing.T) {
	h := newTestServer(t)
	ada, iris := h.ada(), h.registerModerator("Iris", auth.RoleModerator)
	id := h.submit("Of two minds").Comment.ID
	first := h.decideWith(ada, id, fields{"action": "reject", "version": 1})
	h.undo(iris, first.DecisionID).wantProblem(http.StatusConflict, "undo")
	h.undo(ada, "none").wantProblem(http.StatusNotFound, "not-found")
	second := h.decideWith(iris, id, fields{"action": "approve", "version": 2})
	h.undo(ada, first.DecisionID).wantProblem(http.StatusConflict, "stale-version")
	h.clock.advance(queue.UndoWindow + time.Microsecond)
	h.undo(iris, second.DecisionID).wantProblem(http.StatusConflict, "undo")

	gone := h.submit("Withdrawn")
	deleted := h.decideWith(ada, gone.Comment.ID, fields{"action": "delete", "version": 1})
	h.do(call{method: http.MethodDelete, path: "/api/v1/comments/" + gone.Comment.ID, token: gone.Receipt}).want(http.StatusNoContent, nil)
	h.undo(ada, deleted.DecisionID).wantProblem(http.StatusConflict, "undo")
	h.checkCounters()
}

func TestAnUndoOpensReportsAndAppealsAgain(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada := h.ada()
		reported := h.submit("Doubtful, please publish").Comment.ID
		h.reportOn(reported, 1, "spam").want(http.StatusCreated, nil)
		slip := h.decideWith(ada, reported, fields{"action": "approve", "version": 1})
		if open := h.getCase(reported, ada); len(open.OpenReports) != 0 {
			h.t.Fatalf("the approval left reports open: %+v", open)
		}
		h.undo(ada, slip.DecisionID).want(http.StatusOK, nil)
		if open := h.getCase(reported, ada); open.OpenReports["spam"] != 1 || open.Reports[0].ResolvedAt != "" {
			h.t.Errorf("after the undo: %+v", open)
		}
		declined := h.submit("Once more, please decline")
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + declined.Comment.ID + "/appeal", token: declined.Receipt,
			body: fields{"text": "Why?"}}).want(http.StatusOK, nil)
		slip = h.decideWith(ada, declined.Comment.ID, fields{"action": "reject", "version": 2})
		h.undo(ada, slip.DecisionID).want(http.StatusOK, nil)
		if open := h.getCase(declined.Comment.ID, ada); open.Appeal == nil || open.Appeal.Outcome != "" {
			h.t.Errorf("the appeal after the undo: %+v", open.Appeal)
		}
		h.checkCounters()
	})
}

func TestADecisionNamesAVersionFromOneOn(t *testing.T) {
	h := newTestServer(t)
	ada, id := h.ada(), h.submit("It waits").Comment.ID
	for fault, body := range map[string]fields{
		"/version required":     {"action": "approve"},
		"/version out_of_range": {"action": "approve", "version": 0},
	} {
		h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + id + "/decisions", token: ada, body: body, wrong: true}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", fault)
	}
	h.do(call{method: http.MethodGet, path: paperRulesets + "/2/diff?against=0", token: ada, wrong: true}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "/against out_of_range")
}
