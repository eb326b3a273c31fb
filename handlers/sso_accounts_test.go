package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/auth/oidc"
	"rejoinder/auth/oidc/oidctest"
)

// registerLocal registers an account with Dana's email and a password.
func (f *ssoFixture) registerLocal(role auth.Role) *browser {
	f.t.Helper()
	must(f.Auth.Register(f.t.Context(), auth.NewModerator{Email: dana.Email, Name: "Dana", Role: role,
		Password: moderatorPassword}))(f.t)
	b := f.browser()
	b.follow(b.signIn("/console/sign-in", dana.Email, moderatorPassword)).want(http.StatusOK, "Dana")
	return b
}

func TestAnAccountIsLinkedOnlyAfterItsPassword(t *testing.T) {
	f := newSSOFixture(t)
	old := f.registerLocal(auth.RoleAdmin)
	b := f.browser()
	page := b.get(f.beginSignIn(b, newsroomPath))
	page.want(http.StatusOK, "Link your account", "Enter its password once")
	if a := b.get("/console"); a.status != http.StatusSeeOther {
		t.Fatalf("signed in without the password: status %d", a.status)
	}
	page = page.fill(b, "/console/sign-in/link", "password", "not the password")
	page.want(http.StatusUnauthorized, "Not linked", "This is not the password of your account here.")
	b.follow(page.fill(b, "/console/sign-in/link", "password", moderatorPassword)).want(http.StatusOK, "Dana")

	if m := f.account(dana.Email); m.Role != auth.RoleModerator || len(m.SiteIDs) != 1 {
		t.Errorf("role %s on %d sites, want moderator of one", m.Role, len(m.SiteIDs))
	}
	if a := old.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("a session with the password goes on: status %d", a.status)
	}
	old.signIn("/console/sign-in", dana.Email, moderatorPassword).want(http.StatusForbidden, "Use your identity provider.")
	again := f.browser()
	f.signIn(again)

	// Another person with this email can't take the account over.
	f.company.Put(oidctest.User{Subject: "other", Username: "other", Email: dana.Email, Groups: []string{"Comment Moderators"}})
	other := f.browser()
	other.get(f.beginSignInAs(other, companyPath, "other")).want(http.StatusConflict, "Already linked")

	account := again.get("/console/account")
	account.want(http.StatusOK, "You have signed in with Newsroom login since", "Unlink from Newsroom login")
	if to := account.fill(again, "/console/account/unlink"); to.header.Get("Location") != "/console/sign-in" {
		t.Errorf("unlinking leads to %q", to.header.Get("Location"))
	}
	if a := again.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("a session of the provider goes on: status %d", a.status)
	}
	again.follow(again.signIn("/console/sign-in", dana.Email, moderatorPassword)).want(http.StatusOK, "Dana")
	admin := f.newModerator("Eve", auth.RoleAdmin, nil)
	admin.get("/console/audit").want(http.StatusOK, "linked the account to an identity provider",
		"removed the link to an identity provider of")
}

func TestASignedInModeratorLinksAnotherEmail(t *testing.T) {
	f := newSSOFixture(t)
	b := f.adaBrowser(t)
	b.get("/console/account").want(http.StatusOK, "Link to Newsroom login", "Current password")
	page := b.get(f.beginSignIn(b, "/console/account/link/newsroom"))
	page.want(http.StatusOK, "Link your account")
	b.follow(page.fill(b, "/console/sign-in/link", "password", adaPassword)).want(http.StatusOK, "You have signed in with Newsroom login since")
	if m := f.account(adaEmail); !m.Federated {
		t.Error("the account is not linked")
	}
	fresh := f.browser()
	fresh.get(f.beginSignIn(fresh, newsroomPath)).want(http.StatusOK, "Signed in")
	fresh.get("/console").want(http.StatusOK, "Ada")
}

func TestASecondFactorIsNeededToLink(t *testing.T) {
	f := newSSOFixture(t)
	b := f.registerLocal(auth.RoleModerator)
	phone := (&testServer{fixture: f.fixture}).turnOnFactor(b, moderatorPassword)
	fresh := f.browser()
	page := fresh.get(f.beginSignIn(fresh, newsroomPath))
	page = page.fill(fresh, "/console/sign-in/link", "password", moderatorPassword)
	page.want(http.StatusUnprocessableEntity, "Not linked")
	f.clock.advance(time.Minute)
	fresh.follow(page.fill(fresh, "/console/sign-in/link", "password", moderatorPassword, "code", phone.code())).
		want(http.StatusOK, "Dana")
}

// turnOnFactor sets a second factor up and returns its app.
func (h *testServer) turnOnFactor(b *browser, password string) authenticator {
	h.t.Helper()
	page := b.get("/console/account")
	shown := b.follow(page.fill(b, "/console/account/second-factor", "password", password))
	phone := authenticator{h, strings.ReplaceAll(keyShown.FindStringSubmatch(shown.body)[1], " ", "")}
	b.follow(shown.fill(b, "/console/account/second-factor/confirm", "code", phone.code()))
	return phone
}

