package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"rejoinder/auth"
	"rejoinder/handlers/setup"
	"rejoinder/moderation"
	"rejoinder/privacy"
)

// banner is the text printed when a server starts.
type banner struct {
	url    string
	keys   *privacy.Keyring
	signIn *demoSignIn // nil without the demo
	setup  string      // URL of the set-up link; empty: there is a moderator
	// noSites says that an operator has to add a site first.
	noSites bool
}

// newBanner returns the banner of a server without the demo's sign-in data. Without any moderator, it makes a
// set-up link: the only copy of its secret is what the banner prints.
func (a *app) newBanner(ctx context.Context, url string, accounts *auth.Service) (banner, error) {
	b := banner{url: url, keys: a.keys}
	secret, err := auth.NewSetup(accounts).NewLink(ctx)
	switch {
	case err == nil:
		b.setup = url + setup.Path + "/" + secret
	case !errors.Is(err, auth.ErrModeratorExists):
		return banner{}, err
	}
	sites, err := a.sites().List(ctx, moderation.Viewer{})
	if err != nil {
		return banner{}, err
	}
	b.noSites = len(sites) == 0
	return b, nil
}

func (g banner) print(w io.Writer) {
	var b strings.Builder
	fmt.Fprintf(&b, "\nRejoinder is ready at %s\n\n", g.url)
	if g.signIn != nil {
		fmt.Fprintf(&b, "  Read the demo article and leave a reply:  %s/demo\n", g.url)
		fmt.Fprintf(&b, "  Then moderate it:                         %s/console\n", g.url)
		fmt.Fprintf(&b, "  Sign in as:                               %s\n", g.signIn.email)
		fmt.Fprintf(&b, "  Password:                                 %s\n", g.signIn.password)
		fmt.Fprintf(&b, "  What runs here, and how to embed it:      %s/\n", g.url)
		fmt.Fprint(&b, "  Remove the demo:                          at the foot of its site’s page in the console\n")
	} else {
		if g.setup != "" {
			fmt.Fprint(&b, "  Nobody has an account yet. Open this link to set up your account and your site; it works once, for a day:\n")
			fmt.Fprintf(&b, "  %s\n", g.setup)
		} else {
			fmt.Fprintf(&b, "  Moderate at:   %s/console\n", g.url)
		}
		fmt.Fprintf(&b, "  The API:       %s/openapi.yaml\n", g.url)
	}
	if g.noSites && g.setup == "" {
		fmt.Fprintf(&b, "\n  There is no site yet. Set one up at %s%s, or:\n"+
			"    rejoinder site add --slug gazette --name 'The Gazette' --origin https://www.example.org\n", g.url, setup.Path)
	}
	fmt.Fprintf(&b, "\nEmails are sealed with the keys in %s.\n", g.keys.Path())
	fmt.Fprintln(&b)
	fmt.Fprint(w, b.String())
}
