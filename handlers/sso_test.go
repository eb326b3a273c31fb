package handlers_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/auth/oidc"
	"rejoinder/moderation"
)

func TestAProviderSignsAModeratorIn(t *testing.T) {
	f := newSSOFixture(t, func(c *oidc.Config) { c.Providers[0].Params = map[string]string{"ui_locales": "de"} })
	b := f.browser()
	b.get("/console/sign-in?next=%2Fconsole%2Fgroups").want(http.StatusOK, "Sign in with Newsroom login",
		"Sign in with Company account", newsroomPath+"?next=%2Fconsole%2Fgroups")
	asked := must(url.Parse(b.get(newsroomPath).header.Get("Location")))(t).Query()
	if asked.Get("code_challenge_method") != "S256" || len(asked.Get("code_challenge")) != 43 ||
		len(asked.Get("state")) != 43 || len(asked.Get("nonce")) != 43 || asked.Get("state") == asked.Get("nonce") ||
		asked.Get("ui_locales") != "de" {
		t.Errorf("the provider is asked with %v", asked)
	}
	done := b.get(f.beginSignIn(b, newsroomPath+"?next=/console/groups"))
	done.want(http.StatusOK, "Signed in")
	if got := done.header.Get("Refresh"); got != "0; url=/console/groups" {
		t.Errorf("the next page is %q, want the one that was asked for", got)
	}
	b.get("/console/groups").want(http.StatusOK, "Dana Lind")
	b.get("/console/account").want(http.StatusOK, "You have signed in with Newsroom login since", "The Harbour Gazette")
	b.get("/console/account").wantWithout("Current password", "Second factor", "Unlink")
	b.get("/console/moderators").want(http.StatusForbidden)

	paper := must(f.Sites.Find(t.Context(), moderation.Viewer{}, "paper"))(t).ID
	m := f.account(dana.Email)
	got := auth.Moderator{Name: m.Name, Role: m.Role, SiteIDs: m.SiteIDs, Federated: m.Federated}
	want := auth.Moderator{Name: "Dana Lind", Role: auth.RoleModerator, SiteIDs: []string{paper}, Federated: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the account (-want +got):\n%s", diff)
	}

	admin := f.newModerator("Eve", auth.RoleAdmin, nil)
	admin.get("/console/moderators").want(http.StatusOK, "signs in with Newsroom login", "signs in with password")
	admin.get("/console/moderators/"+m.ID).want(http.StatusOK, "Unlink from Newsroom login")
	admin.get("/console/audit").want(http.StatusOK, "got an account through an identity provider")
}

func TestGroupsDecideRoleAndSitesAtEachCheck(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	f.signIn(b)
	f.newsroom.SetGroups(dana.Subject, "comments-admins", "harbour-desk")
	b.get("/console/moderators").want(http.StatusForbidden)
	f.advance(auth.FederatedCheckEvery)
	b.get("/console/moderators").want(http.StatusOK, "Dana Lind")
	if m := f.account(dana.Email); m.Role != auth.RoleAdmin || len(m.SiteIDs) != 0 {
		t.Errorf("role %s on %d sites, want admin of all sites", m.Role, len(m.SiteIDs))
	}
	b.get("/console/audit").want(http.StatusOK, "got role and sites from an identity provider")
	f.newsroom.SetGroups(dana.Subject, "harbour-desk")
	f.advance(auth.FederatedCheckEvery)
	b.get("/console/moderators").want(http.StatusForbidden)
}