func TestSignInsThatCreateNoAccount(t *testing.T) {
	f := newSSOFixture(t)
	for _, tc := range []struct {
		name, path string
		user       oidctest.User
		says       string
	}{
		{"sign-ins there create none", companyPath, oidctest.User{Subject: "a", Username: "a", Email: "a@paper.example",
			Groups: []string{"Comment Moderators"}}, "you have no account here"},
		{"an email that is not verified", newsroomPath, oidctest.User{Subject: "b", Username: "b", Email: "b@paper.example",
			Unverified: true, Groups: []string{"comments-admins"}}, "did not confirm an email address"},
		{"no mapped group", newsroomPath, oidctest.User{Subject: "c", Username: "c", Email: "c@paper.example"},
			"none of your groups there gives access"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f.newsroom.Put(tc.user)
			f.company.Put(tc.user)
			b := f.browserFor(t)
			b.get(f.beginSignInAs(b, tc.path, tc.user.Username)).want(http.StatusForbidden, tc.says)
			if _, err := f.Auth.ModeratorWithEmail(t.Context(), tc.user.Email); err == nil {
				t.Error("there is an account")
			}
		})
	}
}

func TestADisabledAccountStaysOut(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	f.signIn(b)
	disabled := true
	must(f.Auth.ChangeAccount(t.Context(), auth.Identity{}, f.account(dana.Email).ID, auth.AccountChange{Disabled: &disabled}))(t)
	if a := b.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on: status %d", a.status)
	}
	b.get(f.beginSignIn(b, newsroomPath)).want(http.StatusForbidden, "Your account here is disabled.")
}

func TestPasswordsCanBeOffForAllButOne(t *testing.T) {
	f := newSSOFixture(t, func(c *oidc.Config) { c.BreakGlassEmail = moderatorEmail("Chief") })
	if must(f.Auth.BreakGlassReady(t.Context()))(t) {
		t.Error("the account counts as ready before it exists")
	}
	must(f.Auth.Register(t.Context(), auth.NewModerator{Email: moderatorEmail("Chief"), Name: "Chief", Role: auth.RoleAdmin,
		Password: moderatorPassword}))(t)
	if !must(f.Auth.BreakGlassReady(t.Context()))(t) {
		t.Error("the account is not ready")
	}
	b := f.browser()
	b.get("/console/sign-in").want(http.StatusOK, "Only the emergency account of this server can use its password.")
	b.signIn("/console/sign-in", adaEmail, adaPassword).want(http.StatusForbidden, "Use your identity provider.")
	b.signIn("/console/sign-in", adaEmail, "not the password").want(http.StatusUnauthorized, "Email or password is wrong.")
	b.follow(b.signIn("/console/sign-in", moderatorEmail("Chief"), moderatorPassword)).want(http.StatusOK, "Chief")

	m, link, err := f.Auth.Invite(t.Context(), auth.Identity{}, auth.NewModerator{Email: moderatorEmail("Bo"), Name: "Bo",
		Role: auth.RoleModerator})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Auth.Accept(t.Context(), auth.Acceptance{Secret: link.Secret, Password: moderatorPassword},
		auth.LoginRequest{AddressKey: []byte("x")}); err == nil {
		t.Errorf("the invitation of %s signs in with a password", m.Name)
	}

	f.newsroom.Put(oidctest.User{Subject: "chief", Username: "chief", Email: moderatorEmail("Chief"), Groups: []string{"harbour-desk"}})
	admin := f.browser()
	admin.get(f.beginSignInAs(admin, newsroomPath, "chief")).want(http.StatusConflict, "This account is not linked")
}

func TestAnAdminUnlinksAnotherAccount(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	f.signIn(b)
	admin := f.newModerator("Eve", auth.RoleAdmin, nil)
	page := admin.get("/console/moderators/" + f.account(dana.Email).ID)
	admin.follow(page.fill(admin, page.path+"/unlink")).want(http.StatusOK, "no longer linked")
	if a := b.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on: status %d", a.status)
	}
	b.get(f.beginSignIn(b, newsroomPath)).want(http.StatusConflict, "A password is needed")
	admin.post(page.path+"/unlink", url.Values{}).want(http.StatusSeeOther) // done before
}

