package handlers_test

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/auth/oidc"
	"rejoinder/auth/oidc/oidctest"
	"rejoinder/handlers/sso"
)

// ssoFixture is a server with the identity providers of the example in docs/sso.md.
type ssoFixture struct {
	*fixture
	newsroom, company *oidctest.Provider
	// ahead is how far the clock for checking the providers' responses is ahead of the real one.
	ahead atomic.Int64
}

const (
	newsroomPath = "/console/sign-in/with/newsroom"
	companyPath  = "/console/sign-in/with/company"
)

// dana is a person at both providers. The site paper is hers in the newsroom.
var dana = oidctest.User{Subject: "dana-1", Username: "dana", Email: "dana@paper.example", Name: "Dana Lind",
	Groups: []string{"harbour-desk", "everybody"}}

func newSSOFixture(t *testing.T, changes ...func(*oidc.Config)) *ssoFixture {
	t.Helper()
	f := &ssoFixture{}
	f.fixture = newFixture(t, func(s *fixture) {
		f.newsroom = oidctest.New(t, sso.CallbackURL(s.baseURL, "newsroom"))
		f.company = oidctest.New(t, sso.CallbackURL(s.baseURL, "company"))
		config := must(oidc.LoadConfig(oidctest.WriteExample(t, "../docs/sso.md", f.newsroom.Issuer(),
			f.company.Issuer())))(t)
		for _, change := range changes {
			change(config)
		}
		s.breakGlass = config.BreakGlassEmail
		s.providers = must(oidc.NewProviders(oidc.ProvidersConfig{
			Config: config, Transport: http.DefaultTransport, Log: slog.New(slog.NewTextHandler(s.log, nil)), Random: rand.Reader,
			CallbackURL:    func(provider string) string { return sso.CallbackURL(s.baseURL, provider) },
			Now:            func() time.Time { return time.Now().Add(time.Duration(f.ahead.Load())) },
			RequestTimeout: time.Minute, ProbeTimeout: time.Minute, // a busy machine is no provider that is down
		}))(t)
		s.Server = s.newServer(t.TempDir())
	})
	f.newsroom.Put(dana)
	f.company.Put(dana)
	return f
}

// beginSignIn starts a sign-in and returns the URL that the provider redirects back to, relative to the
// server.
func (f *ssoFixture) beginSignIn(b *browser, path string) string {
	f.t.Helper()
	return f.beginSignInAs(b, path, dana.Username)
}

func (f *ssoFixture) beginSignInAs(b *browser, path, username string) string {
	f.t.Helper()
	started := b.get(path)
	if started.status != http.StatusSeeOther {
		f.t.Fatalf("%s: status %d, want 303:\n%s", path, started.status, started.body)
	}
	to := started.header.Get("Location")
	provider := f.newsroom
	if strings.HasPrefix(to, f.company.Issuer()) {
		provider = f.company
	}
	back := provider.Visit(to, username)
	relative, found := strings.CutPrefix(back, f.baseURL)
	if !found {
		f.t.Fatalf("redirected back to %s", back)
	}
	return relative
}

// signIn signs Dana in with the newsroom's provider.
func (f *ssoFixture) signIn(b *browser) {
	f.t.Helper()
	b.get(f.beginSignIn(b, newsroomPath)).want(http.StatusOK, "Signed in")
}

// withParam returns a URL with one parameter changed.
func withParam(raw, name, value string) string {
	path, query, _ := strings.Cut(raw, "?")
	values, _ := url.ParseQuery(query)
	values.Set(name, value)
	return path + "?" + values.Encode()
}

// account returns the account with that email.
func (f *ssoFixture) account(email string) auth.Moderator {
	f.t.Helper()
	return must(f.Auth.ModeratorWithEmail(f.t.Context(), email))(f.t)
}
