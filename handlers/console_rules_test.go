package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

const chiefEmail = "iris@desk.example"

// adminBrowser is the browser of the admin Iris.
func (s *fixture) adminBrowser(t testing.TB) *browser {
	t.Helper()
	_, err := s.Auth.Register(t.Context(), auth.NewModerator{Email: chiefEmail, Name: "Iris", Role: auth.RoleAdmin, Password: adaPassword})
	if err != nil {
		t.Fatal(err)
	}
	b := s.browserFor(t)
	b.follow(b.signIn("/console/sign-in", chiefEmail, adaPassword)).want(http.StatusOK, "Iris")
	return b
}

const editorPage = "/console/rules/edit?site=paper"

const kindRule = "rules:\n  - {id: kind, when: text.body.contains(\"harmless\"), then: approve, reason: Kind.}\n"

// draft fills the editor in.
func draft(do, source string, more ...string) url.Values {
	form := url.Values{"do": {do}, "source": {strings.ReplaceAll(source, "\n", "\r\n")}, "days": {"30"}, "from": {"2"}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

func TestRulesAreListedWithAuthorAndTime(t *testing.T) {
	s := newFixture(t)
	iris := s.adminBrowser(t)
	iris.follow(iris.post(editorPage, draft("save", kindRule, "note", "Kinder."))).want(http.StatusOK,
		"The version has been saved.", "Version 3", "by Iris", "Kinder.", "then: approve")
	iris.follow(iris.post("/console/rules/versions/3/activate?site=paper", nil)).want(http.StatusOK, "Version 3 is active.")
	page := iris.get("/console/rules/versions?site=paper")
	page.want(http.StatusOK, "Rules for The Harbour Gazette", "Version 3", "Version 1", "by the command line", "active since", ", by Iris", "Roll back…", "Re-run…")
	iris.get("/console/rules").want(http.StatusOK, "Choose a site", "The Harbour Gazette")
	iris.get("/console/rules/diff?site=paper&from=2&to=3").want(http.StatusOK, "open-gate", "removed", "added", "kind", "<ins>approve</ins>")
	iris.get("/console/rules/diff?site=paper&from=3&to=3").want(http.StatusOK, "No differences")
	iris.get("/console/rules/diff?site=paper&from=x&to=3").want(http.StatusNotFound)
	iris.get("/console/rules?site=nosuch").want(http.StatusNotFound)
}

func TestAModeratorReadsTheRulesAndTriesThem(t *testing.T) {
	s := newFixture(t)
	ada := s.adaBrowser(t)
	page := ada.get("/console/rules/versions/2?site=paper")
	page.want(http.StatusOK, "closed-gate", "please decline")
	for _, word := range []string{"/activate", "/rules/edit", "Roll back"} {
		if strings.Contains(page.body, word) {
			t.Errorf("a moderator is offered %s", word)
		}
	}
	tried := ada.post("/console/rules/try?site=paper", url.Values{"body": {"please decline this Casino & <b>more</b>"}})
	tried.want(http.StatusOK, "<b>The text asks to be declined.</b>", "<mark>Casino</mark>", "&lt;b&gt;more")
	disguised := ada.post("/console/rules/try?site=paper", url.Values{"body": {"A *cas&#105;no* at [home](https://a.example/)"}})
	disguised.want(http.StatusOK, "As readers would see it", "<em><mark>casino</mark></em>", "*<mark>cas&amp;#105;no</mark>*",
		`rel="nofollow ugc noopener noreferrer"`, "<br> <mark>casino</mark>")
	known := ada.post("/console/rules/try?site=paper", url.Values{"body": {"A remark."}, "as": {"known"}})
	known.want(http.StatusOK, `<option value="known" selected>`)
	ada.post("/console/rules/try?site=paper", url.Values{"body": {""}}).want(http.StatusUnprocessableEntity, "concern")
	ada.post("/console/rules/try?site=paper", url.Values{"body": {"kept text"}, "version": {"99"}}).want(http.StatusNotFound, "kept text")
	ada.get(editorPage).want(http.StatusForbidden)
	ada.post(editorPage, draft("save", kindRule)).want(http.StatusForbidden)
}

func TestTheEditorKeepsItsInputAndShowsFaults(t *testing.T) {
	s := newFixture(t)
	iris := s.adminBrowser(t)
	iris.get(editorPage).want(http.StatusOK, "based on version 2", "open-gate")
	broken := "rules:\n  - id: links\n    when: links.cuont > 2\n    then: hold\n    reason: <Mine> & yours\n"
	for _, do := range []string{"check", "save", "try", "backtest"} {
		page := iris.post(editorPage, draft(do, broken, "note", "My note", "body", "pasted"))
		want := http.StatusUnprocessableEntity
		if do == "check" {
			want = http.StatusOK
		}
		page.want(want, "1 error.", "Line 3, column", `data-line="3"`, "&lt;Mine&gt; &amp; yours", "My note", "pasted")
		_, form := page.form("/console/rules/edit")
		if got := strings.ReplaceAll(form.Get("source"), "\r\n", "\n"); got != broken {
			t.Errorf("%s: the document came back as %q", do, got)
		}
	}
	iris.post(editorPage, draft("check", kindRule)).want(http.StatusOK, "No errors")
	iris.post(editorPage, draft("save", kindRule, "note", strings.Repeat("n", 2000))).want(http.StatusUnprocessableEntity, "Nothing was saved", "Kind.")
	iris.post(editorPage, draft("backtest", kindRule, "days", "0")).want(http.StatusUnprocessableEntity, "366 days", "Kind.")
	iris.post(editorPage, draft("save", kindRule), "Origin", "https://evil.example").want(http.StatusForbidden)
}

func TestAModeIsSwitchedInTheEditor(t *testing.T) {
	s := newFixture(t)
	iris := s.adminBrowser(t)
	iris.get("/console/rules/versions/2?site=paper").want(http.StatusOK, "rule=closed-gate")
	page := iris.get(editorPage + "&version=2&rule=closed-gate&mode=shadow")
	page.want(http.StatusOK, "- id: closed-gate\n    mode: shadow\n", "data-typed", "closed-gate: shadow.")
	if strings.Contains(iris.get(editorPage+"&version=2&rule=closed-gate&mode=loud").body, "data-typed") {
		t.Error("an invalid mode changed the document")
	}
}

// asModule has a form sent as the console's modules send it.
func asModule(accept string) []string { return []string{"Accept", accept} }

func TestModulesGetPartsOfTheEditor(t *testing.T) {
	s := newFixture(t)
	s.comment("quay", "", "Tom", "a harmless word")
	s.clock.advance(time.Minute)
	iris := s.adminBrowser(t)
	var part struct {
		Part   string
		Faults int
	}
	checked := iris.post(editorPage, draft("check", "rules: 3"), asModule("application/json")...)
	if err := json.Unmarshal([]byte(checked.body), &part); err != nil || part.Faults != 1 || !strings.HasPrefix(part.Part, `<div id="check"`) {
		t.Errorf("%v %+v", err, part)
	}
	tried := iris.post(editorPage, draft("try", kindRule, "body", "harmless"), asModule("application/json")...)
	if err := json.Unmarshal([]byte(tried.body), &part); err != nil || !strings.Contains(part.Part, "Kind.") {
		t.Errorf("%v %+v", err, part)
	}
	lines := strings.Split(strings.TrimSpace(iris.post(editorPage, draft("backtest", kindRule), asModule("application/x-ndjson")...).body), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"done":1,"total":1`) {
		t.Fatalf("%q", lines)
	}
	if err := json.Unmarshal([]byte(lines[1]), &part); err != nil || !strings.Contains(part.Part, "hold → approve") ||
		!strings.Contains(part.Part, "Compared with the active version 2") {
		t.Errorf("%v %+v", err, part)
	}
	refused := iris.post(editorPage, draft("backtest", "rules: 3"), asModule("application/x-ndjson")...)
	if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, "ruleset-invalid") {
		t.Errorf("status %d: %s", refused.status, refused.body)
	}
}

func TestABacktestShowsWhatFlips(t *testing.T) {
	s := newFixture(t)
	kind := s.comment("quay", "", "Tom", "a harmless word")
	s.comment("quay", "", "Ines", "please publish")
	s.clock.advance(time.Minute)
	s.decide(kind, moderation.ActionApprove)
	iris := s.adminBrowser(t)
	source := kindRule + "  - {id: never, when: text.body.contains(\"nowhere\"), then: spam, reason: Never.}\n"
	iris.post(editorPage, draft("backtest", source)).want(http.StatusOK, "2 submissions", "1 comment: approve → hold", "1 comment: hold → approve",
		"/console/comments/"+kind, "1 of 1", "100%", "1 rule never fired", "<code>never</code>")
}

func TestAChangedOutcomeIsKeptAsATest(t *testing.T) {
	s := newFixture(t)
	kind := s.comment("quay", "", "Tom", "a harmless word")
	s.comment("quay", "", "Ines", "please publish")
	s.clock.advance(time.Minute)
	s.decide(kind, moderation.ActionApprove)
	iris := s.adminBrowser(t)
	shown := iris.post(editorPage, draft("backtest", kindRule))
	shown.want(http.StatusOK, `should be published`, `should be held`)
	button := regexp.MustCompile(`value="(keep:` + kind + `:[0-9]+:approve)"`).FindStringSubmatch(shown.body)
	if button == nil {
		t.Fatal("nothing can be kept")
	}
	kept := iris.post(editorPage, draft(button[1], kindRule))
	kept.want(http.StatusOK, "Kept in your draft as a test: “a harmless word” is published.", "No errors, and all tests pass.",
		"body: a harmless word", "author.approved: 0", "expect: {action: approve}")
	kept.wantWithout("Tom", "mail.example")
	iris.get(editorPage).want(http.StatusOK, "expect: {action: approve}") // it is in the draft
	iris.post(editorPage, draft("keep:"+kind+":1:approve", kindRule)).want(http.StatusNotFound)
	iris.post(editorPage, draft("keep:nothing", kindRule)).want(http.StatusNotFound)
}

func TestActivationPreviewsTheQueue(t *testing.T) {
	s := newFixture(t)
	kind := s.comment("quay", "", "Tom", "a harmless word")
	s.comment("quay", "", "Ines", "something else")
	s.clock.advance(time.Minute)
	iris := s.adminBrowser(t)
	iris.post(editorPage, draft("save", kindRule)).want(http.StatusSeeOther)
	page := iris.get("/console/rules/versions/3/activate?site=paper")
	page.want(http.StatusOK, "Activate version 3?", "1 would be approved", "1 would stay in the queue", "/console/comments/"+kind, "Changes from version 2")
	if s.count(moderation.StatusPending) != 2 {
		t.Error("a preview decided")
	}
	action, form := page.form("/console/rules/versions/3/activate")
	iris.follow(iris.post(action, form)).want(http.StatusOK, "Version 3 is active. Judged again: 2 comments. Decided: 1.")
	if s.count(moderation.StatusApproved) != 1 {
		t.Error("the queue was not judged again")
	}
	iris.get("/console/rules/versions/3/activate?site=paper").want(http.StatusOK, "Re-run version 3 on the queue?", "1 would stay in the queue")
	iris.get("/console/rules/versions/2/activate?site=paper").want(http.StatusOK, "Roll back to version 2?")
	held := s.comment("quay", "", "Ada’s own", "something else again")
	s.clock.advance(time.Minute)
	s.decide(held, moderation.ActionApprove)
	s.clock.advance(time.Minute)
	s.decide(held, moderation.ActionHold)
	iris.get("/console/rules/versions/3/activate?site=paper").want(http.StatusOK, "Of 2 comments in the queue:",
		"1 would stay in the queue", "1 would stay as a moderator decided")
	iris.follow(iris.post("/console/rules/versions/2/activate?site=paper", nil)).want(http.StatusOK, "Version 2 is active.")
	iris.get("/console/rules/versions/9/activate?site=paper").want(http.StatusNotFound)
}

func TestRuleHealthIsDrawn(t *testing.T) {
	s := newFixture(t)
	site := must(s.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t)
	day := func(ago int, counts rulebook.RuleCounts) rulebook.RuleDay {
		at := s.clock.Now().AddDate(0, 0, -ago)
		return rulebook.RuleDay{Rule: "closed-gate", Day: at.UTC().Format(time.DateOnly), Counts: counts, LastAt: at}
	}
	must(0, s.db.RuleDays.AddRuleDays(t.Context(), rulebook.CounterStep{SiteID: site.ID,
		To: rulebook.RuleProgress{Submissions: moderation.Keyset{At: s.clock.Now(), ID: "a"}},
		Days: []rulebook.RuleDay{day(0, rulebook.RuleCounts{Hits: 4, Acted: 4, Upheld: 1, Overturned: 3}),
			day(6, rulebook.RuleCounts{Hits: 8, Acted: 8}), day(7, rulebook.RuleCounts{Hits: 99})}}))(t)
	ada := s.adaBrowser(t)
	page := ada.get("/console/rules/health?site=paper&days=7")
	page.want(http.StatusOK, "closed-gate", "<dd>12</dd>", "<dd>25%</dd>", "Hits per day: at most 8, today 4",
		`d="M0.0 28v-28.0h20.6v28.0zM154.3 28v-14.0h20.6v14.0z"`, `d="M154.3 28v-10.5h20.6v10.5z"`, `<span class="tag new">new</span>`)
	ada.get("/console/rules/health?site=paper&days=400").want(http.StatusUnprocessableEntity)
}

// consoleRuleCases are some of the requests in routeCases.
func consoleRuleCases() map[string][]routeCase {
	read := func(path string) routeCase {
		return routeCase{call: call{path: path, wrong: true}, nobody: 303, otherModerator: 404, otherAdmin: 404, moderator: 200, admin: 200}
	}
	edit := func(c call, status int) routeCase {
		c.wrong = true
		if c.body != nil {
			c.header = asForm
		}
		return routeCase{call: c, nobody: 303, otherModerator: 403, otherAdmin: 404, moderator: 403, admin: status}
	}
	tried := read("/console/rules/try?site=paper")
	tried.header, tried.body = asForm, form("body", "A word.", "author_email", "ines@mail.example", "address", "192.0.2.7")
	activate := "/console/rules/versions/2/activate?site=paper"
	return map[string][]routeCase{
		"GET /console/rules": {read("/console/rules?site=paper"),
			{call: call{path: "/console/rules", wrong: true}, nobody: 303, otherModerator: 303, otherAdmin: 303, moderator: 200, admin: 200}},
		"GET /console/rules/versions":                    {read("/console/rules/versions?site=paper")},
		"POST /console/rules/mode":                       {edit(call{path: "/console/rules/mode?site=paper", body: form("rule", "open-gate", "mode", "off")}, 303)},
		"GET /console/rules/build":                       {edit(call{path: "/console/rules/build?site=paper"}, 200)},
		"POST /console/rules/build":                      {edit(call{path: "/console/rules/build?site=paper", body: form("do", "add:c", "c.join", "all")}, 200)},
		"GET /console/rules/lists":                       {read("/console/rules/lists?site=paper")},
		"POST /console/rules/lists":                      {edit(call{path: "/console/rules/lists?site=paper", body: form("do", "list", "new-list", "more", "new-terms", "a, b")}, 303)},
		"GET /console/rules/draft":                       {edit(call{path: "/console/rules/draft?site=paper"}, 303)},
		"POST /console/rules/draft":                      {edit(call{path: "/console/rules/draft?site=paper", body: form("do", "discard")}, 303)},
		"GET /console/rules/versions/:version":           {read("/console/rules/versions/2?site=paper")},
		"GET /console/rules/versions/:version/activate":  {edit(call{path: activate}, 200)},
		"POST /console/rules/versions/:version/activate": {edit(call{path: activate, body: form("rerun", "")}, 303)},
		"GET /console/rules/diff":                        {read("/console/rules/diff?site=paper&from=1&to=2")},
		"GET /console/rules/edit":                        {edit(call{path: editorPage}, 200)},
		"POST /console/rules/edit": {edit(call{path: editorPage, body: form("do", "check", "source", kindRule)}, 200),
			edit(call{path: editorPage, body: form("do", "backtest", "days", "7", "source", kindRule)}, 200)},
		"GET /console/rules/try":    {read("/console/rules/try?site=paper")},
		"POST /console/rules/try":   {tried},
		"GET /console/rules/health": {read("/console/rules/health?site=paper")},
	}
}
