package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"rejoinder/auth"
	"rejoinder/moderation"
	"rejoinder/privacy"
)

// banner is the text printed when a server starts.
type banner struct {
	url    string
	keys   *privacy.Keyring
	signIn *demoSignIn // nil without the demo
	// noModerators and noSites say what an operator has to add first.
	noModerators, noSites bool
}

// newBanner returns the banner of a server without the demo's sign-in data.
func (a *app) newBanner(ctx context.Context, url string, accounts *auth.Service) (banner, error) {
	moderators, err := accounts.Accounts(ctx, auth.Identity{})
	if err != nil {
		return banner{}, err
	}
	sites, err := a.sites().List(ctx, moderation.Viewer{})
	if err != nil {
		return banner{}, err
	}
	return banner{url: url, keys: a.keys, noModerators: len(moderators) == 0, noSites: len(sites) == 0}, nil
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
		fmt.Fprintf(&b, "  Moderate at:   %s/console\n", g.url)
		fmt.Fprintf(&b, "  The API:       %s/openapi.yaml\n", g.url)
	}
	if g.noModerators {
		fmt.Fprint(&b, "\n  Nobody can sign in yet. Add the first moderator:\n"+
			"    rejoinder moderator add --email you@example.org --name 'Your name' --role admin --generate-password\n")
	}
	if g.noSites {
		fmt.Fprint(&b, "\n  There is no site yet. Add one, and get the code that embeds its threads:\n"+
			"    rejoinder site add --slug gazette --name 'The Gazette' --origin https://www.example.org\n")
	}
	fmt.Fprintf(&b, "\nEmails are sealed with the keys in %s.\n", g.keys.Path())
	fmt.Fprintln(&b)
	fmt.Fprint(w, b.String())
}
