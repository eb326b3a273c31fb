package handlers_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation/rulebook"
)

const paperRulesets = "/api/v1/sites/paper/rulesets"

// apiClient sends requests as one moderator.
type apiClient struct {
	*testServer
	token string
}

func (a apiClient) post(path string, body any, changes ...func(*call)) reply {
	a.t.Helper()
	c := call{method: http.MethodPost, path: path, body: body, token: a.token}
	for _, change := range changes {
		change(&c)
	}
	return a.do(c)
}

func (a apiClient) get(path string, changes ...func(*call)) reply {
	a.t.Helper()
	c := call{method: http.MethodGet, path: path, token: a.token}
	for _, change := range changes {
		change(&c)
	}
	return a.do(c)
}

func asInvalid(c *call) { c.wrong = true }

func newAdminClient(h *testServer) apiClient {
	h.t.Helper()
	return apiClient{h, h.registerModerator("Iris", auth.RoleAdmin)}
}

func TestARulesetIsTriedOverHTTP(t *testing.T) {
	h := newTestServer(t)
	ada := apiClient{h, h.ada()}
	var tried struct {
		Version int
		Verdict struct {
			Action string
			Hits   []struct{ Rule string }
		}
		Trace       []struct{ Rule, Mode, Outcome string }
		Explanation string
	}
	ada.post(paperRulesets+"/try", fields{"body": "please publish this casino", "facts": fields{"author.approved": 0}}).want(http.StatusOK, &tried)
	if tried.Version != 2 || tried.Verdict.Action != "approve" || len(tried.Verdict.Hits) != 3 || len(tried.Trace) != 6 ||
		tried.Trace[0].Outcome != "decided" || tried.Trace[1].Outcome != "silent" || !strings.Contains(tried.Explanation, "open-gate") {
		t.Errorf("%+v", tried)
	}
	tried.Version = 0
	source := "extends: default\nrules:\n  - {id: shouting, mode: off}\n"
	ada.post(paperRulesets+"/try", fields{"body": "Fine.", "source": source, "address": "192.0.2.7"}).want(http.StatusOK, &tried)
	if tried.Version != 0 {
		t.Errorf("a document has version %d", tried.Version)
	}
	for as, want := range map[string]string{"newcomer": "hold", "known": "approve"} {
		ada.post(paperRulesets+"/try", fields{"body": "Fine.", "source": "extends: default\n", "as": as}).want(http.StatusOK, &tried)
		if tried.Verdict.Action != want {
			t.Errorf("as %s: %s", as, tried.Verdict.Action)
		}
	}
	for name, tc := range map[string]struct {
		body   fields
		status int
		code   string
		faults []string
	}{
		"an unknown commenter":  {fields{"body": "x", "as": "friend"}, 422, "invalid", []string{"/as unknown"}},
		"no body":               {fields{"body": ""}, 422, "invalid", []string{"/body required"}},
		"an empty source":       {fields{"body": "x", "source": ""}, 422, "invalid", []string{"/source required"}},
		"version zero":          {fields{"body": "x", "version": 0}, 422, "invalid", []string{"/version out_of_range"}},
		"an unknown version":    {fields{"body": "x", "version": 99}, 404, "not-found", nil},
		"source and version":    {fields{"body": "x", "version": 1, "source": "rules: []"}, 422, "invalid", []string{"/version ambiguous"}},
		"an unknown fact":       {fields{"body": "x", "facts": fields{"author.aproved": 1}}, 422, "invalid", []string{"/facts/author.aproved unusable"}},
		"a fact that follows":   {fields{"body": "x", "facts": fields{"links.count": 1}}, 422, "invalid", []string{"/facts/links.count unusable"}},
		"an address of nowhere": {fields{"body": "x", "address": "here"}, 422, "invalid", []string{"/address malformed"}},
		"a fault of the document": {fields{"body": "x", "source": "rules:\n  - id: a\n    when: links.cuont > 2\n    then: hold\n    reason: x\n"},
			422, "ruleset-invalid", []string{"/source ruleset"}},
		"a base that is not there": {fields{"body": "x", "source": "extends: nowhere/1\n"}, 422, "ruleset-invalid", []string{"/source ruleset"}},
	} {
		t.Run(name, func(t *testing.T) {
			apiClient{h.in(t), ada.token}.post(paperRulesets+"/try", tc.body, asInvalid).wantProblem(tc.status, tc.code, tc.faults...)
		})
	}
}

