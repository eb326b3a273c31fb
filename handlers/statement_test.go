package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
)

// statement is the statement of reasons that a writer sees.
type statement struct {
	Code      string `json:"reason_code"`
	Words     string `json:"words"`
	Automated bool   `json:"automated"`
}

func (h *testServer) statementFor(a accepted, language string) *statement {
	h.t.Helper()
	var own struct {
		Comment struct {
			Statement *statement `json:"statement"`
		} `json:"comment"`
	}
	h.do(call{method: http.MethodGet, path: "/api/v1/comments/" + a.Comment.ID, token: a.Receipt, header: map[string]string{"Accept-Language": language}}).
		want(http.StatusOK, &own)
	return own.Comment.Statement
}

// mustDecide makes a decision and requires that it succeeds.
func (h *testServer) mustDecide(token, id string, body fields) {
	h.t.Helper()
	h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + id + "/decisions", token: token, body: body}).want(http.StatusOK, nil)
}

func TestAWriterGetsAStatementOfReasons(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		token := h.ada()
		waits := h.submit("It waits")
		if got := h.statementFor(waits, "en"); got != nil {
			h.t.Errorf("a comment that waits has the statement %+v", got)
		}
		h.mustDecide(token, waits.Comment.ID, fields{"action": "reject", "version": 1, "reason_code": "off-topic"})
		for language, want := range map[string]string{"en": "It has nothing to do with the article.", "ja": "記事と関係がありません。"} {
			got := h.statementFor(waits, language)
			if got == nil || got.Code != "off-topic" || got.Automated || got.Words != want {
				h.t.Errorf("in %s the statement is %+v", language, got)
			}
		}
		own := h.submit("In her own words")
		h.mustDecide(token, own.Comment.ID, fields{"action": "reject", "version": 1, "reason_code": "other", "reason": "Not about her."})
		if diff := cmp.Diff(&statement{"other", "Not about her.", false}, h.statementFor(own, "fr")); diff != "" {
			h.t.Errorf("own words (-want +got):\n%s", diff)
		}
		rules := h.submit("Rules say, please decline it")
		want := &statement{"", "Comments like this one are not published here.", true}
		if diff := cmp.Diff(want, h.statementFor(rules, "en")); diff != "" {
			h.t.Errorf("rules (-want +got):\n%s", diff)
		}
	})
}

func TestSpamHasNoStatement(t *testing.T) {
	h := newTestServer(t)
	a := h.submit("It sells")
	h.mustDecide(h.ada(), a.Comment.ID, fields{"action": "spam", "version": 1, "reason_code": "spam"})
	if got := h.statementFor(a, "en"); got != nil {
		t.Errorf("its sender sees %+v", got)
	}
}

func TestASiteHasReasonsOfItsOwn(t *testing.T) {
	h := newTestServer(t)
	admin, token := h.registerModerator("Iris", auth.RoleAdmin), h.ada()
	change := func(reasons any) reply {
		return h.do(call{method: http.MethodPatch, path: "/api/v1/sites/paper", token: admin,
			body: fields{"settings": fields{"reasons": reasons}}})
	}
	change([]fields{{"code": "Rude"}, {"code": "rant"}, {"code": "spam"}, {"code": "spam"},
		{"code": "pasted", "text": fields{"english please": "No."}}}).wantProblem(http.StatusUnprocessableEntity, "invalid",
		"/settings/reasons/0/code malformed", "/settings/reasons/1/text required", "/settings/reasons/3/code repeated",
		"/settings/reasons/4/text malformed")
	change([]fields{{"code": "rant", "text": fields{"en": "It goes on too long.", "de": "Zu lang."}}, {"code": "spam"}}).want(http.StatusOK, nil)
	a := h.submit("On and on")
	decide := call{method: http.MethodPost, path: "/api/v1/comments/" + a.Comment.ID + "/decisions", token: token}
	decide.body = fields{"action": "reject", "version": 1, "reason_code": "off-topic"}
	h.do(decide).wantProblem(http.StatusUnprocessableEntity, "invalid", "/reason_code unknown")
	decide.body = fields{"action": "approve", "version": 1, "reason_code": "rant"}
	h.do(decide).wantProblem(http.StatusUnprocessableEntity, "invalid", "/reason_code unexpected")
	h.mustDecide(token, a.Comment.ID, fields{"action": "reject", "version": 1, "reason_code": "rant"})
	for language, want := range map[string]string{"de": "Zu lang.", "en": "It goes on too long.", "ja": "It goes on too long."} {
		if got := h.statementFor(a, language); got == nil || got.Words != want {
			t.Errorf("in %s: %+v", language, got)
		}
	}
}

func TestAStaleDecisionSaysWhoDecidedWhat(t *testing.T) {
	h := newTestServer(t)
	a := h.submit("Two look at it")
	h.mustDecide(h.registerModerator("Iris", auth.RoleModerator), a.Comment.ID, fields{"action": "reject", "version": 1, "reason_code": "spam"})
	r := h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + a.Comment.ID + "/decisions", token: h.ada(),
		body: fields{"action": "approve", "version": 1}})
	r.wantProblem(http.StatusConflict, "stale-version")
	for _, said := range []string{`"moderator":"Iris"`, `"action":"reject"`, `"reason_code":"spam"`, `"version":2`} {
		if !strings.Contains(string(r.body), said) {
			t.Errorf("the answer does not say %s: %s", said, string(r.body))
		}
	}
}
