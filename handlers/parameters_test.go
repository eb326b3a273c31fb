package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"rejoinder/auth"
)

func TestUnknownParametersOfTheAPIAreRefusedWithTheNearest(t *testing.T) {
	h := newTestServer(t)
	token := h.ada()
	for _, tc := range []struct{ name, path, fault, detail string }{
		{"a slip", "/api/v1/sites/paper/thread?artcle=quay", "/artcle unknown_parameter", `Unknown parameter "artcle". Did you mean "article"?`},
		{"two letters that changed places", "/api/v1/queue?stie=paper", "/stie unknown_parameter", `Unknown parameter "stie". Did you mean "site"?`},
		{"nothing alike", "/api/v1/sites/paper/articles?utm_source=feed", "/utm_source unknown_parameter",
			`Unknown parameter "utm_source". This URL takes cursor, limit, q.`},
		{"a URL that takes none", "/api/v1/sites?page=2", "/page unknown_parameter", `Unknown parameter "page". This URL takes none.`},
		{"a short name unlike all others", "/api/v1/sites/paper/thread?article=quay&foo=bar", "/foo unknown_parameter",
			`Unknown parameter "foo". This URL takes article, comment, cursor, limit, root, sort.`},
		{"no name", "/api/v1/me?=x", "/ unknown_parameter", `Unknown parameter "". This URL takes none.`},
		{"a slash in the name", "/api/v1/me?a/b~c=x", "/a~1b~0c unknown_parameter", `Unknown parameter "a/b~c". This URL takes none.`},
		{"a very long name", "/api/v1/me?" + strings.Repeat("x", 500) + "=x", "/" + strings.Repeat("x", 500) + " unknown_parameter",
			`Unknown parameter "` + strings.Repeat("x", 40) + `…". This URL takes none.`},
		{"one value twice", "/api/v1/sites/paper/thread?article=quay&article=pier", "/article repeated", `The parameter "article" takes one value, but occurs 2 times.`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := h.in(t).do(call{method: http.MethodGet, path: tc.path, token: token, wrong: true}).
				wantProblem(http.StatusUnprocessableEntity, "invalid", tc.fault)
			if p.Errors[0].Detail != tc.detail {
				t.Errorf("the detail is %s\nwant %s", p.Errors[0].Detail, tc.detail)
			}
		})
	}
}

func TestUnknownParametersAreRefusedTogetherAndReadablyForTheSitesPages(t *testing.T) {
	h := newTestServer(t)
	r := h.do(call{method: http.MethodGet, path: paperThread + "&srot=newest&lmit=3", header: map[string]string{"Origin": harbour}, wrong: true})
	r.wantProblem(http.StatusUnprocessableEntity, "invalid", "/lmit unknown_parameter", "/srot unknown_parameter")
	if got := r.header.Get("Access-Control-Allow-Origin"); got != harbour {
		t.Errorf("the widget cannot read why: Access-Control-Allow-Origin is %q", got)
	}
}

func TestAllFaultsOfAQueryAreReportedAtOnce(t *testing.T) {
	h := newTestServer(t)
	h.do(call{method: http.MethodGet, path: paperThread + "&foo=bar&limit=-1", wrong: true}).
		wantProblem(http.StatusUnprocessableEntity, "invalid", "/foo unknown_parameter", "/limit out_of_range")
}

func TestOnlyPermittedCallersLearnOfUnknownParameters(t *testing.T) {
	h := newTestServer(t)
	h.do(call{method: http.MethodGet, path: "/api/v1/queue?stie=paper", wrong: true}).wantProblem(http.StatusUnauthorized, "sign-in")
}

func TestPagesTolerateParametersOfOthers(t *testing.T) {
	h := newTestServer(t)
	for _, path := range []string{"/sites/paper/page?article=quay&utm_source=feed&fbclid=x", "/sites/paper/thread?article=quay&_=17", "/embed.js?v=3",
		"/healthz?probe=1", "/console/sign-in?utm_source=x"} {
		h.do(call{method: http.MethodGet, path: path, wrong: true}).want(http.StatusOK, nil)
	}
}

// whatStorageCannotKeep are values that one of the two engines cannot store.
var whatStorageCannotKeep = []struct {
	name, method, path string
	body               string
	faults             []string
}{
	{"NUL in a moderator's site", "POST", "/api/v1/moderators", `{"email":"m@desk.example","name":"M","role":"moderator","sites":["a\u0000"]}`, []string{"/sites/0 malformed"}},
	{"NUL in the site of claims", "POST", "/api/v1/queue/claims", `{"site":"a\u0000","count":1}`, []string{"/site malformed"}},
	{"NUL in a filter's site", "POST", "/api/v1/decisions", `{"filter":{"site":"a\u0000"},"preview":true,"action":"reject"}`, []string{"/filter/site malformed"}},
	{"a version of more than 32 bits", "POST", "/api/v1/sites/paper/rulesets/backtest", `{"version":4294967296,"days":7}`, []string{"/version out_of_range"}},
	{"the largest number of 64 bits", "POST", "/api/v1/decisions",
		`{"filter":{"site":"paper"},"expected":9223372036854775807,"action":"reject"}`, []string{"/expected out_of_range"}},
	{"a number with an exponent", "POST", "/api/v1/sites/paper/rulesets/backtest", `{"days":1e300}`, []string{"/days wrong_type"}},
}

func TestUnstorableValuesAreRefused(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		token := h.registerModerator("Chief", auth.RoleAdmin)
		for _, tc := range whatStorageCannotKeep {
			r := h.do(call{method: tc.method, path: tc.path, token: token, body: json.RawMessage(tc.body), wrong: true})
			if r.status != http.StatusUnprocessableEntity {
				h.t.Errorf("%s: status %d: %s\n%s", tc.name, r.status, r.body, h.log)
				continue
			}
			r.wantProblem(http.StatusUnprocessableEntity, "invalid", tc.faults...)
		}
	})
}