func TestAnAdminUnlinksThroughTheAPI(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	f.signIn(b)
	f.newModerator("Eve", auth.RoleAdmin, nil)
	token := must(f.Auth.Login(t.Context(), auth.LoginRequest{Email: moderatorEmail("Eve"), Password: moderatorPassword,
		AddressKey: []byte("x")}))(t).AccessToken
	ask := func(method, path string) pageResponse {
		r := must(http.NewRequestWithContext(t.Context(), method, f.baseURL+path, nil))(t)
		r.Header.Set("Authorization", "Bearer "+token)
		return f.browser().send(r)
	}
	ask(http.MethodGet, "/api/v1/moderators").want(http.StatusOK, `"federated":true`, `"federated":false`)
	path := "/api/v1/moderators/" + f.account(dana.Email).ID + "/identity"
	ask(http.MethodDelete, path).want(http.StatusNoContent)
	ask(http.MethodDelete, path).want(http.StatusConflict, "not-linked")
	if a := b.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on: status %d", a.status)
	}
}

// registerOrphan registers Dana with a password and links her account to a provider that is not configured.
func (s *fixture) registerOrphan(email string, role auth.Role) auth.Moderator {
	s.t.Helper()
	m := must(s.Auth.Register(s.t.Context(), auth.NewModerator{Email: email, Name: "Dana", Role: role,
		Password: moderatorPassword}))(s.t)
	identity := auth.FederatedIdentity{ID: "019b0000-0000-7000-8000-0000000000fe", ModeratorID: m.ID, Provider: "gone",
		Issuer: "https://gone.example", Subject: "dana-1", CreatedAt: s.clock.Now(), LastUsedAt: s.clock.Now()}
	entry := auth.AuditEntry{ID: "019b0000-0000-7000-8000-0000000000ff", ActorID: m.ID, Action: auth.ActionLinkIdentity,
		SubjectID: m.ID, CreatedAt: s.clock.Now()}
	if err := s.db.ForAuth().LinkIdentity(s.t.Context(), identity, entry); err != nil {
		s.t.Fatal(err)
	}
	return m
}

func TestAnAccountWhoseProviderIsNoLongerConfiguredIsShownAndUnlinked(t *testing.T) {
	f := newSSOFixture(t)
	m := f.registerOrphan(dana.Email, auth.RoleModerator)
	if diff := cmp.Diff(auth.Orphans{Accounts: 1, LockedOut: 1, Providers: []string{"gone"}},
		must(f.Auth.Federation.Orphans(t.Context()))(t)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	b := f.browser()
	door := b.get("/console/sign-in")
	door.want(http.StatusOK, "Sign in with Newsroom login")
	door.wantWithout("with/gone")
	b.signIn("/console/sign-in", dana.Email, moderatorPassword).want(http.StatusForbidden,
		"linked to an identity provider that is no longer configured. Ask an admin to unlink it.")
	admin := f.newModerator("Eve", auth.RoleAdmin, nil)
	admin.get("/console/moderators").want(http.StatusOK, "can’t sign in: gone is no longer configured")
	page := admin.get("/console/moderators/" + m.ID)
	page.want(http.StatusOK, "This account is linked to gone, which is no longer configured.", "Nobody can sign in to it.")
	page = admin.follow(page.fill(admin, page.path+"/unlink"))
	page.want(http.StatusOK, "no longer linked")
	page.wantWithout("linked to gone", "Nobody can sign in")
	b.follow(b.signIn("/console/sign-in", dana.Email, moderatorPassword)).want(http.StatusOK, "Dana")
	if n := must(f.Auth.Federation.Orphans(t.Context()))(t).Accounts; n != 0 {
		t.Errorf("%d orphaned accounts", n)
	}
}

func TestWithoutProvidersALinkedAccountSignsInWithItsPassword(t *testing.T) {
	s := newFixture(t)
	m := s.registerOrphan(dana.Email, auth.RoleModerator)
	if orphans := must(s.Auth.Federation.Orphans(t.Context()))(t); orphans.Accounts != 1 || orphans.LockedOut != 0 {
		t.Errorf("%+v", orphans)
	}
	b := s.browser()
	b.follow(b.signIn("/console/sign-in", dana.Email, moderatorPassword)).want(http.StatusOK, "Dana")
	b.get("/console/account").want(http.StatusOK, "Your account is linked to gone, which is no longer configured.")
	admin := s.newModerator("Eve", auth.RoleAdmin, nil)
	admin.get("/console/moderators").want(http.StatusOK, "linked to gone, which is no longer configured")
	admin.get("/console/moderators/"+m.ID).want(http.StatusOK, "It signs in with its password.")
}

func TestTheBreakGlassAccountGetsInEvenIfItWasLinkedBefore(t *testing.T) {
	f := newSSOFixture(t, func(c *oidc.Config) { c.BreakGlassEmail = moderatorEmail("Chief") })
	f.registerOrphan(moderatorEmail("Chief"), auth.RoleAdmin)
	if !must(f.Auth.BreakGlassReady(t.Context()))(t) {
		t.Error("the account is not ready")
	}
	b := f.browser()
	b.follow(b.signIn("/console/sign-in", moderatorEmail("Chief"), moderatorPassword)).want(http.StatusOK, "Dana")
	f.advance(auth.FederatedCheckEvery)
	b.get("/console").want(http.StatusOK, "Dana")
}
