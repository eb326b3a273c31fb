package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// moderationSettings are the settings of a site that are kept as rules, in the API.
type moderationSettings struct {
	Mode           string
	HeldWords      []string `json:"held_words"`
	RejectedWords  []string `json:"rejected_words"`
	MaxLinks       int      `json:"max_links"`
	MaxLength      int      `json:"max_length"`
	Languages      []string
	Locked         []string
	RulesetVersion int `json:"ruleset_version"`
}

const weeklyModeration = "/api/v1/sites/weekly/moderation"

// addWeekly adds a site with the shipped ruleset, and returns an admin's token.
func (h *testServer) addWeekly() (admin string) {
	h.t.Helper()
	admin = h.registerModerator("Chief", auth.RoleAdmin)
	h.do(call{method: http.MethodPost, path: "/api/v1/sites", token: admin,
		body: fields{"slug": "weekly", "name": "Weekly", "origins": []string{"https://weekly.example"}}}).want(http.StatusCreated, nil)
	return admin
}

// statusOf sends a first comment about an article of the site weekly, which must never repeat.
func (h *testServer) statusOf(article, email, body string, changes ...fields) moderation.Status {
	h.t.Helper()
	var sent accepted
	all := append([]fields{{"article": fields{"key": "https://weekly.example/" + article}, "author_email": email}}, changes...)
	h.do(call{method: http.MethodPost, path: "/api/v1/sites/weekly/comments", body: submission(body, all...)}).want(http.StatusCreated, &sent)
	return sent.Comment.Status
}

func TestSettingsWriteRulesThatJudgeTheNextComment(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin := h.addWeekly()
		change := func(body fields) (now moderationSettings) {
			h.t.Helper()
			h.do(call{method: http.MethodPatch, path: weeklyModeration, token: admin, body: body}).want(http.StatusOK, &now)
			return now
		}
		want := func(what string, got, status moderation.Status) {
			h.t.Helper()
			if got != status {
				h.t.Errorf("%s is %s, want %s", what, got, status)
			}
		}
		var now moderationSettings
		h.do(call{method: http.MethodGet, path: weeklyModeration, token: admin}).want(http.StatusOK, &now)
		if now.Mode != "hold_first" || now.MaxLinks != 2 || now.RulesetVersion != 1 || len(now.Locked) > 0 {
			h.t.Fatalf("a new site has %+v", now)
		}
		want("a first comment", h.statusOf("ferry", "a@mail.example", "The ferry was late again this morning."), moderation.StatusPending)

		now = change(fields{"mode": "at_once", "held_words": []string{"turnip", " Turnip  boat ", "turnip"}, "rejected_words": []string{"swede"}})
		if now.Mode != "at_once" || strings.Join(now.HeldWords, ",") != "turnip,Turnip boat" || now.RulesetVersion != 2 {
			h.t.Fatalf("the settings are %+v", now)
		}
		want("a first comment, at once", h.statusOf("ferry", "b@mail.example", "The captain waved at us from the bridge."), moderation.StatusApproved)
		want("a held word in disguise", h.statusOf("ferry", "c@mail.example", "My neighbour grew a t.u.r.n.i.p this year."), moderation.StatusPending)
		want("a rejected word", h.statusOf("ferry", "d@mail.example", "Nobody wants to eat a swede on a ship."), moderation.StatusRejected)

		now = change(fields{"max_length": 60, "languages": []string{"en", "de", "en"}})
		if now.MaxLength != 60 || strings.Join(now.Languages, ",") != "de,en" || len(now.HeldWords) != 2 {
			h.t.Fatalf("the settings are %+v", now)
		}
		want("a long comment", h.statusOf("ferry", "k@mail.example", "The mate says the new engine is slower, and so do all of the passengers."), moderation.StatusPending)
		want("one in another language", h.statusOf("ferry", "l@mail.example", "Le bateau est encore en retard ce matin."), moderation.StatusPending)
		want("one in another of the languages", h.statusOf("ferry", "m@mail.example", "Das Schiff war heute wieder nicht da."), moderation.StatusApproved)
		change(fields{"max_length": 0, "languages": []string{}})
		want("one in any language", h.statusOf("ferry", "n@mail.example", "Le capitaine est un homme tranquille et gentil."), moderation.StatusApproved)

		// An article's mode takes precedence over the site's, and moderators may set it.
		moderator := h.registerModerator("Desk", auth.RoleModerator, "weekly")
		article := call{method: http.MethodPatch, path: "/api/v1/sites/weekly/articles?article=https://weekly.example/ferry", token: moderator}
		article.body = fields{"mode": "hold_all"}
		h.do(article).want(http.StatusOK, nil)
		want("a comment on that article", h.statusOf("ferry", "e@mail.example", "The harbour office knows nothing either."), moderation.StatusPending)
		want("one on another article", h.statusOf("bridge", "f@mail.example", "The bridge opens for tall masts only."), moderation.StatusApproved)
		article.body, article.wrong = fields{"mode": "closed"}, true
		h.do(article).wantProblem(http.StatusUnprocessableEntity, "invalid", "/mode unknown")
		article.wrong = false
		article.body = fields{"title": "Another title"}
		h.do(article).wantProblem(http.StatusForbidden, "role")
		article.body = fields{"closed": true}
		h.do(article).want(http.StatusOK, nil)
		want("a comment on a closed article", h.statusOf("ferry", "g@mail.example", "Still waiting for that ferry of yours."), moderation.StatusRejected)

		// A closed site shows no form, and opens again with another mode.
		if now = change(fields{"mode": "closed"}); now.Mode != "closed" || now.RulesetVersion != 4 {
			h.t.Errorf("closed, the settings are %+v", now)
		}
		want("a comment on a closed site", h.statusOf("bridge", "h@mail.example", "Is the bridge open on Sundays at all?"), moderation.StatusRejected)
		if now = change(fields{"mode": "hold_all", "max_links": -1, "held_words": []string{}}); now.Mode != "hold_all" || now.MaxLinks != -1 {
			h.t.Errorf("open again, the settings are %+v", now)
		}
		want("a comment where all wait", h.statusOf("bridge", "i@mail.example", "The bridge keeper has a new cap now."), moderation.StatusPending)
	})
}

