package setup

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/cors"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/handlers/tester"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// Path is the path of the set-up page. Set-up links are below it.
const Path = "/console/setup"

// Pages serves the set-up: one page with four steps. The holder of the printed link creates the account, and
// that admin does the other steps.
type Pages struct {
	Setup      *auth.Setup
	Sessions   *session.Sessions
	PublicURL  httpio.PublicURL
	Renderer   *page.Renderer
	Sites      *moderation.Sites
	Moderation *rulebook.SiteModeration
	Tester     *tester.Tester
	Origins    *cors.Origins
}

// view is the page. A step is done, or has a form, or is still to come.
type view struct {
	page.Frame
	Gone      bool   // the link cannot be used
	NoAccount bool   // nobody has an account
	Moderator string // the admin's name, once there is an account
	Account   *form
	Site      *form
	SiteName  string
	SiteAbout string // address and language
	SiteURL   string // page of its settings
	Mode      *modeForm
	ModeName  string
	ModeURL   string // the page with the form of the mode
	Tester    *tester.View
	QueueURL  string
}

// Step numbers the step that is to be taken now.
func (v view) Step() int {
	switch {
	case v.Account != nil:
		return 1
	case v.Site != nil:
		return 2
	case v.Mode != nil:
		return 3
	}
	return 4
}

// contentPolicy allows the console's own modules, and their requests to this server.
const contentPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; " +
	"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (h *Pages) render(c *gin.Context, status int, v view) error {
	v.Frame = page.ConsoleFrame(session.Words(c), "Set up")
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Security-Policy", contentPolicy)
	return h.Renderer.RenderWithPolicy(c, status, "setup", v)
}

// ShowLink shows the first step to the holder of a set-up link.
func (h *Pages) ShowLink(c *gin.Context) error {
	err := h.Setup.CheckLink(c.Request.Context(), c.Param("secret"))
	switch {
	case errors.Is(err, auth.ErrLink):
		return h.renderGone(c)
	case err != nil:
		return err
	}
	return h.renderAccount(c, nil, nil)
}

// renderGone says that a set-up link cannot be used, and how to get on.
func (h *Pages) renderGone(c *gin.Context) error {
	needed, err := h.Setup.Needed(c.Request.Context())
	if err != nil {
		return err
	}
	return h.render(c, http.StatusNotFound, view{Gone: true, NoAccount: needed})
}

func (h *Pages) renderAccount(c *gin.Context, typed url.Values, err error) error {
	f := newForm("account", Path+"/"+c.Param("secret"), "Create account", []field{
		{Name: "email", Label: "Email", Kind: "email", Required: true, Complete: "username", Hint: "To sign in. It is stored encrypted, and other moderators don’t see it."},
		{Name: "name", Label: "Your name", Kind: "text", Required: true, Complete: "name",
			Hint: "Readers see it beside replies that you publish."},
		{Name: "password", Label: "Password", Kind: "password", Required: true, Complete: "new-password",
			Hint: "At least 12 characters. A few unrelated words are easy to remember and hard to guess."},
	})
	status, err := f.refuse(c, typed, err)
	if err != nil {
		return err
	}
	if isMistyped(typed) {
		f.askAboutEmail(typed.Get("email"))
		status = http.StatusConflict
	} else if asked := typed.Get("email_asked"); asked != "" {
		f.Hidden = append(f.Hidden, page.Hidden("email_asked", asked))
	}
	return h.render(c, status, view{Account: f})
}

// CreateAdmin creates the first admin and signs them in.
func (h *Pages) CreateAdmin(c *gin.Context) error {
	if !h.PublicURL.IsSameOrigin(c) {
		return httpio.ErrCrossOrigin
	}
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	if isMistyped(values) {
		if err := h.Setup.CheckLink(c.Request.Context(), c.Param("secret")); errors.Is(err, auth.ErrLink) {
			return h.renderGone(c)
		} else if err != nil {
			return err
		}
		return h.renderAccount(c, values, nil)
	}
	opened, err := h.Setup.CreateAdmin(c.Request.Context(), c.Param("secret"), auth.NewModerator{
		Email: values.Get("email"), Name: values.Get("name"), Password: values.Get("password"),
	}, h.Sessions.LoginRequest(c))
	if errors.Is(err, auth.ErrLink) {
		return h.renderGone(c)
	}
	if err != nil {
		return h.renderAccount(c, values, err)
	}
	h.Sessions.Begin(c, opened)
	httpio.SeeOther(c, Path)
	return nil
}

// Show shows the steps to an admin: the second without a site, the third with "step=mode", else the fourth.
func (h *Pages) Show(c *gin.Context) error {
	site, found, err := h.site(c)
	switch {
	case err != nil:
		return err
	case !found:
		return h.renderSite(c, nil, nil)
	case c.Query("step") == "mode":
		return h.renderMode(c, site, nil, nil)
	}
	return h.renderTester(c, site)
}

// site returns the site that is set up: that of the query, else the admin's first one that is no demo.
func (h *Pages) site(c *gin.Context) (moderation.Site, bool, error) {
	if slug := c.Query("site"); slug != "" {
		site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), slug)
		return site, err == nil, err
	}
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	i := slices.IndexFunc(sites, func(s moderation.Site) bool { return s.Settings.Demo == moderation.NoDemo })
	if err != nil || i < 0 {
		return moderation.Site{}, false, err
	}
	return sites[i], true, nil
}

// siteView is the page with the first two steps done.
func siteView(c *gin.Context, site moderation.Site) view {
	return view{Moderator: session.IdentityOf(c).Name, SiteName: site.Name, SiteURL: tester.BasePath + site.Slug,
		SiteAbout: strings.Join(append([]string{site.Slug}, append(slices.Clone(site.Origins), languageName(site.Locale))...), ", ")}
}

