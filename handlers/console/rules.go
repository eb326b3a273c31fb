package console

import (
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/api"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// Rules serves the screens about rulesets. Each is about one site, named in its query.
type Rules struct {
	*Pages
	Rulebook   *rulebook.Rulebook
	Trials     *rulebook.Trials
	Backtests  *rulebook.Backtests
	Rerun      *rulebook.Rerun
	RuleHealth *rulebook.Health
	Drafts     *rulebook.Drafts
	Log        *slog.Logger
	Now        func() time.Time
	API        *api.Rules
}

// RulesPath is the prefix of the screens about rules.
const RulesPath = RootPath + "/rules"

// VersionsPath is the route of the list of versions.
const VersionsPath = RulesPath + "/versions"

// rulesFrame is the frame of a screen about the rules of one site.
type rulesFrame struct {
	frame
	SiteName string
	Screens  []navEntry
	MayEdit  bool
}

// rulesScreens are in the order of their tabs.
var rulesScreens = []struct {
	id, label, path string
	need            auth.Permission
}{
	{"overview", "Overview", RulesPath, auth.PermissionRead},
	{"lists", "Lists", RulesPath + "/lists", auth.PermissionRead},
	{"try", "Try", RulesPath + "/try", auth.PermissionRead},
	{"edit", "Text", EditPath, auth.PermissionRules},
	{"versions", "Versions", VersionsPath, auth.PermissionRead},
	{"health", "Health", RulesPath + "/health", auth.PermissionRead},
}

// rulesURL is a screen about the rules of a site. more are names and values of further parameters.
func rulesURL(path, site string, more ...string) string {
	query := url.Values{"site": {site}}
	for i := 0; i+1 < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return path + "?" + query.Encode()
}

func diffURL(site string, from, to int) string {
	return rulesURL(RulesPath+"/diff", site, "from", strconv.Itoa(from), "to", strconv.Itoa(to))
}

func versionPath(version int) string { return RulesPath + "/versions/" + strconv.Itoa(version) }

// newRulesFrame makes the frame of a screen about the rules of the site that the query names.
func (h *Rules) newRulesFrame(c *gin.Context, screenID, title string) (rulesFrame, error) {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	if err != nil {
		return rulesFrame{}, err
	}
	f := rulesFrame{SiteName: site.Name, MayEdit: session.IdentityOf(c).May(auth.PermissionRules)}
	if f.frame, err = h.newFrame(c, "rules", title); err != nil {
		return rulesFrame{}, err
	}
	f.Styles, f.Scripts = []string{"rules.css"}, []string{"rules.js"}
	for _, known := range rulesScreens {
		if session.IdentityOf(c).May(known.need) {
			f.Screens = append(f.Screens,
				navEntry{Label: known.label, Href: rulesURL(known.path, site.Slug), Present: known.id == screenID})
		}
	}
	return f, nil
}

// rulesView lists the versions of a site's ruleset, or the sites to choose from.
type rulesView struct {
	rulesFrame
	SiteLinks []page.Link
	Versions  []versionView
}

// versionView is one version as lists show it.
type versionView struct {
	Version   int
	Active    bool
	Note      string
	Author    string
	At        time.Time
	Since     string // when and by whom it was activated; empty: it is not active
	Href      string
	DiffURL   string // against the active version; empty: this is it
	Activate  string // label of the link to activate it; empty: not allowed
	ActiveURL string
}

// ShowVersions lists the versions of a site's ruleset.
func (h *Rules) ShowVersions(c *gin.Context) error {
	list, err := h.Rulebook.List(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	if err != nil {
		return err
	}
	var view rulesView
	if view.rulesFrame, err = h.newRulesFrame(c, "versions", "Versions of the rules"); err != nil {
		return err
	}
	active := 0
	for _, r := range list {
		if r.Active {
			active = r.Version
		}
	}
	for _, r := range list {
		view.Versions = append(view.Versions, newVersionView(view.rulesFrame, r, active))
	}
	return h.render(c, http.StatusOK, "rules", view)
}

// OfSite lets moderators choose a site before they see a page of its rules.
func (h *Rules) OfSite(show func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		if c.Query("site") == "" {
			return h.chooseRules(c)
		}
		return show(c)
	}
}

// chooseRules redirects to the rules of the moderator's only site, or lists the sites.
func (h *Rules) chooseRules(c *gin.Context) error {
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	if len(sites) == 1 {
		httpio.SeeOther(c, rulesURL(RulesPath, sites[0].Slug))
		return nil
	}
	var view rulesView
	if view.frame, err = h.newFrame(c, "rules", "Rules"); err != nil {
		return err
	}
	view.Styles = []string{"rules.css"}
	for _, site := range sites {
		view.SiteLinks = append(view.SiteLinks, page.Link{Text: site.Name, Href: rulesURL(RulesPath, site.Slug)})
	}
	return h.render(c, http.StatusOK, "rules-sites", view)
}

func newVersionView(f rulesFrame, r moderation.Ruleset, active int) versionView {
	v := versionView{Version: r.Version, Active: r.Active, Note: f.Locale.Detail(r.Note), Author: r.Author,
		At: r.CreatedAt, Href: rulesURL(versionPath(r.Version), f.Site)}
	if v.Author == "" {
		v.Author = f.Locale.T("the command line")
	}
	if r.Active {
		v.Since = f.Locale.T("since %s", f.Locale.Moment(r.ActivatedAt))
		if r.Activator != "" {
			v.Since = f.Locale.T("since %s, by %s", f.Locale.Moment(r.ActivatedAt), r.Activator)
		}
	} else if active > 0 {
		v.DiffURL = diffURL(f.Site, active, r.Version)
	}
	if f.MayEdit {
		v.Activate, v.ActiveURL = activateLabel(r, active), rulesURL(versionPath(r.Version)+"/activate", f.Site)
	}
	return v
}

// activateLabel is the label of the link to activate a version.
func activateLabel(r moderation.Ruleset, active int) string {
	switch {
	case r.Active:
		return "Re-run…"
	case r.Version < active:
		return "Roll back…"
	}
	return "Activate…"
}

// rulesVersionView is one version with its source.
type rulesVersionView struct {
	rulesFrame
	versionView
	Numbers string // line numbers
	Source  string
	EditURL string
	Rules   []ruleView
}

// ruleView is one rule of a version.
type ruleView struct {
	ID       string
	Mode     rules.Mode
	Effect   string      // action, score and priority of a hit
	Href     string      // list of the waiting comments that it hit
	Switches []page.Link // links that edit the rule's mode
}

// ShowVersion shows one version with its source.
func (h *Rules) ShowVersion(c *gin.Context) error {
	r, err := h.requestedRuleset(c)
	if err != nil {
		return err
	}
	compiled, err := h.Rulebook.Compiled(c.Request.Context(), r.ID)
	if err != nil {
		return err
	}
	view := rulesVersionView{Source: httpio.Printable(r.Source), Numbers: lineNumbers(r.Source)}
	if view.rulesFrame, err = h.newRulesFrame(c, "versions", session.Words(c).T("Version %s", strconv.Itoa(r.Version))); err != nil {
		return err
	}
	active, err := h.activeVersion(c)
	if err != nil {
		return err
	}
	view.versionView = newVersionView(view.rulesFrame, r, active)
	view.EditURL = rulesURL(EditPath, view.Site, "version", strconv.Itoa(r.Version))
	for _, info := range compiled.Rules() {
		view.Rules = append(view.Rules, newRuleView(view, info))
	}
	return h.render(c, http.StatusOK, "rules-version", view)
}

// activeVersion returns the number of the site's active version; 0 if there is none.
func (h *Rules) activeVersion(c *gin.Context) (int, error) {
	list, err := h.Rulebook.List(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	for _, r := range list {
		if r.Active {
			return r.Version, err
		}
	}
	return 0, err
}

func newRuleView(of rulesVersionView, info rules.Info) ruleView {
	v := ruleView{ID: info.ID, Mode: info.Mode, Effect: effectText(of.Locale, info.Action, info.Score),
		Href: rulesURL(RootPath, of.Site, "rule", info.ID)}
	if info.Priority != 0 {
		v.Effect = of.Locale.T("%s, priority %s", v.Effect, strconv.Itoa(info.Priority))
	}
	for _, mode := range []rules.Mode{rules.Enforce, rules.Shadow, rules.Off} {
		if of.MayEdit && mode != info.Mode {
			v.Switches = append(v.Switches, page.Link{Text: string(mode), Href: rulesURL(EditPath, of.Site,
				"version", strconv.Itoa(of.Version), "rule", info.ID, "mode", string(mode))})
		}
	}
	return v
}

// requestedRuleset returns the version of the path, of the site of the query.
func (h *Rules) requestedRuleset(c *gin.Context) (moderation.Ruleset, error) {
	ref, err := parseVersionRef(c, c.Param("version"))
	if err != nil {
		return moderation.Ruleset{}, err
	}
	return h.Rulebook.Version(c.Request.Context(), session.ViewerOf(c), ref)
}

// lineNumbers returns the numbers of a text's lines, one per line.
func lineNumbers(source string) string {
	var b []byte
	for n := 1; n <= countLines(source); n++ {
		b = append(strconv.AppendInt(b, int64(n), 10), '\n')
	}
	return string(b)
}

// countLines counts the lines of a text, without an empty last one.
func countLines(source string) int {
	return len(strings.Split(strings.TrimSuffix(source, "\n"), "\n"))
}

// diffView is the page of the differences between two versions.
type diffView struct {
	rulesFrame
	From, To int
	Changes  rules.Changes
}

// ShowDiff shows the differences between two versions.
func (h *Rules) ShowDiff(c *gin.Context) error {
	before, err := parseVersionRef(c, c.Query("from"))
	if err != nil {
		return err
	}
	after, err := parseVersionRef(c, c.Query("to"))
	if err != nil {
		return err
	}
	view := diffView{From: before.Version, To: after.Version}
	if view.Changes, err = h.Rulebook.Diff(c.Request.Context(), session.ViewerOf(c), before, after); err != nil {
		return err
	}
	if view.rulesFrame, err = h.newRulesFrame(c, "versions", "Changes"); err != nil {
		return err
	}
	return h.render(c, http.StatusOK, "rules-diff", view)
}

// parseVersionRef parses the number of a version of the site of the query.
func parseVersionRef(c *gin.Context, number string) (rulebook.Ref, error) {
	version, ok := httpio.WholeNumber(number)
	if !ok || version < 1 {
		return rulebook.Ref{}, moderation.ErrNotFound
	}
	return rulebook.Ref{SiteSlug: c.Query("site"), Version: version}, nil
}
