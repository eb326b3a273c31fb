package console

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// RootPath is the path of the console's first page, the queue.
const RootPath = "/console"

// screen is one part of the console, with its place in the navigation.
//
// To add one: a row in screens, its routes with access console, consoleAdmin or consoleAccount, a template in
// templates/console/ that begins with "console-head" and ends with "console-foot", and a view that embeds
// consoleFrame, got from Server.consoleFrame and answered with Server.renderConsole. A style sheet or a
// module of its own goes into web/console/ and is named in consoleFrame.Styles or Scripts. What a form did is
// said on the next page: a row in notices, and Server.leaveNotice before seeOther.
type screen struct {
	id    string
	label string
	path  string
	need  auth.Role
	sites bool // it shows one site or all of them, as its query's "site" says
}

// screens are the console's, in the order of the navigation.
var screens = []screen{
	{"queue", "Queue", RootPath, auth.RoleModerator, true},
	{"groups", "Groups", groupsPath, auth.RoleModerator, true},
	{"rules", "Rules", RulesPath, auth.RoleModerator, true},
	{"dashboard", "Dashboard", DashboardPath, auth.RoleModerator, true},
	{"blocks", "Blocks", BlocksPath, auth.RoleModerator, true},
	{"administration", "Administration", ModeratorsPath, auth.RoleAdmin, false},
}

// consolePolicy allows the console's own modules, and what they fetch from this server. What they read is
// parsed as a document and never written as HTML.
const consolePolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// cookieNotice holds what the next page says about the form that was just sent.
const cookieNotice = "rejoinder_notice"

// noticeLife bounds how long a notice waits for the page that says it.
const noticeLife = time.Minute

// notices are what the console says once after a form was carried out, by what leaveNotice was told.
var notices = map[string]string{
	string(moderation.ActionApprove): "The comment was approved.",
	string(moderation.ActionHold):    "The comment was held.",
	string(moderation.ActionReject):  "The comment was rejected.",
	string(moderation.ActionSpam):    "The comment was called spam.",
	string(moderation.ActionDelete):  "The comment was deleted.",
	"answer":                         "Your answer is published.",
	"undo":                           "The decision was taken back.",
	"blocked":                        "It is blocked from now on.",
	"unblocked":                      "The block is removed.",
	"noted":                          "Your note is added.",
	"claimed":                        "You hold this comment now.",
	"given-back":                     "Nothing is held by you any more.",
	"saved":                          "Saved.",
	"site-added":                     "The site is there. The shipped default ruleset judges its comments.",
	"article-closed":                 "The article takes no more comments.",
	"article-opened":                 "The article takes comments again.",
	"link-revoked":                   "The link is good for nothing now.",
	"factor-reset":                   "The second factor is off.",
	"ruleset-saved":                  "The version is saved. It judges nothing before it is activated.",
	"password":                       "Your password is changed. All your other sessions have ended.",
	"session-ended":                  "The session has ended.",
	"factor-on":                      "The second factor is on. Signing in takes a code from now on.",
	"factor-off":                     "The second factor is off.",
}

// consoleFrame is what every page of the console needs around its content. Views embed it.
type consoleFrame struct {
	page.Frame
	Moderator string // name of who is signed in
	Account   bool   // the page is about their own account
	Notice    notice
	Refused   string // why a form was not taken that is not on the page any more
	Nav       []navEntry
	Path      string             // where the site chooser and this screen's filters lead
	Sites     []choice           // empty for who works on one site
	Site      string             // the chosen one's slug; empty for all
	WithSite  []page.HiddenField // what the site chooser takes along
	Styles    []string           // sheets of this screen, by their names in web/console
	Scripts   []string           // modules of this screen, likewise

	counts queue.Counts // of the chosen site, or of all
}

// notice says what a form did.
type notice struct {
	Text string
	Undo string             // where to send the form that takes it back; empty where nothing does
	Back []page.HiddenField // of that form
}

type navEntry struct {
	Label   string
	Href    string
	Present bool
	Count   string // beside the label; empty for none
	Counts  string // what the count is of, for the module that keeps it up to date
}