func stepURL(slug, step string) string {
	values := url.Values{"site": {slug}}
	if step != "" {
		values.Set("step", step)
	}
	return Path + "?" + values.Encode()
}

// SiteURL is where the set-up of a site continues.
func SiteURL(slug string) string { return stepURL(slug, "") }

func (h *Pages) renderSite(c *gin.Context, typed url.Values, err error) error {
	spoken := locale.Match("", c.GetHeader("Accept-Language"), "").Tag
	f := newForm("site", Path, "Continue", []field{
		{Name: "name", Label: "Name", Kind: "text", Required: true,
			Hint: "What readers call it, such as The Harbour Gazette. You can change it later, but not the site’s ID in URLs, which is made from it."},
		{Name: "origin", Label: "Address", Kind: "text", Required: true, Complete: "url",
			Hint: "The origin of the pages that will show comments, such as https://www.example.org. You can allow more later."},
		{Name: "locale", Label: "Language", Kind: "select", Choices: languageChoices(spoken)},
	})
	f.aliases = map[string]string{"slug": "name", "origins": "origin"}
	status, err := f.refuse(c, typed, err)
	if err != nil {
		return err
	}
	return h.render(c, status, view{Moderator: session.IdentityOf(c).Name, Site: f})
}

// AddSite adds the first site.
func (h *Pages) AddSite(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	name, origin := values.Get("name"), typedOrigin(values.Get("origin"))
	var site moderation.Site
	for _, slug := range slugsOf(name, origin) {
		site, err = h.Sites.Add(c.Request.Context(), session.ViewerOf(c), moderation.NewSite{
			Slug: slug, Name: name, Locale: values.Get("locale"), Origins: []string{origin},
		})
		if !errors.Is(err, moderation.ErrExists) {
			break
		}
	}
	if err != nil {
		return h.renderSite(c, values, err)
	}
	h.Origins.Forget()
	httpio.SeeOther(c, stepURL(site.Slug, "mode"))
	return nil
}

// modeForm is the choice of a moderation mode.
type modeForm struct {
	Action  string
	Problem string
	Modes   []ModeChoice
}

func (h *Pages) renderMode(c *gin.Context, site moderation.Site, chosen *rules.ModerationMode, err error) error {
	status, problem := http.StatusOK, ""
	if err != nil {
		p := httpio.ProblemOf(err, httpio.RequestID(c))
		if p.Status != http.StatusUnprocessableEntity {
			return err
		}
		httpio.RecordProblem(c, p)
		words := session.Words(c)
		status, problem = p.Status, words.Detail(p.Detail)
		for _, fault := range p.Errors {
			problem += " " + words.Detail(fault.Detail)
		}
	}
	now, err := h.Moderation.Show(c.Request.Context(), session.ViewerOf(c), site.Slug)
	if err != nil {
		return err
	}
	mode := now.SiteMode()
	if chosen != nil {
		mode = *chosen
	}
	v := siteView(c, site)
	v.Mode = &modeForm{Action: Path + "/mode?" + url.Values{"site": {site.Slug}}.Encode(), Problem: problem, Modes: ModeChoices(mode)}
	return h.render(c, status, v)
}

// ChooseMode sets the moderation mode of the site.
func (h *Pages) ChooseMode(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	if err != nil {
		return err
	}
	mode := rules.ModerationMode(values.Get("mode"))
	_, err = h.Moderation.Change(c.Request.Context(), session.ViewerOf(c), site.Slug, rulebook.ModerationChange{Mode: &mode})
	if err != nil {
		return h.renderMode(c, site, &mode, err)
	}
	httpio.SeeOther(c, stepURL(site.Slug, ""))
	return nil
}

func (h *Pages) renderTester(c *gin.Context, site moderation.Site) error {
	now, err := h.Moderation.Show(c.Request.Context(), session.ViewerOf(c), site.Slug)
	if err != nil {
		return err
	}
	shown, err := h.Tester.View(c.Request.Context(), session.ViewerOf(c), site, tester.Watch{Back: stepURL(site.Slug, ""),
		Since: h.Tester.ParseSince(c.Query("since")), Words: session.Words(c)})
	if err != nil {
		return err
	}
	v := siteView(c, site)
	v.Tester, v.ModeName, v.ModeURL = &shown, ModeName(now.SiteMode()), stepURL(site.Slug, "mode")
	v.QueueURL = "/console?" + url.Values{"site": {site.Slug}}.Encode()
	return h.render(c, http.StatusOK, v)
}

// ShowChecks shows the checks of a site alone, for the module that follows them.
func (h *Pages) ShowChecks(c *gin.Context) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	shown, err := h.Tester.View(c.Request.Context(), session.ViewerOf(c), site, tester.Watch{
		Back: safeBack(c.Query("back"), site.Slug), Since: h.Tester.ParseSince(c.Query("since")), Words: session.Words(c)})
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Security-Policy", contentPolicy)
	shown.Frame = page.ConsoleFrame(session.Words(c), "")
	return h.Renderer.RenderWithPolicy(c, http.StatusOK, "embed-checks", shown)
}

// AllowOrigin adds an origin to those of a site.
func (h *Pages) AllowOrigin(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	slug := c.Param("site")
	_, err = h.Sites.Change(c.Request.Context(), session.ViewerOf(c), slug, moderation.SiteChange{AddOrigin: values.Get("origin")})
	if err != nil {
		return err
	}
	h.Origins.Forget()
	httpio.SeeOther(c, safeBack(values.Get("back"), slug)+"#checks")
	return nil
}

// safeBack returns back if it is one of the two pages with the tester, else the site's page.
func safeBack(back, slug string) string {
	if back == stepURL(slug, "") {
		return back
	}
	return tester.BasePath + slug
}
