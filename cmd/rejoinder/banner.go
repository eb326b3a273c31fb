package main

import (
	"fmt"
	"io"
	"strings"

	"rejoinder/privacy"
)

// banner is the text printed when a server starts.
type banner struct {
	url    string
	keys   *privacy.Keyring
	signIn *demoSignIn // nil without the demo
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
	fmt.Fprintf(&b, "\nEmails are sealed with the keys in %s.\n", g.keys.Path())
	fmt.Fprintln(&b)
	fmt.Fprint(w, b.String())
}
