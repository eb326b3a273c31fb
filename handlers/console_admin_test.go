package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// newAdmin is the browser of an admin of every site.
func (s *fixture) newAdmin() *browser {
	s.t.Helper()
	return s.newModerator("Chief", auth.RoleAdmin, nil)
}

var linkShown = regexp.MustCompile(`value="http://[^"/]+(/console/invitation/[^"]+)"`)

func TestOnlyAdminsSeeTheAdministration(t *testing.T) {
	s := newFixture(t)
	ada, admin := s.adaBrowser(t), s.newAdmin()
	ada.get("/console").wantWithout("Administration")
	admin.get("/console").want(http.StatusOK, "Administration")
	articles := ada.get("/console/articles?site=paper")
	articles.want(http.StatusOK, "The quay", "Close")
	articles.wantWithout("/console/articles/one", `href="/console/sites"`)
	admin.get("/console/articles").want(http.StatusOK, `<a href="/console/articles" aria-current="page">`)
	for _, path := range []string{"/console/moderators", "/console/sites", "/console/audit"} {
		ada.get(path).want(http.StatusForbidden, "Your role does not allow this.")
		admin.get(path).want(http.StatusOK, `<a href="`+path+`" aria-current="page">`)
	}
}

func TestASecondModeratorIsInvitedAndSignsIn(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	page := admin.get("/console/moderators")
	wrong := page.fill(admin, "/console/moderators", "email", "bo at desk", "name", "Bo", "scope", "some")
	wrong.want(http.StatusUnprocessableEntity, "Choose at least one site.", `value="bo at desk"`, `value="Bo"`)
	made := admin.follow(wrong.fill(admin, "/console/moderators", "email", moderatorEmail("bo"), "scope", "some", "sites", "paper"))
	made.want(http.StatusOK, "Link for Bo", "invited", "access to The Harbour Gazette")
	link := linkShown.FindStringSubmatch(made.body)
	if link == nil {
		t.Fatal("no link")
	}
	admin.get("/console/moderators").wantWithout(link[1])
	bo := s.browser()
	bo.follow(bo.get(link[1]).fill(bo, link[1], "name", "Bo Lind", "password", moderatorPassword)).want(http.StatusOK, "Bo Lind")
	bo.get("/console/moderators").want(http.StatusForbidden)
	person := admin.get(admin.get("/console/moderators").link("Bo Lind"))
	person.want(http.StatusOK, "Create password reset link")
	target, form := person.form("/console/moderators/")
	form.Set("disabled", "yes")
	form.Set("scope", "some")
	form.Set("sites", "paper")
	admin.follow(admin.post(target, form)).want(http.StatusOK, "Bo Lind", "disabled")
	bo.get("/console").want(http.StatusSeeOther)
	person.fill(admin, target+"/link").want(http.StatusConflict, "This moderator is disabled.")
}

func TestALinkIsReplacedAndRevokedInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	m, old, err := s.Auth.Invite(t.Context(), auth.Identity{}, auth.NewModerator{Email: moderatorEmail("bo"), Name: "Bo", Role: auth.RoleModerator})
	if err != nil {
		t.Fatal(err)
	}
	path := "/console/moderators/" + m.ID
	made := admin.follow(admin.get(path).fill(admin, path+"/link"))
	link := linkShown.FindStringSubmatch(made.body)
	if link == nil {
		t.Fatalf("no link: %s", made.body)
	}
	admin.get("/console/invitation/" + old.Secret).want(http.StatusNotFound)
	admin.get(link[1]).want(http.StatusOK)
	admin.follow(admin.get(path).fill(admin, path+"/link/revoke")).want(http.StatusOK, "The link has been revoked.")
	admin.get(link[1]).want(http.StatusNotFound)
}

func TestTheLastAdminGetsAnErrorAndKeepsTheInput(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	m := must(s.Auth.ModeratorWithEmail(t.Context(), moderatorEmail("Chief")))(t)
	page := admin.get("/console/moderators/" + m.ID)
	page.want(http.StatusOK, "This is your account.")
	page.fill(admin, "/console/moderators/", "name", "Chief of old", "role", "moderator").
		want(http.StatusConflict, "This is the last admin.", `value="Chief of old"`)
}

func TestASiteIsAddedAndChangedInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	wrong := admin.get("/console/sites").fill(admin, "/console/sites", "slug", "The Lake", "name", "The Lake", "origins", "https://lake.example\nlake")
	wrong.want(http.StatusUnprocessableEntity, "https://lake.example\nlake", `value="The Lake"`, `href="#add-slug"`, `href="#add-origins"`)
	added := admin.follow(wrong.fill(admin, "/console/sites", "slug", "lake", "origins", "https://lake.example\n"))
	added.want(http.StatusOK, "The site has been added.", "https://lake.example")
	bad := added.fill(admin, "/console/sites/lake", "max_depth", "9999", "edit_window_minutes", "soon", "votes", "up")
	bad.want(http.StatusUnprocessableEntity, "Must be a whole number.", `value="9999"`, `<option value="up" selected>`)
	bad.wantGolden("site-refused")
	_, form := bad.form("/console/sites/lake")
	form.Set("edit_window_minutes", "5")
	form.Set("max_depth", "7")
	form.Del("reports")
	admin.follow(admin.post("/console/sites/lake", form)).want(http.StatusOK, "Saved.")
	site := must(s.Sites.Find(t.Context(), moderation.Viewer{}, "lake"))(t)
	if got := site.Settings; got.MaxDepth != 7 || got.EditWindowMinutes != 5 || got.Votes != moderation.VotesUp || got.Reports || got.DisplayDepth != 4 {
		t.Errorf("the settings are %+v", got)
	}
}

func TestEveryFieldOfASitesFormIsSaved(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	const path = "/console/sites/paper"
	must(s.Sites.Change(t.Context(), moderation.Viewer{}, "paper", moderation.SiteChange{
		Settings: func(s moderation.SiteSettings) moderation.SiteSettings {
			s.GuidelinesURL, s.TimeZone, s.SignInURL = "https://paper.example/rules", "Europe/Berlin", "https://paper.example/in"
			s.Reasons = []moderation.Reason{{Code: "rude", Text: map[string]string{"en": "Rude."}}}
			return s
		}}))(t)
	before := must(s.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t).Settings
	texts := map[string]string{"name": "The Other Paper", "locale": "de", "origins": "https://other.example", "guidelines": "Be kind.",
		"votes": string(moderation.VotesUpDown), "mail_sender": "The desk", "mail_reply_to": "desk@paper.example"}
	action, form := admin.get(path).form(path)
	changed := url.Values{}
	for _, field := range admin.get(path).fieldsOf(path) {
		was, isChecked := form.Get(field), form.Has(field)
		number, err := strconv.Atoi(was)
		switch text, known := texts[field]; {
		case known:
			changed.Set(field, text)
		case err == nil:
			changed.Set(field, strconv.Itoa(number+1))
		case isChecked && was != "yes" && was != "on":
			t.Errorf("add a value for %q, which has %q, to this test", field, was)
		case !isChecked:
			changed.Set(field, "yes")
		}
	}
	admin.follow(admin.post(action, changed)).want(http.StatusOK, "Saved.")
	_, got := admin.get(path).form(path)
	if d := cmp.Diff(changed, got); d != "" {
		t.Errorf("sent and shown after that: %s", d)
	}
	after := must(s.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t).Settings
	if after.GuidelinesURL != before.GuidelinesURL || after.TimeZone != before.TimeZone ||
		after.SignInURL != before.SignInURL || len(after.Reasons) != 1 {
		t.Errorf("the form changed settings that it does not show: %+v", after)
	}
}

func TestReasonsAreWordedInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	const path = "/console/sites/paper/reasons"
	page := admin.get(path)
	page.want(http.StatusOK, `value="off-topic"`, "Default: ")
	admin.follow(page.fill(admin, path)).want(http.StatusOK, "Saved.")
	reasons := func() []moderation.Reason {
		return must(s.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t).Settings.Reasons
	}
	if got := reasons(); got != nil {
		t.Errorf("the unchanged setting is %v", got)
	}
	bad := page.fill(admin, path, "code-1", "", "code-10", "house-rules", "words-10", "en: Rule 3.\nno language", "code-0", "No Code")
	bad.want(http.StatusUnprocessableEntity, "Each line must start with a different language tag", "no language", `href="#reasons-words-10"`)
	bad = bad.fill(admin, path, "words-10", "en: Rule 3.\nde: Regel 3.")
	bad.want(http.StatusUnprocessableEntity, `href="#reasons-code-0"`, `value="No Code"`)
	saved := admin.follow(bad.fill(admin, path, "code-0", "offensive"))
	saved.want(http.StatusOK, "de: Regel 3.\nen: Rule 3.")
	got := reasons()
	if len(got) != 10 || got[0].Code != "offensive" || got[9].Text["de"] != "Regel 3." {
		t.Errorf("the reasons are %+v", got)
	}
}

func TestArticlesAreFoundAndClosedInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	s.article("100%", func(n *moderation.NewArticle) { n.Title = "Percent" })
	must(s.Sites.AddAlias(t.Context(), moderation.Viewer{}, "paper", moderation.NewAlias{Key: "old-quay", ArticleKey: "quay"}))(t)
	for looked, found := range map[string]string{"LAMPS": "quay", "harbour.example": "quay", "old-quay": "quay", "%": "100%"} {
		page := admin.get("/console/articles?" + url.Values{"site": {"paper"}, "q": {looked}}.Encode())
		page.want(http.StatusOK, "<code>"+found+"</code>")
		if n := strings.Count(page.body, `action="/console/articles/closing"`); n != 1 {
			t.Errorf("%q finds %d articles", looked, n)
		}
	}
	page := admin.get("/console/articles?site=paper&q=lamps")
	closed := admin.follow(page.fill(admin, "/console/articles/closing", "closed", "yes"))
	closed.want(http.StatusOK, "The article is closed to new comments.", "closed by hand", `value="lamps"`)
	target, form := closed.form("/console/articles/closing")
	form.Del("closed")
	admin.follow(admin.post(target, form)).want(http.StatusOK, "The article is open for comments again.")
}

func TestAnArticleIsChangedInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	const one = "/console/articles/one"
	page := admin.get("/console/articles/one?site=paper&article=quay")
	bad := page.fill(admin, one, "title", "Lamps again", "close_after_days", "soon", "url", "ftp://x")
	bad.want(http.StatusUnprocessableEntity, `value="Lamps again"`, `value="soon"`, "Must be a whole number")
	good := admin.follow(bad.fill(admin, one, "close_after_days", "3", "tags", "night\nharbour", "url", "https://harbour.example/lamps"))
	good.want(http.StatusOK, "Saved.", `value="Lamps again"`, "night\nharbour")
	detail := must(s.Sites.Article(t.Context(), moderation.Viewer{}, moderation.SiteArticle{SiteSlug: "paper", Key: "quay"}))(t)
	if !detail.PublishedAt.Equal(monday.AddDate(0, 0, -1)) || *detail.CloseAfterDays != 3 {
		t.Errorf("published %s, closes after %d days", detail.PublishedAt, *detail.CloseAfterDays)
	}
	good.fill(admin, one+"/aliases", "alias", "quay").want(http.StatusUnprocessableEntity, "own key.")
	aliased := admin.follow(good.fill(admin, one+"/aliases", "alias", "old-quay"))
	aliased.want(http.StatusOK, "<code>old-quay</code>")
	admin.follow(aliased.fill(admin, one+"/aliases/remove")).wantWithout("<code>old-quay</code>")
}

func TestTheAuditLogIsReadInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	admin.get("/console/moderators").fill(admin, "/console/moderators", "email", moderatorEmail("bo"), "name", "Bo").want(http.StatusSeeOther)
	admin.get("/console/audit").want(http.StatusOK, "<b>Chief</b> signed in", "<b>Chief</b> invited <b>Bo</b>")
	invited := admin.get("/console/audit?action=invite_moderator&from=2026-03-02&to=2026-03-02")
	invited.want(http.StatusOK, "<b>Chief</b> invited <b>Bo</b>", `value="2026-03-02"`)
	invited.wantWithout("<b>Chief</b> signed in")
	admin.get("/console/audit?to=2026-03-01").want(http.StatusOK, "No entry matches this filter.")
	admin.get("/console/audit?from=yesterday").want(http.StatusOK, "is not a date", "<b>Chief</b> signed in")
	for range 60 {
		s.clock.advance(time.Second)
		b := s.browser()
		b.get("/console/sign-in").fill(b, "/console/sign-in", "email", moderatorEmail("chief"), "password", moderatorPassword)
	}
	first := admin.get("/console/audit")
	admin.get(first.link("Older entries →")).want(http.StatusOK, "<b>Chief</b> invited <b>Bo</b>")
}

func TestAnAdminOfCertainSitesInvitesForTheseOnly(t *testing.T) {
	s := newFixture(t)
	paper := must(s.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t)
	guest := s.newModerator("Guest", auth.RoleAdmin, func(n *auth.NewModerator) { n.SiteIDs = []string{paper.ID} })
	page := guest.get("/console/moderators")
	page.want(http.StatusOK, "The Harbour Gazette", "Guest")
	page.wantWithout("Every site", ">Demo<", "Ada")
	form := url.Values{"email": {moderatorEmail("bo")}, "name": {"Bo"}, "role": {"moderator"}, "scope": {"all"}}
	guest.post("/console/moderators", form).want(http.StatusUnprocessableEntity, "Choose at least one site.")
	form.Set("sites", "demo")
	guest.post("/console/moderators", form).want(http.StatusUnprocessableEntity, "There is no site with that name.")
	form.Set("sites", "paper")
	guest.post("/console/moderators", form).want(http.StatusSeeOther)
	guest.get("/console/sites").wantWithout("Add a site")
	guest.get("/console/sites/demo").want(http.StatusNotFound)
	guest.get("/console/articles").want(http.StatusOK, "Articles of The Harbour Gazette")
}
