package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

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
	see(t, browser, url+"/console/groups", "Sign in with Newsroom login", "Company account does not respond at the moment.")
	follow(t, browser, chromedp.Click(css(`a[href^="/console/sign-in/with/newsroom"]`)))
	act(t, browser,
		chromedp.SetValue(css("#username"), "dana"),
		chromedp.SetValue(css("#password"), oidctest.Password),
	)
	follow(t, browser, chromedp.Click(css("#log-in")))
	eventually(t, "the page that was asked for", func() bool {
		return ask(t, browser, chromedp.Location()) == url+"/console/groups"
	})
	see(t, browser, "", "Dana Lind", "Administration")
	see(t, browser, url+"/console/moderators", "signs in with Newsroom login")
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