// count has the entry show how many there are.
func (e *navEntry) count(of string, n int) {
	e.Counts, e.Count = of, ""
	if n > 0 {
		e.Count = page.Grouped(n)
	}
}

type choice struct {
	Value    string
	Label    string
	Selected bool
}

// withSite is the address of a screen for one site, or for all of them.
func withSite(path, site string) string {
	if site == "" {
		return path
	}
	return path + "?" + url.Values{"site": {site}}.Encode()
}

// consoleFrame makes the frame of a page of one screen. The page is for nobody but who asked, and is not
// kept.
func (h *Pages) consoleFrame(c *gin.Context, screenID, title string) (consoleFrame, error) {
	who, site := session.IdentityOf(c), c.Query("site")
	if who.RequiredStep != auth.StepNone {
		return h.bareFrame(c, title), nil
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return consoleFrame{}, err
	}
	counts, err := h.Queue.Counts(c.Request.Context(), session.ViewerOf(c), site)
	if err != nil {
		return consoleFrame{}, err
	}
	f := h.bareFrame(c, title)
	f.counts, f.Path, f.Site = counts, RootPath, httpio.Printable(site)
	f.Account = screenID == "account"
	for _, known := range screens {
		if !who.Role.Allows(known.need) {
			continue
		}
		entry := navEntry{Label: known.label, Href: known.path, Present: known.id == screenID}
		if known.id == "queue" {
			entry.count("pending", counts.Pending)
		}
		if known.sites {
			entry.Href = withSite(known.path, site)
		}
		if entry.Present && known.sites {
			f.Path = known.path
		}
		f.Nav = append(f.Nav, entry)
	}
	if len(sites) > 1 {
		f.Sites = []choice{{"", "All sites", site == ""}}
		for _, each := range sites {
			f.Sites = append(f.Sites, choice{each.Slug, each.Name, each.Slug == site})
		}
	}
	return f, nil
}

// bareFrame is a frame that leads nowhere: for who has something to do before anything else.
func (h *Pages) bareFrame(c *gin.Context, title string) consoleFrame {
	return consoleFrame{Frame: page.Frame{Lang: "en", Title: title + " – Rejoinder", Style: "console.css", Private: true},
		Moderator: session.IdentityOf(c).Name, Notice: h.takeNotice(c)}
}

// renderConsole answers with a page of the console.
func (h *Pages) renderConsole(c *gin.Context, status int, page string, view page.Localized) error {
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Security-Policy", consolePolicy)
	return h.Renderer.RenderWithPolicy(c, status, page, view)
}

// leaveNotice has the next page of the console say what was done, in the words of notices. The id of a
// decision, after a colon, offers to take it back.
func (h *Pages) leaveNotice(c *gin.Context, done string) {
	h.Cookies.Set(c, session.Cookie(cookieNotice, RootPath, done), noticeLife)
}

// takeNotice returns what the last form left to say, once.
func (h *Pages) takeNotice(c *gin.Context) notice {
	done := httpio.CookieValue(c, cookieNotice)
	if done == "" || c.Request.Method != http.MethodGet {
		return notice{}
	}
	h.Cookies.Set(c, session.Cookie(cookieNotice, RootPath, ""), -1)
	said, parts := notice{}, strings.Split(done, ":")
	switch {
	case parts[0] == "bulk":
		said = bulkNotice(parts)
	case parts[0] == "blocked" && len(parts) == 6:
		said = blockNotice(parts)
	case parts[0] == "taken" && len(parts) == 2:
		said = takenNotice(parts[1])
	case parts[0] == "rules":
		said = rulesNotice(parts)
	case len(parts) == 2:
		said.Text, said.Undo = notices[parts[0]], RootPath+"/decisions/"+url.PathEscape(parts[1])+"/undo"
	default:
		said.Text = notices[done]
	}
	said.Back = deskOf(c.Request.URL.Query()).fields()
	if c.FullPath() == groupsPath {
		said.Back = groupsBack(c.Query("site"), c.Query("by"))
	}
	return said
}

type Pages struct {
	Sessions  *session.Sessions
	Cookies   *httpio.Cookies
	PublicURL httpio.PublicURL
	Renderer  *page.Renderer
	Queue     *queue.Queue
	Sites     *moderation.Sites
}
