package handlers_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/auth/oidc"
	"rejoinder/auth/oidc/oidctest"
	"rejoinder/handlers/session"
	"rejoinder/notify"
)

func TestSessionsGoOnWhileTheProviderIsDown(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	f.signIn(b)
	f.newsroom.SetDown(true)
	f.advance(auth.FederatedCheckEvery)
	b.get("/console").want(http.StatusOK, "Dana Lind")
	f.browser().get("/console/sign-in").want(http.StatusOK, "Newsroom login does not respond at the moment.")
	f.browser().get(newsroomPath).want(http.StatusServiceUnavailable, "does not respond at the moment")
	for spent := time.Duration(0); spent < oidc.DefaultOutage-time.Hour; spent += time.Hour {
		f.advance(time.Hour)
		if a := b.get("/console"); a.status != http.StatusOK {
			t.Fatalf("the session ended after %s: status %d", spent, a.status)
		}
	}
	f.advance(time.Hour)
	if a := b.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on for ever: status %d", a.status)
	}
}

func TestTheSignInPageNoticesAnOutageByItself(t *testing.T) {
	f := newSSOFixture(t)
	f.browser().get("/console/sign-in").want(http.StatusOK, "Sign in with Newsroom login")
	f.newsroom.SetDown(true)
	f.ahead.Store(int64(11 * time.Second))
	f.browser().get("/console/sign-in").want(http.StatusOK, "Newsroom login does not respond at the moment.")
	f.newsroom.SetDown(false)
	f.ahead.Store(int64(22 * time.Second))
	if page := string(f.browser().get("/console/sign-in").body); strings.Contains(page, "does not respond") {
		t.Errorf("a provider that responds again is not believed:\n%s", page)
	}
}

func TestAProviderThatRespondsAgainIsBelieved(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	f.signIn(b)
	f.newsroom.SetDown(true)
	f.advance(auth.FederatedCheckEvery)
	f.newsroom.SetDown(false)
	f.newsroom.SetGroups(dana.Subject)
	f.ahead.Store(int64(time.Minute)) // until the provider is asked again
	f.advance(2 * time.Minute)
	if a := b.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on: status %d", a.status)
	}
}

func TestASessionEndsWithTheOneAtTheProvider(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	f.signIn(b)
	f.newsroom.RevokeTokens(dana.Subject)
	f.advance(auth.FederatedCheckEvery)
	if a := b.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on: status %d", a.status)
	}
}

// getsDigests reports whether Dana gets digests of waiting comments now.
func (f *ssoFixture) getsDigests() bool {
	f.t.Helper()
	composer := &notify.Composer{Store: f.db.ForNotifications(), Keys: f.Intake.Keys, Now: f.clock.Now,
		Links: notify.Links{Keys: f.Intake.Keys, PublicURL: f.baseURL, Now: f.clock.Now}}
	_, err := composer.Compose(f.t.Context(), notify.Message{Channel: notify.ChannelMail, Kind: notify.KindDigest,
		ModeratorID: f.account(dana.Email).ID})
	var obsolete *notify.ObsoleteError
	if err != nil && !errors.As(err, &obsolete) {
		f.t.Fatal(err)
	}
	return err == nil || obsolete.Reason == "no comments are waiting"
}

func TestMailAboutCommentsEndsWithTheProvidersConfirmation(t *testing.T) {
	f := newSSOFixture(t)
	for _, tc := range []struct {
		name string
		end  func()
	}{
		{"the group is removed", func() { f.newsroom.SetGroups(dana.Subject) }},
		{"the refresh token is refused", func() { f.newsroom.RevokeTokens(dana.Subject) }},
		{"nobody asks for a week", func() { f.advance(7 * 24 * time.Hour) }},
	} {
		f.newsroom.SetGroups(dana.Subject, dana.Groups...)
		b := f.browser()
		f.signIn(b)
		f.advance(auth.FederatedCheckEvery)
		b.get("/console").want(http.StatusOK, "Dana Lind")
		if !f.getsDigests() {
			t.Errorf("%s: no mail before", tc.name)
		}
		tc.end()
		if f.advance(auth.FederatedCheckEvery); f.getsDigests() {
			b.get("/console") // asks the provider
		}
		if f.getsDigests() {
			t.Errorf("%s: mail goes on", tc.name)
		}
	}
}

func TestTheProviderLogsOut(t *testing.T) {
	f := newSSOFixture(t)
	logout := func(token string) pageResponse {
		return f.browser().postRaw(newsroomPath+"/logout", url.Values{"logout_token": {token}}.Encode(), "Origin", "")
	}
	for _, tc := range []struct {
		name   string
		claims map[string]any
		status int
		ends   bool
	}{
		{"the session", map[string]any{"sid": oidctest.SessionID(dana.Subject)}, http.StatusOK, true},
		{"the person", map[string]any{"sub": dana.Subject}, http.StatusOK, true},
		{"another session", map[string]any{"sid": "another", "sub": dana.Subject}, http.StatusOK, false},
		{"another person", map[string]any{"sub": "another"}, http.StatusOK, false},
		{"nobody", nil, http.StatusBadRequest, false},
		{"another client", map[string]any{"sub": dana.Subject, "aud": "another"}, http.StatusBadRequest, false},
		{"another issuer", map[string]any{"sub": dana.Subject, "iss": f.company.Issuer()}, http.StatusBadRequest, false},
		{"an ID token", map[string]any{"sub": dana.Subject, "events": nil, "nonce": "x"}, http.StatusBadRequest, false},
		{"an old token", map[string]any{"sub": dana.Subject, "iat": time.Now().Add(-time.Hour).Unix()}, http.StatusBadRequest, false},
		{"an expired token", map[string]any{"sub": dana.Subject, "exp": time.Now().Add(-time.Hour).Unix()}, http.StatusBadRequest, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := f.browserFor(t)
			f.signIn(b)
			if a := logout(f.newsroom.LogoutToken(tc.claims)); a.status != tc.status {
				t.Errorf("status %d, want %d: %s", a.status, tc.status, a.body)
			}
			if ended := b.get("/console").status == http.StatusSeeOther; ended != tc.ends {
				t.Errorf("the session ended: %t, want %t", ended, tc.ends)
			}
		})
	}
	b := f.browser()
	f.signIn(b)
	if a := logout(f.company.LogoutToken(map[string]any{"sub": dana.Subject, "iss": f.newsroom.Issuer()})); a.status != http.StatusBadRequest {
		t.Errorf("a token with another provider's signature: status %d", a.status)
	}
	b.get("/console").want(http.StatusOK, "Dana Lind")
}