// backtestEvent is one event of a backtest.
type backtestEvent struct {
	Event       string
	Done, Total int
	Report      rulebook.BacktestReport
}

func events(t *testing.T, r reply) []backtestEvent {
	t.Helper()
	r.want(http.StatusOK, nil)
	if got := r.header.Get("Content-Type"); got != "application/x-ndjson" {
		t.Errorf("content type %q", got)
	}
	var lines []backtestEvent
	scanner := bufio.NewScanner(bytes.NewReader(r.body))
	for scanner.Scan() {
		var one backtestEvent
		if err := json.Unmarshal(scanner.Bytes(), &one); err != nil {
			t.Fatalf("%v: %s", err, scanner.Text())
		}
		checkSchema(t, "BacktestEvent", scanner.Bytes())
		lines = append(lines, one)
	}
	return lines
}

func TestABacktestReportsItsProgressAndItsResult(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		iris := newAdminClient(h)
		h.submit("please publish this")
		h.submit("a casino", fields{"author_email": "other@mail.example"})
		h.clock.advance(time.Minute)
		lines := events(h.t.(*testing.T), iris.post(paperRulesets+"/backtest", fields{"days": 7, "source": "rules: []\ndefault: reject\n"}))
		if len(lines) != 2 || lines[0].Event != "progress" || lines[0].Done != 2 || lines[0].Total != 2 || lines[1].Event != "report" {
			h.t.Fatalf("%+v", lines)
		}
		r := lines[1].Report
		if r.Active == nil || r.Active.Version != 2 || r.Active.Changed != 2 {
			h.t.Errorf("against the active version: %+v", r.Active)
		}
		if r.Submissions != 2 || r.Now["reject"] != 2 || len(r.Flips) != 2 || len(r.Flips[0].Sample) != 1 {
			h.t.Errorf("%+v", r)
		}
		iris.post(paperRulesets+"/backtest", fields{"days": 367}, asInvalid).wantProblem(422, "invalid", "/days out_of_range")
		iris.post(paperRulesets+"/backtest", fields{"days": 7, "version": 42}).wantProblem(404, "not-found")
		iris.post(paperRulesets+"/backtest", fields{"days": 7, "source": "rules: 3"}).wantProblem(422, "ruleset-invalid", "/source ruleset")
		apiClient{h, h.ada()}.post(paperRulesets+"/backtest", fields{"days": 7}).wantProblem(403, "role")
	})
}

func TestTheQueueIsJudgedAgain(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		iris := newAdminClient(h)
		waiting := h.submit("a harmless word")
		h.clock.advance(time.Minute)
		source := "rules:\n  - {id: kind, when: text.body.contains(\"harmless\"), then: approve, reason: Kind.}\n"
		var saved struct{ Version int }
		iris.post(paperRulesets, fields{"source": source}).want(http.StatusCreated, &saved)
		var result rulebook.RerunResult
		iris.post(paperRulesets+"/3/rerun", fields{"preview": true}).want(http.StatusOK, &result)
		if !result.Preview || result.Actions["approve"] != 1 || result.Changed != 0 || result.Sample[0].CommentID != waiting.Comment.ID {
			h.t.Errorf("%+v", result)
		}
		iris.post(paperRulesets+"/3/rerun", fields{"preview": false}).wantProblem(409, "not-active")
		iris.post(paperRulesets+"/3/rerun", fields{}, asInvalid).wantProblem(422, "invalid", "/preview required")
		iris.post(paperRulesets+"/9/rerun", fields{"preview": true}).wantProblem(404, "not-found")
		iris.post(paperRulesets+"/3/activate", nil).want(http.StatusOK, nil)
		iris.post(paperRulesets+"/3/rerun", fields{"preview": false}).want(http.StatusOK, &result)
		if result.Changed != 1 || h.thread("").Count != 1 {
			h.t.Errorf("%+v", result)
		}
		apiClient{h, h.ada()}.post(paperRulesets+"/3/rerun", fields{"preview": true}).wantProblem(403, "role")
	})
}