// advance lets time pass as the background worker sees it.
func (f *ssoFixture) advance(d time.Duration) {
	f.t.Helper()
	f.clock.advance(d)
	if err := f.Auth.Federation.CheckSessions(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func TestARemovedGroupEndsAccessWithinFiveMinutes(t *testing.T) {
	f := newSSOFixture(t)
	moderator, phone := f.browser(), f.browser()
	f.signIn(moderator)
	f.signIn(phone)
	f.newsroom.SetGroups(dana.Subject, "everybody")
	f.clock.advance(5*time.Minute - 30*time.Second) // the worker's period
	if err := f.Auth.Federation.CheckSessions(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*browser{moderator, phone} {
		if a := b.get("/console"); a.status != http.StatusSeeOther {
			t.Errorf("a session goes on: status %d", a.status)
		}
	}
	moderator.get(f.beginSignIn(moderator, newsroomPath)).want(http.StatusForbidden, "none of your groups there gives access")
}

func TestAnIdleSessionIsCheckedBeforeItGoesOn(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	f.signIn(b)
	f.newsroom.SetGroups(dana.Subject)
	f.clock.advance(time.Hour) // no worker looks at a session that is not used
	if a := b.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on: status %d", a.status)
	}
}

func TestInvalidProviderResponses(t *testing.T) {
	f := newSSOFixture(t)
	set := func(name string, value any) func(map[string]any) {
		return func(claims map[string]any) { claims[name] = value }
	}
	for _, tc := range []struct {
		name   string
		tamper func(map[string]any)
		forged bool                // another provider signs the token
		back   func(string) string // changes the redirect
		status int
		says   string
	}{
		{name: "another state", back: func(u string) string { return withParam(u, "state", "made up") },
			status: http.StatusBadRequest, says: "does not belong to this browser"},
		{name: "another signature", forged: true, status: http.StatusBadGateway, says: "signature is not valid"},
		{name: "another nonce", tamper: set("nonce", "made up"), status: http.StatusBadGateway, says: "another sign-in"},
		{name: "no nonce", tamper: func(c map[string]any) { delete(c, "nonce") }, status: http.StatusBadGateway,
			says: "another sign-in"},
		{name: "another issuer", tamper: set("iss", "https://id.company.example"), status: http.StatusBadGateway,
			says: "Token from another issuer"},
		{name: "another audience", tamper: set("aud", "another-client"), status: http.StatusBadGateway,
			says: "Token for another application"},
		{name: "another authorized party", tamper: set("azp", "another-client"), status: http.StatusBadGateway,
			says: "Token for another application"},
		{name: "an expired token", tamper: set("exp", time.Now().Add(-2*time.Minute).Unix()), status: http.StatusBadGateway,
			says: "The token is not valid now"},
		{name: "a token of the future", tamper: set("nbf", time.Now().Add(time.Hour).Unix()), status: http.StatusBadGateway,
			says: "The token is not valid now"},
		{name: "another provider's name", back: func(u string) string { return withParam(u, "iss", f.company.Issuer()) },
			status: http.StatusBadRequest, says: "Response from another provider"},
		{name: "another provider's callback", back: func(u string) string { return companyPath + u[len(newsroomPath):] },
			status: http.StatusBadRequest, says: "Response from another provider"},
		{name: "a code of somebody else", back: func(u string) string { return withParam(u, "code", "made up") },
			status: http.StatusBadGateway, says: "The provider reports an error"},
		{name: "an error", back: func(u string) string { return withParam(u, "error", "access_denied") },
			status: http.StatusForbidden, says: "access_denied"},
		{name: "no code", back: func(u string) string { return withParam(u, "code", "") }, status: http.StatusBadGateway,
			says: "Unusable response"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := f.browserFor(t)
			f.newsroom.Tamper(tc.tamper)
			f.newsroom.Forge(nil)
			if tc.forged {
				f.newsroom.Forge(f.company)
			}
			back := f.beginSignIn(b, newsroomPath)
			if tc.back != nil {
				back = tc.back(back)
			}
			b.get(back).want(tc.status, tc.says, "Back to sign-in")
			if a := b.get("/console"); a.status != http.StatusSeeOther {
				t.Errorf("signed in: status %d", a.status)
			}
		})
	}
}

func TestASignInBelongsToOneBrowserAndTime(t *testing.T) {
	f := newSSOFixture(t)
	mine, other := f.browser(), f.browser()
	back := f.beginSignIn(mine, newsroomPath)
	other.get(back).want(http.StatusBadRequest, "does not belong to this browser")
	f.ahead.Store(int64(oidc.FlowLife))
	mine.get(back).want(http.StatusBadRequest, "This took too long")
	f.ahead.Store(0)
	mine.get(back).want(http.StatusOK, "Signed in")
	mine.get(back).want(http.StatusBadRequest, "does not belong to this browser")
}

func TestASignInLeadsToTheConsoleOnly(t *testing.T) {
	f := newSSOFixture(t)
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/sites/x"} {
		b := f.browser()
		done := b.get(f.beginSignIn(b, newsroomPath+"?"+url.Values{"next": {next}}.Encode()))
		if got := done.header.Get("Refresh"); got != "0; url=/console" {
			t.Errorf("next=%q leads to %q", next, got)
		}
	}
}

func TestAFormIsKeptForASignInInAnotherTab(t *testing.T) {
	f := newSSOFixture(t)
	b := f.adaBrowser(t)
	kept := url.Values{"url": {"https://harbour.example/kept"}}
	must(f.Auth.EndOtherSessions(t.Context(), auth.Identity{ModeratorID: f.account(adaEmail).ID, SessionID: "none"}))(t)
	page := b.post("/console/articles/closing", kept)
	page.want(http.StatusUnauthorized, "Your session has ended.", `target="_blank"`, "I am signed in: continue")
	action, form := page.form("/console/sign-in")
	form.Set("resume", "yes")
	b.post(action, form).want(http.StatusUnauthorized, "I am signed in: continue") // not yet
	b.get(f.beginSignIn(b, newsroomPath)).want(http.StatusOK, "Signed in")
	b.post(action, form).want(http.StatusOK, "https://harbour.example/kept", "/console/articles/closing")
}