func TestSettingsThatWereChangedByHandAreLocked(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin := h.addWeekly()
		var shown struct{ Source string }
		h.do(call{method: http.MethodGet, path: "/api/v1/sites/weekly/rulesets/1", token: admin}).want(http.StatusOK, &shown)
		source := strings.Replace(shown.Source, "when: links.count > 2", "when: links.count > 2 || links.disguised > 0", 1)
		h.do(call{method: http.MethodPost, path: "/api/v1/sites/weekly/rulesets", token: admin, body: fields{"source": source}}).want(http.StatusCreated, nil)
		h.do(call{method: http.MethodPost, path: "/api/v1/sites/weekly/rulesets/2/activate", token: admin}).want(http.StatusOK, nil)

		var now moderationSettings
		h.do(call{method: http.MethodGet, path: weeklyModeration, token: admin}).want(http.StatusOK, &now)
		if len(now.Locked) != 1 || now.Locked[0] != "max_links" {
			h.t.Fatalf("locked are %v", now.Locked)
		}
		h.do(call{method: http.MethodPatch, path: weeklyModeration, token: admin, body: fields{"max_links": 5}}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", "/max_links locked")
		h.do(call{method: http.MethodPatch, path: weeklyModeration, token: admin, body: fields{"mode": "hold_all"}}).want(http.StatusOK, &now)
		h.do(call{method: http.MethodGet, path: "/api/v1/sites/weekly/rulesets/3", token: admin}).want(http.StatusOK, &shown)
		if now.Mode != "hold_all" || !strings.Contains(shown.Source, "links.disguised > 0\n") {
			h.t.Errorf("the settings are %+v, and the change by hand is gone", now)
		}
	})
}