func TestVersionsAreComparedAndCarryTheirBase(t *testing.T) {
	h := newTestServer(t)
	iris := newAdminClient(h)
	iris.post(paperRulesets, fields{"source": "extends: paper/2\nlists:\n  promises: {add: [lottery]}\nrules:\n  - {id: newcomers, mode: shadow}\n"}).
		want(http.StatusCreated, nil)
	var stored struct{ Source, Base string }
	iris.get(paperRulesets+"/3").want(http.StatusOK, &stored)
	if stored.Base != fixtureRules {
		t.Errorf("the base is %q", stored.Base)
	}
	var changes struct {
		Rules []struct {
			ID, Change string
			Parts      []struct{ Part, Before, After string }
		}
		Lists []struct {
			ID         string
			TermsAdded []string `json:"terms_added"`
		}
	}
	iris.get(paperRulesets+"/3/diff?against=2").want(http.StatusOK, &changes)
	if len(changes.Rules) != 1 || changes.Rules[0].Parts[0].After != "shadow" || changes.Lists[0].TermsAdded[0] != "lottery" {
		t.Errorf("%+v", changes)
	}
	iris.get(paperRulesets+"/3/diff?against=9").wantProblem(404, "not-found")
	iris.get(paperRulesets+"/3/diff", asInvalid).wantProblem(422, "invalid", "/against required")
	p := iris.post(paperRulesets+"/check", fields{"source": "extends: paper/2\nlists:\n  promises: {mode: cidr}\n"}).wantProblem(422, "ruleset-invalid")
	if len(p.Errors) == 0 || p.Errors[0].Line == 0 {
		t.Errorf("%+v", p)
	}
}

func TestHealthIsServedOverHTTP(t *testing.T) {
	h := newTestServer(t)
	h.submit("a casino")
	h.clock.advance(time.Hour)
	counter := rulebook.Counter{Store: h.db.ForRuleCounter(), Now: h.clock.Now, Log: h.Log}
	if err := counter.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	ada := apiClient{h, h.ada()}
	var report rulebook.HealthReport
	ada.get("/api/v1/sites/paper/rules/health?days=7").want(http.StatusOK, &report)
	if report.Version != 2 || report.Since != "2026-02-24" || len(report.Rules) != 6 {
		t.Errorf("%+v", report)
	}
	for _, r := range report.Rules {
		if fired := r.Rule == "promises" || r.Rule == "newcomers"; fired != (r.Hits == 1) || fired == r.New || r.Dead || fired == (r.LastFired == nil) {
			t.Errorf("%+v", r)
		}
	}
	ada.get("/api/v1/sites/paper/rules/health").want(http.StatusOK, nil)
	ada.get("/api/v1/sites/paper/rules/health?days=0", asInvalid).wantProblem(422, "invalid", "/days out_of_range")
	ada.get("/api/v1/sites/paper/rules/health?days=many", asInvalid).wantProblem(422, "invalid", "/days out_of_range")
	ada.get("/api/v1/sites/nowhere/rules/health").wantProblem(404, "site-unknown")
	demoOnly := apiClient{h, h.registerModerator("Dora", auth.RoleModerator, "demo")}
	demoOnly.get("/api/v1/sites/paper/rules/health").wantProblem(404, "site-unknown")
	demoOnly.post(paperRulesets+"/try", fields{"body": "x"}).wantProblem(404, "site-unknown")
}

// checkSchema checks one JSON value against a schema of the contract.
func checkSchema(t testing.TB, name string, raw []byte) {
	t.Helper()
	if err := must(theContract())(t).CheckSchema(name, raw); err != nil {
		t.Errorf("%s breaks the contract:\n%v\n%.2000s", name, err, raw)
	}
}

// rulesetCases are some of the requests in routeCases.
func rulesetCases() map[string][]routeCase {
	return map[string][]routeCase{
		"POST /api/v1/sites/:site/rulesets/try": {moderatorCase(call{path: paperRulesets + "/try",
			body: fields{"body": "A word.", "author_email": "ines@mail.example", "address": "192.0.2.7"}}, 200)},
		"POST /api/v1/sites/:site/rulesets/backtest": {adminCase(call{path: paperRulesets + "/backtest",
			body: fields{"days": 7}}, 200)},
		"POST /api/v1/sites/:site/rulesets/:version/rerun": {adminCase(call{path: paperRulesets + "/2/rerun",
			body: fields{"preview": true}}, 200)},
		"GET /api/v1/sites/:site/rulesets/:version/diff": {moderatorCase(call{path: paperRulesets + "/2/diff?against=1"}, 200)},
		"GET /api/v1/sites/:site/rules/health":           {moderatorCase(call{path: "/api/v1/sites/paper/rules/health"}, 200)},
	}
}