func TestWithoutARefreshTokenUserinfoIsAsked(t *testing.T) {
	f := newSSOFixture(t, func(c *oidc.Config) { c.Providers[0].Scopes = []string{"openid", "email", "profile"} })
	b := f.browser()
	f.signIn(b)
	calls := f.newsroom.TokenCalls()
	f.advance(auth.FederatedCheckEvery)
	b.get("/console").want(http.StatusOK, "Dana Lind")
	if f.newsroom.TokenCalls() != calls {
		t.Error("the token endpoint was asked")
	}
	f.newsroom.SetGroups(dana.Subject)
	f.advance(auth.FederatedCheckEvery)
	if a := b.get("/console"); a.status != http.StatusSeeOther {
		t.Errorf("the session goes on: status %d", a.status)
	}
}

func TestLogsHoldNoSecretOfASignIn(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	back := f.beginSignIn(b, newsroomPath)
	b.get(withParam(back, "state", "x"))
	b.get(back)
	f.newsroom.SetDown(true)
	f.advance(auth.FederatedCheckEvery)
	code := must(url.Parse(back))(t).Query().Get("code")
	for _, secret := range []string{code, oidctest.ClientSecret, dana.Email, dana.Name} {
		if strings.Contains(f.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

func TestSigningOutEndsTheSessionAtTheProvider(t *testing.T) {
	f := newSSOFixture(t)
	b := f.browser()
	f.signIn(b)
	out := b.post("/console/sign-out", nil)
	out.want(http.StatusOK, "Sign out at your identity provider")
	to, found := strings.CutPrefix(out.header.Get("Refresh"), "0; url=")
	if !found || !strings.HasPrefix(to, f.newsroom.Issuer()+"/end_session?") {
		t.Fatalf("the page leads to %q", to)
	}
	if back := f.newsroom.SignOut(to); back != f.baseURL+"/console/sign-in" {
		t.Errorf("the provider leads back to %q", back)
	}
	if ended := f.newsroom.Ended(); len(ended) != 1 || ended[0] != dana.Subject {
		t.Errorf("the provider ended the sessions of %q", ended)
	}
	b.get("/console").want(http.StatusSeeOther)
	b.post("/console/sign-out", nil).want(http.StatusSeeOther)
	if strings.Contains(f.log.String(), "id_token_hint") {
		t.Error("the log has the ID token")
	}
}

// TestALaterSessionWithAPasswordEndsNoSessionAtTheProvider: two people use one browser, one after the other.
func TestALaterSessionWithAPasswordEndsNoSessionAtTheProvider(t *testing.T) {
	for name, signIn := range map[string]func(f *ssoFixture, b *browser){
		"in the console": func(_ *ssoFixture, b *browser) {
			b.follow(b.signIn("/console/sign-in", moderatorEmail("Eve"), moderatorPassword)).want(http.StatusOK, "Eve")
		},
		"with the API": func(f *ssoFixture, b *browser) {
			r := must(http.NewRequestWithContext(f.t.Context(), http.MethodPost, f.baseURL+"/api/v1/auth/login",
				strings.NewReader(`{"email":"`+moderatorEmail("Eve")+`","password":"`+moderatorPassword+`"}`)))(f.t)
			r.Header.Set("Content-Type", "application/json")
			b.send(r).want(http.StatusOK)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newSSOFixture(t)
			f.newModerator("Eve", auth.RoleAdmin, nil)
			b := f.browser()
			f.signIn(b)
			if b.cookie("/console/sign-out", session.ProviderCookie) == "" {
				t.Fatal("there is no cookie for the sign-out")
			}
			if _, err := f.Auth.ChangeAccount(t.Context(), auth.Identity{}, f.account(dana.Email).ID,
				auth.AccountChange{Disabled: new(true)}); err != nil { // ends the session
				t.Fatal(err)
			}
			signIn(f, b)
			out := b.post("/console/sign-out", nil)
			if out.status != http.StatusSeeOther || out.header.Get("Location") != "/console/sign-in" {
				t.Errorf("signing out leads to the provider: status %d, %q", out.status, out.header.Get("Refresh"))
			}
		})
	}
}

func TestTheProvidersSessionStaysIfItCannotOrMustNotEnd(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*oidc.Config)
		before func(*ssoFixture)
	}{
		{"by configuration", func(c *oidc.Config) { c.Providers[0].EndSession = false }, nil},
		{"the provider is down", nil, func(f *ssoFixture) {
			f.newsroom.SetDown(true)
			f.ahead.Add(int64(2 * time.Hour))
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newSSOFixture(t, func(c *oidc.Config) {
				if tc.change != nil {
					tc.change(c)
				}
			})
			b := f.browser()
			f.signIn(b)
			if tc.before != nil {
				tc.before(f)
			}
			b.post("/console/sign-out", nil).want(http.StatusSeeOther)
			b.get("/console").want(http.StatusSeeOther)
		})
	}
}