func TestWrongSettingsAreRefused(t *testing.T) {
	h := newTestServer(t)
	admin := h.addWeekly()
	for pointer, body := range map[string]fields{
		"/mode unknown":               {"mode": "sometimes"},
		"/max_links out_of_range":     {"max_links": -2},
		"/max_length out_of_range":    {"max_length": 10_001},
		"/languages/1 unknown":        {"languages": []string{"en", "english"}},
		"/held_words/1 malformed":     {"held_words": []string{"fine", "x"}},
		"/rejected_words/0 malformed": {"rejected_words": []string{strings.Repeat("long", 30)}},
	} {
		h.do(call{method: http.MethodPatch, path: weeklyModeration, token: admin, body: body, wrong: true}).
			wantProblem(http.StatusUnprocessableEntity, "invalid", pointer)
	}
}

func TestAWebsiteIsAcceptedOnlyIfTheSiteAsksForIt(t *testing.T) {
	eachEngine(t, func(h *testServer) {
		admin := h.addWeekly()
		h.do(call{method: http.MethodPatch, path: "/api/v1/sites/weekly", token: admin, body: fields{"settings": fields{
			"website": false, "guidelines": "Be <kind>.\n\nStay on topic.",
			"guidelines_url": "https://weekly.example/rules"}}}).want(http.StatusOK, nil)
		h.do(call{method: http.MethodPatch, path: weeklyModeration, token: admin, body: fields{"mode": "at_once"}}).want(http.StatusOK, nil)
		page := string(h.get("/sites/weekly/page?article=https://weekly.example/ferry").body)
		if strings.Contains(page, `name="author_url"`) {
			h.t.Error("the form asks for a website")
		}
		for _, part := range []string{`<p dir="auto">Be &lt;kind&gt;.</p>`, `<p dir="auto">Stay on topic.</p>`,
			`<a href="https://weekly.example/rules">Our guidelines</a>`} {
			if !strings.Contains(page, part) {
				h.t.Errorf("the form has no %s", part)
			}
		}
		if got := h.statusOf("ferry", "a@mail.example", "The ferry was late again this morning.",
			fields{"author_url": "https://shoes.example/"}); got != moderation.StatusApproved {
			h.t.Errorf("a comment with a website is %s", got)
		}
		if page := string(h.get("/sites/weekly/page?article=https://weekly.example/ferry").body); strings.Contains(page, "shoes.example") {
			h.t.Error("the website is published")
		}
	})
}

func TestTheFormOfASiteHasNoFieldForALockedSetting(t *testing.T) {
	s := newFixture(t)
	admin, viewer := s.newAdmin(), moderation.Viewer{}
	must(s.Sites.Add(t.Context(), viewer, moderation.NewSite{Slug: "weekly", Name: "Weekly"}))(t)
	shown := must(s.Rulebook.Version(t.Context(), viewer, rulebook.Ref{SiteSlug: "weekly", Version: 1}))(t)
	source := strings.Replace(shown.Source, "when: links.count > 2", "when: links.count > 2 || links.disguised > 0", 1)
	saved := must(s.Rulebook.Save(t.Context(), viewer, "weekly", rulebook.Draft{Source: source}))(t)
	must(s.Rulebook.Activate(t.Context(), viewer, rulebook.Ref{SiteSlug: "weekly", Version: saved.Version}))(t)
	page := admin.get("/console/sites/weekly")
	page.want(http.StatusOK, "is locked: its rules were changed by hand", `name="held_words"`, `value="hold_first" checked`)
	page.wantWithout(`name="max_links"`)
	admin.follow(page.fill(admin, "/console/sites/weekly/moderation", "mode", "hold_all", "held_words", "casino\ncoupon code",
		"max_length", "2000", "languages", "de")).
		want(http.StatusOK, "Saved.", `value="hold_all" checked`, "casino\ncoupon code", `value="2000"`, `value="de" checked`)
}

func TestASiteIsDeletedOnceItsNameIsTyped(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	s.comment("quay", "", "Ada", "The ferry was late again this morning.")
	admin.get("/console/sites/paper").want(http.StatusOK, "Type paper to delete 1 comment")
	admin.post("/console/sites/paper/remove", url.Values{"confirm": {"Paper"}}).want(http.StatusUnprocessableEntity, "Type the short name of the site, paper, to confirm.")
	admin.follow(admin.post("/console/sites/paper/remove", url.Values{"confirm": {"paper"}})).want(http.StatusOK, "Removed the site paper: 1 article, 1 comment")
	admin.get("/console/sites/paper").want(http.StatusNotFound)
}
