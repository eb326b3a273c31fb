package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"rejoinder/auth"
	"rejoinder/auth/oidc/oidctest"
	"rejoinder/handlers/sso"
)

// TestSignInWithAnIdentityProvider signs in with the provider of the example in docs/sso.md, in a browser for
// which the provider is another site. The example's other provider is down when the server starts.
func TestSignInWithAnIdentityProvider(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	url := "http://" + address
	newsroom, company := oidctest.New(t, sso.CallbackURL(url, "newsroom")), oidctest.New(t)
	company.SetDown(true)
	newsroom.Put(oidctest.User{Subject: "dana-1", Username: "dana", Email: "dana@paper.example", Name: "Dana Lind",
		Groups: []string{"comments-admins"}})
	config := oidctest.WriteExample(t, "../../docs/sso.md", newsroom.Issuer(), company.Issuer())
	startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_ADDR=" + address}, "serve", "--demo",
		"--oidc-config", config)

	browser := newBrowser(t)
	wantText(t, browser, url+"/console/groups", "Sign in with Newsroom login", "Company account does not respond at the moment.")
	follow(t, browser, chromedp.Click(css(`a[href^="/console/sign-in/with/newsroom"]`)))
	act(t, browser,
		chromedp.SetValue(css("#username"), "dana"),
		chromedp.SetValue(css("#password"), oidctest.Password),
	)
	follow(t, browser, chromedp.Click(css("#log-in")))
	eventually(t, "the page that was asked for", func() bool {
		return ask(t, browser, chromedp.Location()) == url+"/console/groups"
	})
	wantText(t, browser, "", "Dana Lind", "Administration")
	wantText(t, browser, url+"/console/moderators", "signs in with Newsroom login")
}

func TestAFaultyConfigurationOfProvidersIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sso.json")
	if err := os.WriteFile(path, []byte(`{"providers": [{"name": "newsroom", "issuer": "login.example"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, said, code := runProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_OIDC_CONFIG=" + path}, "", "serve")
	if code != 2 || !strings.Contains(said, `providers[0].issuer: "login.example" is not a URL`) ||
		!strings.Contains(said, "providers[0].client_secret_file: is required") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
}

func TestTheServerWarnsOfAccountsWhoseProviderIsGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := newAppIn(t, Config{DataDir: dir, DatabaseURL: "sqlite:" + filepath.Join(dir, "rejoinder.db"), LogFormat: "text"})
	m, err := a.accounts.Register(t.Context(), auth.NewModerator{Email: "eve@gazette.example", Name: "Eve", Role: auth.RoleAdmin,
		Password: "a quiet harbour at dawn"})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	err = a.db.ForAuth().LinkIdentity(t.Context(), auth.FederatedIdentity{ID: newID(), ModeratorID: m.ID, Provider: "gone",
		Issuer: "https://gone.example", Subject: "eve", CreatedAt: now, LastUsedAt: now},
		auth.AuditEntry{ID: newID(), ActorID: m.ID, Action: auth.ActionLinkIdentity, SubjectID: m.ID, CreatedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"REJOINDER_DATA_DIR=" + dir}
	p := startProgram(t, env, "serve")
	p.stop(t)
	const warning = "accounts are linked to identity providers that are no longer configured"
	if log := p.log.String(); !strings.Contains(log, warning) || !strings.Contains(log, "accounts=1 locked_out=0 providers=gone") {
		t.Errorf("the log:\n%s", log)
	}
	if out, errs, code := runProgram(t, env, "", "moderator", "unlink", "--email", "eve@gazette.example"); code != exitDone {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	p = startProgram(t, env, "serve")
	p.stop(t)
	if log := p.log.String(); strings.Contains(log, warning) {
		t.Errorf("the log of the next start:\n%s", log)
	}
}
