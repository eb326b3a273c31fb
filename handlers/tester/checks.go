package tester

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// State is the state of a check.
type State string

// The states of a check.
const (
	Passed  State = "ok"
	Failed  State = "no"
	Waiting State = "wait"
)

// Check is one thing that must work. A failed one has at most one of Allow, Copy and Again as the way on.
type Check struct {
	State State
	Title string
	Text  string
	Link  page.Link // to a page of the console; none without a text
	Allow string    // an origin to allow
	Copy  string    // id of the element to copy
	Again bool      // look again
}

// Patience is how long a page may take before silence counts as a fault.
const Patience = time.Minute

// scriptPatience is how long a page may take to request its thread after loading the script.
const scriptPatience = 10 * time.Second

// The ids of elements on pages with the tester.
const (
	EmbedCodeID = "embed-code"
	PolicyID    = "embed-policy"
)

// Situation is the input of the checks.
type Situation struct {
	Words    *locale.Language // of the page
	Site     moderation.Site
	Others   []moderation.Site // whose origins must not be shown
	Server   string            // URL of this server
	Comments int               // of the site
	Waiting  int               // of these
	Since    time.Time         // when somebody began to watch
	Now      time.Time
}

// Checks returns the checks of a site, in the order in which pages pass them.
func (l *Contacts) Checks(s Situation) []Check {
	r := reading{Situation: s}
	for _, c := range l.of(s.Site.Slug) {
		if !s.isForeign(c.Origin) {
			r.contacts = append(r.contacts, c)
		}
	}
	r.dropStrangers()
	checks := []Check{r.script()}
	if _, ok := r.newest(func(Contact) bool { return true }); ok {
		checks = append(checks, r.name())
		checks = append(checks, r.origins()...)
		checks = append(checks, r.form())
	}
	return append(checks, r.firstComment())
}

// isForeign reports whether an origin belongs to another site only.
func (s Situation) isForeign(origin string) bool {
	return !s.Site.Allows(origin) &&
		slices.ContainsFunc(s.Others, func(other moderation.Site) bool { return other.Allows(origin) })
}

// reading is a situation with the contacts that concern it, newest first.
type reading struct {
	Situation
	contacts []Contact
}

// dropStrangers removes contacts about unknown sites from origins that are not the site's, once an own page has
// asked for the site's thread: anybody can send them.
func (r *reading) dropStrangers() {
	if _, ok := r.newest(func(c Contact) bool { return r.about(c) && r.Site.Allows(c.Origin) }); !ok {
		return
	}
	r.contacts = slices.DeleteFunc(r.contacts, func(c Contact) bool {
		return c.Kind != LoadedScript && !c.Known && !r.Site.Allows(c.Origin)
	})
}

func (r reading) newest(matches func(Contact) bool) (Contact, bool) {
	if i := slices.IndexFunc(r.contacts, matches); i >= 0 {
		return r.contacts[i], true
	}
	return Contact{}, false
}

// about reports whether a contact is about the site.
func (r reading) about(c Contact) bool { return c.Kind != LoadedScript && c.Site == r.Site.Slug }

// script checks that any page has loaded the script.
func (r reading) script() Check {
	last, ok := r.newest(func(c Contact) bool { return c.Kind == LoadedScript })
	if !ok { // the browser may have it in its cache
		last, ok = r.newest(func(Contact) bool { return true })
	}
	switch {
	case ok:
		return Check{State: Passed, Title: "Your page loads the script", Text: r.where(last)}
	case r.Now.Sub(r.Since) < Patience:
		return Check{State: Waiting, Title: "Your page loads the script", Text: "Open one of your articles. Nothing has come from it yet."}
	}
	return Check{State: Failed, Title: "Nothing yet", Again: true,
		Text: r.Words.T("Is the page published, with the embed code in it? Does its Content-Security-Policy name %s "+
			"in script-src? Does an extension of your browser block scripts?", r.Server)}
}

// name checks the site's name in the embed code.
func (r reading) name() Check {
	const title = "The site name is right"
	last, ok := r.newest(func(c Contact) bool { return c.Kind != LoadedScript })
	silent, isSilent := r.silentPage()
	switch {
	case isSilent && r.Now.Sub(silent.At) < scriptPatience:
		return Check{State: Waiting, Title: title, Text: r.Words.T("Waiting for %s to request its thread.", silent.Origin)}
	case isSilent:
		return Check{State: Failed, Title: "The page loads the script, but requests no thread", Copy: PolicyID,
			Text: r.Words.T("Either the element <rejoinder-thread site=\"%s\"> is missing, or the Content-Security-Policy "+
				"of %s does not name %s in connect-src.", r.Site.Slug, silent.Origin, r.Server)}
	case ok && !last.Known:
		return Check{State: Failed, Title: r.Words.T("There is no site “%s”", last.Site), Copy: EmbedCodeID,
			Text: r.Words.T("Your page has site=\"%s\" in the embed code; this site is called “%s”. Copy the code again.",
				last.Site, r.Site.Slug)}
	}
	return Check{State: Passed, Title: title, Text: fmt.Sprintf("site=\"%s\"", r.Site.Slug)}
}

