package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

var secretShown = regexp.MustCompile(`value="(rjk_[\w-]{43})"`)

func TestAKeyIsAddedRotatedAndRevokedInTheConsole(t *testing.T) {
	s := newFixture(t)
	admin := s.newAdmin()
	page := admin.get("/console/keys")
	page.want(http.StatusOK, "There are no server keys yet.", `<a href="/console/keys" aria-current="page">`)
	wrong := page.fill(admin, "/console/keys", "name", "CMS", "per_minute", "many", "scope", "some", "sites", "paper")
	wrong.want(http.StatusUnprocessableEntity, `value="CMS"`, "This is required.", "must be a number from 1 to 60000")
	added := admin.follow(wrong.fill(admin, "/console/keys", "scopes", "articles", "per_minute", "60"))
	added.want(http.StatusOK, "Secret of CMS", "articles", "The Harbour Gazette", "never used", "expires")
	first := secretShown.FindStringSubmatch(added.body)
	if first == nil {
		t.Fatal("no secret is shown")
	}
	admin.get("/console/keys").wantWithout(first[1])
	key := admin.get("/console/keys").link("CMS")
	rotated := admin.follow(admin.get(key).fill(admin, key+"/rotate", "overlap", "60"))
	rotated.want(http.StatusOK, "Secret of CMS", "the old one is valid until", "60 requests per minute")
	second := secretShown.FindStringSubmatch(rotated.body)
	if second == nil || second[1] == first[1] {
		t.Fatalf("the rotation shows %q", second)
	}
	admin.get(key).fill(admin, key+"/rotate", "overlap", "soon").want(http.StatusUnprocessableEntity, "must be from 0 to 30 days")
	admin.follow(admin.get(key).fill(admin, key+"/revoke")).want(http.StatusOK, "The key has been revoked.", "revoked")
	admin.get(key).wantWithout("Make a new secret", "Revoke key")
	admin.post(key+"/rotate", url.Values{"overlap": {"60"}}).want(http.StatusConflict, "This server key was revoked or has expired.")
	admin.get("/console/audit").want(http.StatusOK, "<b>Chief</b> added a server key: <b>CMS (key)</b>",
		"<b>Chief</b> rotated a server key: <b>CMS (key)</b>", "<b>Chief</b> revoked a server key: <b>CMS (key)</b>")
}

func TestTheConsoleHidesActionsThatARoleLacks(t *testing.T) {
	s := newFixture(t)
	sent := s.browser()
	sent.submit("/sites/paper/page?article=quay", "author_name", "Ines", "author_email", "ines@mail.example", "body", "A first one.")
	sent.submit("/sites/paper/page?article=quay", "author_name", "Bo", "author_email", "bo@mail.example", "body", "Please publish this one, thanks, please publish it.")
	paper := must(s.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t)
	for _, tc := range []struct {
		role        auth.Role
		pages       map[string]string // the content of a page
		hidden      map[string]string
		description string
	}{
		{auth.RoleViewer, map[string]string{"/console": "Your role does not decide on comments.", "/console/notifications": "yours does not", "/console?status=approved": "Please publish this one"},
			map[string]string{"/console": `name="action"`, "/console?status=approved": "Reply publicly", "/console/rules?site=paper": "New rule",
				"/console/sites/paper/blocks": "Block something else", "/console/articles?site=paper": "/console/articles/closing",
				"/console/groups?site=paper": "/console/bulk"}, "Viewer"},
		{auth.RoleWriter, map[string]string{"/console?status=approved": "Reply publicly", "/console": "articles that name you as an author"},
			map[string]string{"/console": "Claim next", "/console?site=paper": "Dashboard", "/console?status=approved": "Show the email"}, "Writer"},
		{auth.RoleRules, map[string]string{"/console/rules?site=paper": "New rule"},
			map[string]string{"/console": "Claim next", "/console?status=approved": "Reply publicly"}, "Rules editor"},
		{auth.RoleModerator, map[string]string{"/console": "Claim next", "/console?status=approved": "Reply publicly"},
			map[string]string{"/console/rules?site=paper": "New rule"}, "Moderator"},
	} {
		b := s.newModerator("As-"+string(tc.role), tc.role, func(n *auth.NewModerator) { n.SiteIDs = []string{paper.ID} })
		if tc.role == auth.RoleWriter {
			s.nameAuthors("quay", "As-writer")
		}
		for path, text := range tc.pages {
			b.get(path).want(http.StatusOK, text)
		}
		for path, text := range tc.hidden {
			b.get(path).wantWithout(text)
		}
		b.get("/console/account").want(http.StatusOK, tc.description)
	}
}

func TestTheArticlesShowTagsAndPublication(t *testing.T) {
	s := newFixture(t)
	at := time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC)
	tags, title := []string{"city", "traffic"}, "The bridge"
	_, err := s.Sites.PutArticles(t.Context(), moderation.Viewer{}, "paper", []moderation.ArticlePut{{Key: "1041",
		ArticleChange: moderation.ArticleChange{Title: &title, Tags: &tags, PublishedAt: &at}}})
	if err != nil {
		t.Fatal(err)
	}
	s.newAdmin().get("/console/articles?site=paper").want(http.StatusOK, "The bridge", "city, traffic", `datetime="2026-02-01T08:00:00Z"`)
}
