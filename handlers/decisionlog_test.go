package handlers_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const decisionsPath = "/api/v1/decisions"

// reject has a moderator reject a pending comment and returns the decision's id.
func (h *testServer) reject(token, comment, code, reason string) string {
	h.t.Helper()
	var d struct {
		DecisionID string `json:"decision_id"`
	}
	h.do(call{method: http.MethodPost, path: "/api/v1/comments/" + comment + "/decisions", token: token,
		body: fields{"action": "reject", "version": 1, "reason": reason, "reason_code": code, "note": "Between us."}}).want(http.StatusOK, &d)
	return d.DecisionID
}

type logPage struct {
	Items []struct {
		ID        string
		Site      string
		CommentID string `json:"comment_id"`
		Actor     string
		Action    string
		Note      string
		Code      string `json:"reason_code"`
		Moderator string
	}
	NextCursor string `json:"next_cursor"`
}

// logOf reads the log page by page and returns the ids, newest first.
func (h *testServer) logOf(token string, narrow url.Values) (ids []string) {
	h.t.Helper()
	narrow.Set("limit", "2")
	for {
		var p logPage
		h.do(call{method: http.MethodGet, path: decisionsPath + "?" + narrow.Encode(), token: token}).want(http.StatusOK, &p)
		for _, item := range p.Items {
			ids = append(ids, item.ID)
		}
		if p.NextCursor == "" {
			return ids
		}
		narrow.Set("cursor", p.NextCursor)
	}
}

func TestTheDecisionLogIsFiltered(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada := h.ada()
		one, two := h.submit("The first one").Comment.ID, h.submit("The second one").Comment.ID
		h.clock.advance(time.Minute)
		first, second := h.reject(ada, one, "hate", "Not this."), h.reject(ada, two, "spam", "")
		for name, tc := range map[string]struct {
			narrow url.Values
			want   []string
		}{
			"people's":                  {url.Values{"actor": {"moderator"}}, []string{second, first}},
			"of a reason":               {url.Values{"reason_code": {"hate"}}, []string{first}},
			"of an action":              {url.Values{"action": {"reject"}, "site": {"paper"}}, []string{second, first}},
			"of a site with none":       {url.Values{"site": {"demo"}}, nil},
			"of an unused reason":       {url.Values{"reason_code": {"abusive"}}, nil},
			"of a time":                 {url.Values{"from": {h.clock.Now().Format(time.RFC3339)}}, []string{second, first}},
			"of a time before anything": {url.Values{"to": {monday.Format(time.RFC3339)}}, nil},
			"by readers":                {url.Values{"actor": {"readers"}}, nil},
		} {
			if diff := cmp.Diff(tc.want, h.logOf(ada, tc.narrow)); diff != "" {
				h.t.Errorf("decisions %s (-want +got):\n%s", name, diff)
			}
		}
		if all := h.logOf(ada, url.Values{}); len(all) != 4 {
			h.t.Errorf("%d decisions in all: %q", len(all), all)
		}
		var p logPage
		h.do(call{method: http.MethodGet, path: decisionsPath + "?limit=1", token: ada}).want(http.StatusOK, &p)
		if got := p.Items[0]; got.Site != "paper" || got.CommentID != two || got.Moderator != "Ada" || got.Note != "Between us." || got.Code != "spam" {
			h.t.Errorf("the entry is %+v", got)
		}
	})
}

func TestTheDecisionLogRefusesUnknownFilters(t *testing.T) {
	h := newTestServer(t)
	ada := h.ada()
	for query, fault := range map[string]string{
		"actor=nobody": "/actor unknown", "action=like": "/action unknown", "from=yesterday": "/from malformed",
		"from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z": "/to out_of_range",
	} {
		h.do(call{method: http.MethodGet, path: decisionsPath + "?" + query, token: ada, wrong: true}).wantProblem(422, "invalid", fault)
	}
	h.do(call{method: http.MethodGet, path: decisionsPath + "?cursor=x", token: ada}).wantProblem(400, "cursor")
}

func TestExportsHoldEveryDecisionAndNothingPrivate(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		ada := h.ada()
		a := h.submit("Please look at this one")
		h.clock.advance(time.Minute)
		h.reject(ada, a.Comment.ID, "spam", `=HYPERLINK("https://shop.example","Read, ""me""")`)
		h.submit("Another one that waits")
		r := h.do(call{method: http.MethodGet, path: "/api/v1/sites/paper/decisions.csv", token: ada}).want(http.StatusOK, nil)
		rows := must(csv.NewReader(strings.NewReader(string(r.body))).ReadAll())(h.t)
		if len(rows) != 4 || rows[0][0] != "id" || rows[2][2] != a.Comment.ID || rows[2][8] != "false" || rows[1][8] != "true" {
			h.t.Fatalf("the rows are %q", rows)
		}
		if got, want := rows[2][12], `'=HYPERLINK("https://shop.example","Read, ""me""")`; got != want {
			h.t.Errorf("the reason is %q, want %q", got, want)
		}
		if got := r.header.Get("Content-Disposition"); got != `attachment; filename="decisions-paper.csv"` {
			h.t.Errorf("it is offered as %q", got)
		}
		var whole struct {
			Site      string
			Decisions []struct{ ID, Reason string }
		}
		j := h.do(call{method: http.MethodGet, path: "/api/v1/sites/paper/decisions.json", token: ada}).want(http.StatusOK, &whole)
		if whole.Site != "paper" || len(whole.Decisions) != 3 || whole.Decisions[1].ID != rows[2][0] || !strings.HasPrefix(whole.Decisions[1].Reason, "=HYP") {
			h.t.Errorf("as JSON it is %+v", whole)
		}
		for _, secret := range []string{"ines@", "Between us", "Ada", "look at this", "Ines Weber"} {
			if strings.Contains(string(r.body)+string(j.body), secret) {
				h.t.Errorf("the export holds %q", secret)
			}
		}
		var later struct{ Decisions []any }
		h.do(call{method: http.MethodGet, path: "/api/v1/sites/paper/decisions.json?from=" + h.clock.Now().Add(time.Second).Format(time.RFC3339),
			token: ada}).want(http.StatusOK, &later)
		if len(later.Decisions) != 0 {
			h.t.Errorf("%d decisions of a time without any", len(later.Decisions))
		}
	})
}

func TestAnExportThatCanNotBeginIsAProblemAndNoFile(t *testing.T) {
	h := newTestServer(t)
	r := h.do(call{method: http.MethodGet, path: "/api/v1/sites/nosuch/decisions.csv", token: h.ada()})
	r.wantProblem(404, "site-unknown")
	if got := r.header.Get("Content-Disposition"); got != "" {
		t.Errorf("it is offered as %q", got)
	}
}
