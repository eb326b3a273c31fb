package tester

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/web"
	"rejoinder/weburl"
)

// Tester shows the embed code of sites with the checks of whether it works.
type Tester struct {
	Contacts *Contacts
	Sites    *moderation.Sites
	Queue    *queue.Queue
	Server   string // URL of this server
	Now      func() time.Time
}

// View is the embed code with its checks.
type View struct {
	page.Frame
	Slug       string
	Embed      string
	Policy     string // directives that a strict Content-Security-Policy needs
	Checks     []Check
	AllowURL   string // action of the form that allows an origin
	Back       string // page to which that form returns
	Fragment   string // URL of the checks alone, for the module that follows them
	AgainURL   string // the page again, for browsers without scripts
	Incomplete bool   // not all checks have passed
	Comments   int    // of the site
}

// Troubled reports whether a check has failed.
func (v View) Troubled() bool {
	return slices.ContainsFunc(v.Checks, func(c Check) bool { return c.State == Failed })
}

// BasePath is the path below which a site's checks are.
const BasePath = "/console/sites/"

// Watch is the page that shows the checks.
type Watch struct {
	Back  string    // its URL
	Since time.Time // when somebody opened it
	Words *locale.Language
}

// View returns the embed code of a site and its checks.
func (t *Tester) View(ctx context.Context, v moderation.Viewer, site moderation.Site, watch Watch) (View, error) {
	back, since := watch.Back, watch.Since
	counts, err := t.Queue.Counts(ctx, v, site.Slug)
	if err != nil {
		return View{}, err
	}
	// The origins of all sites, so that those of others are left out; nothing of them is shown.
	all, err := t.Sites.List(ctx, moderation.Viewer{})
	if err != nil {
		return View{}, err
	}
	comments := counts.Pending + counts.Approved + counts.Rejected + counts.Spam + counts.Deleted
	checks := t.Contacts.Checks(Situation{
		Words: watch.Words, Site: site, Server: t.origin(), Since: since, Now: t.Now(), Waiting: counts.Pending,
		Comments: comments,
		Others:   slices.DeleteFunc(all, func(other moderation.Site) bool { return other.ID == site.ID }),
	})
	query := url.Values{"since": {strconv.FormatInt(since.Unix(), 10)}, "back": {back}}.Encode()
	again, err := url.Parse(back)
	if err != nil {
		return View{}, err
	}
	values := again.Query()
	values.Set("since", strconv.FormatInt(since.Unix(), 10))
	again.RawQuery, again.Fragment = values.Encode(), "checks"
	return View{
		Slug: site.Slug, Embed: web.EmbedCode(t.Server, site.Slug),
		Policy: "script-src " + t.origin() + "; connect-src " + t.origin(),
		Checks: checks, Comments: comments, AllowURL: BasePath + site.Slug + "/origins", Back: back,
		Fragment: BasePath + site.Slug + "/checks?" + query, AgainURL: again.String(),
		Incomplete: slices.ContainsFunc(checks, func(c Check) bool { return c.State != Passed }),
	}, nil
}

func (t *Tester) origin() string { return weburl.Origin(t.Server) }

// ParseSince returns when somebody began to watch, from the parameter "since"; now if there is none.
func (t *Tester) ParseSince(typed string) time.Time {
	seconds, err := strconv.ParseInt(typed, 10, 64)
	if at := time.Unix(seconds, 0); err == nil && at.Before(t.Now()) && seconds > 0 {
		return at
	}
	return t.Now()
}