// silentPage returns the newest page that loaded the script if its origin asked for no thread since. Once
// another page has got one, only pages of the site's origins count: anybody can load the script.
func (r reading) silentPage() (Contact, bool) {
	_, works := r.newest(func(c Contact) bool { return r.about(c) && c.Allowed })
	script, ok := r.newest(func(c Contact) bool {
		return c.Kind == LoadedScript && (!works || r.Site.Allows(c.Origin))
	})
	if !ok {
		return Contact{}, false
	}
	_, asked := r.newest(func(c Contact) bool { return c.Kind != LoadedScript && c.Origin == script.Origin })
	return script, !asked
}

// maxOriginChecks bounds how many origins that are not allowed are listed.
const maxOriginChecks = 3

// origins checks the origins of pages: the newest allowed one, and those that are not.
func (r reading) origins() []Check {
	var checks []Check
	seen := map[string]bool{}
	passed := false
	for _, c := range r.contacts {
		if seen[c.Origin] || c.Kind != LoadedScript && !r.about(c) {
			continue
		}
		seen[c.Origin] = true
		switch {
		case r.Site.Allows(c.Origin) && passed:
		case r.Site.Allows(c.Origin):
			passed = true
			text := "It is one of the site’s origins."
			refused, ok := r.newest(func(o Contact) bool { return o.Origin == c.Origin && r.about(o) })
			if ok && !refused.Allowed {
				text = "It is allowed now. Reload your page."
			}
			checks = append(checks, Check{State: Passed, Title: r.Words.T("%s may show comments", c.Origin), Text: text})
		case len(checks) < maxOriginChecks:
			checks = append(checks, r.notAllowed(c.Origin))
		}
	}
	return checks
}

func (r reading) notAllowed(origin string) Check {
	if origin == noOrigin {
		return Check{State: Failed, Title: "The page has no address", Again: true,
			Text: "It was opened as a file, or in a sandboxed frame. Open it under https:// or http://."}
	}
	return Check{State: Failed, Title: r.Words.T("%s may not show comments yet", origin), Allow: origin,
		Text: Difference(r.Words, r.Site.Origins, origin)}
}

// form checks that the form can be sent.
func (r reading) form() Check {
	const title = "The form can be sent"
	if sent, ok := r.newest(func(c Contact) bool { return c.Kind == SentComment && r.about(c) && c.Allowed }); ok {
		return Check{State: Passed, Title: title, Text: r.where(sent)}
	}
	_, shown := r.newest(func(c Contact) bool { return c.Kind == AskedForThread && r.about(c) && c.Allowed })
	switch {
	case shown && r.Site.Settings.Closed:
		return Check{State: Waiting, Title: title, Text: "The site is closed, so your page shows no form."}
	case shown:
		return Check{State: Waiting, Title: title, Text: "Your page shows it. Write a comment yourself."}
	}
	return Check{State: Waiting, Title: title, Text: "Your page does not show it yet."}
}

// firstComment checks that the site has comments.
func (r reading) firstComment() Check {
	const title = "First comment"
	switch {
	case r.Waiting > 0:
		return Check{State: Passed, Title: title, Text: r.Words.N("%d comment waiting for you.", "%d comments waiting for you.", r.Waiting),
			Link: page.Link{Text: "Go to the queue", Href: "/console?" + url.Values{"site": {r.Site.Slug}}.Encode()}}
	case r.Comments > 0:
		return Check{State: Passed, Title: title, Text: r.Words.N("%d comment so far.", "%d comments so far.", r.Comments)}
	}
	return Check{State: Waiting, Title: title, Text: "Write a comment yourself. If the rules hold it, you find it in your queue."}
}

// where says where and when a page was seen.
func (r reading) where(c Contact) string {
	where := c.Page
	if where == "" {
		where = c.Origin
	}
	if c.Origin == noOrigin {
		where = r.Words.T("a page without an address")
	}
	return where + ", " + ago(r.Words, r.Now.Sub(c.At))
}

func ago(words *locale.Language, d time.Duration) string {
	switch {
	case d < 2*time.Second:
		return words.T("just now")
	case d < time.Minute:
		return words.N("%d second ago", "%d seconds ago", int(d/time.Second))
	}
	return words.N("%d minute ago", "%d minutes ago", int(d/time.Minute))
}

// Difference says how an origin differs from the most similar allowed one.
func Difference(words *locale.Language, allowed []string, origin string) string {
	asked, err := url.Parse(origin)
	if err != nil || len(allowed) == 0 {
		return words.T("The site has no address yet.")
	}
	for _, known := range allowed {
		have, err := url.Parse(known)
		if err != nil || strings.TrimPrefix(have.Hostname(), "www.") != strings.TrimPrefix(asked.Hostname(), "www.") {
			continue
		}
		var how []string
		if have.Hostname() != asked.Hostname() {
			how = append(how, with(words, strings.HasPrefix(have.Hostname(), "www."), "www"))
		}
		if have.Scheme != asked.Scheme {
			how = append(how, words.T("with %s instead of %s", have.Scheme, asked.Scheme))
		}
		if have.Port() != asked.Port() {
			how = append(how, port(words, have.Port()))
		}
		return words.T("You allowed %s, %s. To a browser these are two addresses.", known,
			strings.Join(how, " "+words.T("and")+" "))
	}
	return words.T("You allowed %s. Allow this one only if the page is yours.", strings.Join(allowed, ", "))
}

func with(words *locale.Language, has bool, what string) string {
	if has {
		return words.T("with %s", what)
	}
	return words.T("without %s", what)
}

func port(words *locale.Language, number string) string {
	if number == "" {
		return words.T("without a port")
	}
	return words.T("with port %s", number)
}
