package console

import (
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// Pages holds what all screens of the console share. Their handler types embed it.
type Pages struct {
	Sessions  *session.Sessions
	Cookies   *httpio.Cookies
	PublicURL httpio.PublicURL
	Renderer  *page.Renderer
	Queue     *queue.Queue
	Sites     *moderation.Sites
}

// RootPath is the path of the console's first page, the queue.
const RootPath = "/console"

// screen is one part of the console, with its entry in the navigation.
//
// To add a screen:
//
//   - Add a row to screens, and routes whose access matches its permission.
//   - Add a template to page/templates/console that begins with "console-head" and ends with "console-foot".
//   - Add a view that embeds frame. newFrame makes the frame, and render sends the page.
//   - Put style sheets and modules into web/console, and name them in frame.Styles and frame.Scripts.
//   - End handlers of forms with redirect, whose notice says on the next page what was done.
type screen struct {
	id      string
	label   string
	path    string
	need    auth.Permission
	perSite bool // shows the site of the query's "site", or all sites
}

// screens are in the order of the navigation.
var screens = []screen{
	{"queue", "Queue", RootPath, auth.PermissionComments, true},
	{"groups", "Groups", groupsPath, auth.PermissionRead, true},
	{"rules", "Rules", RulesPath, auth.PermissionRead, true},
	{"dashboard", "Dashboard", DashboardPath, auth.PermissionRead, true},
	{"commenters", "Commenters", CommentersPath, auth.PermissionRead, true},
	{"administration", "Administration", ModeratorsPath, auth.PermissionAdminister, false},
}

// contentSecurityPolicy allows the console's own modules and their requests to this server. The modules parse
// responses as documents and never write them as HTML.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; " +
	"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// frame is what surrounds the content of every page. Views embed it.
type frame struct {
	page.Frame
	Moderator string // name of the signed-in moderator
	May       permissions
	Account   bool // this is the page of their own account
	Notice    notice
	Refused   string // why a form was refused that is no longer on the page
	Nav       []navEntry
	Path      string             // target of the site chooser and of this screen's filters
	Sites     []choice           // empty if the moderator works on one site
	Site      string             // slug of the chosen site; empty: all
	WithSite  []page.HiddenField // further fields of the site chooser
	Styles    []string           // style sheets of this screen in web/console
	Scripts   []string           // modules of this screen in web/console

	counts queue.Counts // of the chosen site, or of all
}

// permissions say which forms a page shows: those that the moderator's role allows.
type permissions struct {
	Read, Moderate, Reply bool // without Read, the moderator sees comments on their own articles only
}

func permissionsOf(who auth.Identity) permissions {
	return permissions{Read: who.May(auth.PermissionRead), Moderate: who.May(auth.PermissionModerate),
		Reply: who.May(auth.PermissionReply)}
}

type navEntry struct {
	Label   string
	Href    string
	Present bool
	Count   string // shown beside the label; empty: none
	Counts  string // id of the count, for the module that keeps it up to date
}

// setCount shows a number beside the label, unless it is 0.
func (e *navEntry) setCount(words *locale.Language, id string, n int) {
	e.Counts, e.Count = id, ""
	if n > 0 {
		e.Count = words.Number(n)
	}
}

// choice is an option of a select, checkbox or radio group, or a button.
type choice struct {
	Value    string
	Label    string
	Selected bool
	Verbatim bool // the label is a name, and not translated
}

// newFrame makes the frame of a screen's page. Moderators with a required step get one without navigation.
func (h *Pages) newFrame(c *gin.Context, screenID, title string) (frame, error) {
	who, site := session.IdentityOf(c), c.Query("site")
	if who.RequiredStep != auth.StepNone {
		return h.newBareFrame(c, title), nil
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return frame{}, err
	}
	counts, err := h.Queue.Counts(c.Request.Context(), session.ViewerOf(c), site)
	if err != nil {
		return frame{}, err
	}
	f := h.newBareFrame(c, title)
	f.counts, f.Path, f.Site = counts, RootPath, httpio.Printable(site)
	f.Account = screenID == "account"
	for _, s := range screens {
		if !who.May(s.need) {
			continue
		}
		entry := navEntry{Label: s.label, Href: s.path, Present: s.id == screenID}
		if s.id == "queue" {
			entry.setCount(session.Words(c), "pending", counts.Pending)
		}
		if s.perSite {
			entry.Href = siteQuery(s.path, site)
		}
		if entry.Present && s.perSite {
			f.Path = s.path
		}
		f.Nav = append(f.Nav, entry)
	}
	if !who.May(auth.PermissionAdminister) { // admins find it under Administration
		f.Nav = append(f.Nav, navEntry{Label: "Articles", Href: ArticlesPath, Present: screenID == "administration"})
	}
	if len(sites) > 1 {
		f.Sites = []choice{{Label: "All sites", Selected: site == ""}}
		for _, each := range sites {
			f.Sites = append(f.Sites, choice{Value: each.Slug, Label: each.Name, Selected: each.Slug == site, Verbatim: true})
		}
	}
	return f, nil
}

// pageFrame returns the outer frame of a page of the console.
func pageFrame(c *gin.Context, title string) page.Frame {
	return page.ConsoleFrame(session.Words(c), title)
}

// newBareFrame makes a frame without navigation.
func (h *Pages) newBareFrame(c *gin.Context, title string) frame {
	return frame{
		Frame:     pageFrame(c, title),
		Moderator: session.IdentityOf(c).Name,
		May:       permissionsOf(session.IdentityOf(c)),
		Notice:    h.popNotice(c),
	}
}

// siteQuery adds the site to a screen's path; an empty one means all sites.
func siteQuery(path, site string) string {
	if site == "" {
		return path
	}
	return path + "?" + url.Values{"site": {site}}.Encode()
}

// render sends a page of the console, which no cache may store.
func (h *Pages) render(c *gin.Context, status int, page string, view page.Localized) error {
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Security-Policy", contentSecurityPolicy)
	return h.Renderer.RenderWithPolicy(c, status, page, view)
}

// The rest is for screens in other packages.

// RulesFrame is the frame of a screen about the rules of one site. Views embed it.
type RulesFrame = rulesFrame

// NewRulesFrame makes the frame of a screen about the rules of the site that the query names.
func (h *Rules) NewRulesFrame(c *gin.Context, screenID, title string) (RulesFrame, error) {
	return h.newRulesFrame(c, screenID, title)
}

// ChooseSite redirects to the rules of the moderator's only site, or lists the sites.
func (h *Rules) ChooseSite(c *gin.Context) error { return h.chooseRules(c) }

// Render sends a page of the console, which no cache may store.
func (h *Pages) Render(c *gin.Context, status int, name string, view page.Localized) error {
	return h.render(c, status, name, view)
}

// Redirect sends the browser to a page of the console, which shows the text.
func (h *Pages) Redirect(c *gin.Context, to, text string) error {
	return h.redirect(c, to, notice{Text: text})
}

// RulesURL is a screen about the rules of a site. more are names and values of further parameters.
func RulesURL(path, site string, more ...string) string { return rulesURL(path, site, more...) }

// VersionPath is the route of one version.
func VersionPath(version int) string { return versionPath(version) }

// AgoText says how long ago something was.
func AgoText(words *locale.Language, d time.Duration) string { return agoText(words, d) }

// AgeText is a short form of AgoText, for lists.
func AgeText(words *locale.Language, now, then time.Time) string { return ageText(words, now, then) }

// WantsJSON reports whether one of the console's modules asks.
func WantsJSON(c *gin.Context) bool { return wantsJSON(c) }

// NormalizeNewlines undoes the CRLF newlines of form submission.
func NormalizeNewlines(typed string) string { return normalizeNewlines(typed) }
