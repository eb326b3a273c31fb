package console

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/auth"
	"rejoinder/handlers/cors"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// The ids of the forms about sites.
const (
	addSiteFormID = "add"
	settingsForm  = "settings"
)

// sitesView lists the sites that the admin works on.
type sitesView struct {
	adminFrame
	List []siteRow
	Add  *consoleForm // nil for an admin of certain sites
}

type siteRow struct {
	Name    string
	Slug    string
	Href    string
	Origins string
}

// siteView is one site's settings.
type siteView struct {
	adminFrame
	Slug string
	Href string
	Form consoleForm
}

func siteAddress(slug string) string { return SitesPath + "/" + slug }

func (h *Sites) SitesPage(c *gin.Context) error { return h.showSites(c, nil) }

func (h *Sites) showSites(c *gin.Context, refused *refusal) error {
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	var view sitesView
	if view.adminFrame, err = h.adminFrame(c, SitesPath, "Sites"); err != nil {
		return err
	}
	for _, site := range sites {
		view.List = append(view.List, siteRow{site.Name, site.Slug, siteAddress(site.Slug), strings.Join(site.Origins, ", ")})
	}
	if len(session.IdentityOf(c).SiteIDs) == 0 {
		form := newConsoleForm(consoleForm{ID: addSiteFormID, Action: SitesPath, Button: "Add the site",
			Fields: append([]consoleField{{Name: "slug", Label: "Slug", Kind: "text", Required: true,
				Hint: "Names the site in addresses and in the code that embeds its threads. It never changes."}},
				aboutSite(moderation.Site{Locale: "en"})...)}, refused)
		view.Add = &form
	}
	return h.renderConsole(c, refused.status(), "sites", view)
}

// aboutSite asks for what every site has.
func aboutSite(site moderation.Site) []consoleField {
	return []consoleField{
		{Name: "name", Label: "Name", Kind: "text", Value: site.Name, Required: true},
		{
			Name:     "locale",
			Label:    "Language",
			Kind:     "text",
			Value:    site.Locale,
			Required: true,
			Hint:     "A BCP 47 tag, as en or pt-BR.",
		},
		{Name: "origins", Label: "Origins", Kind: "textarea", Value: strings.Join(site.Origins, "\n"),
			Hint: "Where the pages with its threads are, one a line, as https://www.example.org."},
	}
}

// AddSiteForm makes a site that is judged by the shipped default ruleset.
func (h *Sites) AddSiteForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	site, err := h.Sites.Add(
		c.Request.Context(),
		session.ViewerOf(c),
		moderation.NewSite{Slug: values.Get("slug"), Name: values.Get("name"),
			Locale: values.Get("locale"), Origins: linesOf(values.Get("origins"))},
	)
	if err != nil {
		refused, err := h.refuse(c, addSiteFormID, values, err)
		if err != nil {
			return err
		}
		return h.showSites(c, refused)
	}
	h.Origins.Forget()
	h.leaveNotice(c, "site-added")
	httpio.SeeOther(c, siteAddress(site.Slug))
	return nil
}

// linesOf are the lines of a text that hold something.
func linesOf(text string) []string {
	lines := []string{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func (h *Sites) SitePage(c *gin.Context) error { return h.showSite(c, nil) }

func (h *Sites) showSite(c *gin.Context, refused *refusal) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	view := siteView{Slug: site.Slug, Href: siteAddress(site.Slug)}
	if view.adminFrame, err = h.adminFrame(c, SitesPath, site.Name); err != nil {
		return err
	}
	view.Form = newConsoleForm(consoleForm{ID: settingsForm, Action: view.Href, Button: "Save",
		Fields: append(aboutSite(site), settingFields(site.Settings)...)}, refused)
	return h.renderConsole(c, refused.status(), "site", view)
}

func settingFields(settings moderation.SiteSettings) []consoleField {
	fields := []consoleField{
		{Name: "votes", Label: "Votes of readers", Kind: "select", Pointer: "/settings/votes", Choices: chooses([]choice{
			{Value: string(moderation.VotesOff), Label: "None"}, {Value: string(moderation.VotesUp), Label: "For a comment"},
			{Value: string(moderation.VotesUpDown), Label: "For and against a comment"}}, string(settings.Votes))},
		{Name: "reports", Label: "Readers may report comments", Kind: "check", Pointer: "/settings/reports"},
	}
	if settings.Reports {
		fields[1].Value = "yes"
	}
	for _, number := range siteNumbers {
		fields = append(
			fields,
			consoleField{Name: number.name, Label: number.label, Hint: number.hint, Kind: "number", Required: true,
				Pointer: "/settings/" + number.name, Value: strconv.Itoa(*number.of(&settings))},
		)
	}
	return fields
}

// siteNumbers are the settings that are numbers, in the order of the page.
var siteNumbers = []struct {
	name, label, hint string
	of                func(*moderation.SiteSettings) *int
}{
	{"hold_after_reports", "Open reports that hide a comment until a person looks", "0: none do.",
		func(t *moderation.SiteSettings) *int { return &t.HoldAfterReports }},
	{"edit_window_minutes", "Minutes in which writers may change a comment", "0: they may not.",
		func(t *moderation.SiteSettings) *int { return &t.EditWindowMinutes }},
	{"close_after_days", "Days after publication when an article closes", "0: articles stay open.",
		func(t *moderation.SiteSettings) *int { return &t.CloseAfterDays }},
	{"max_depth", "Deepest level of replies", "A reply to a comment at that level is refused.",
		func(t *moderation.SiteSettings) *int { return &t.MaxDepth }},
	{"display_depth", "Deepest level that pages set in", "Deeper replies follow flat, and say whom they answer.",
		func(t *moderation.SiteSettings) *int { return &t.DisplayDepth }},
}

// typedSettings reads the settings of the page. *moderation.Invalid names what is no number.
func typedSettings(values url.Values) (func(moderation.SiteSettings) moderation.SiteSettings, error) {
	var typed moderation.SiteSettings
	var faults moderation.Invalid
	for _, number := range siteNumbers {
		n, ok := httpio.WholeNumber(values.Get(number.name))
		if !ok {
			faults.Add("/settings/"+number.name, "wrong_type", "This is a whole number.")
		}
		*number.of(&typed) = n
	}
	typed.Votes, typed.Reports = moderation.VoteSetting(values.Get("votes")), values.Get("reports") != ""
	return func(before moderation.SiteSettings) moderation.SiteSettings {
		typed.Reasons = before.Reasons
		return typed
	}, faults.Err()
}

// ChangeSiteForm changes what the settings page shows of a site.
func (h *Sites) ChangeSiteForm(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	settings, err := typedSettings(values)
	if err == nil {
		name, locale, origins := values.Get("name"), values.Get("locale"), linesOf(values.Get("origins"))
		_, err = h.Sites.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"),
			moderation.SiteChange{Name: &name, Locale: &locale, Origins: &origins, Settings: settings})
	}
	if err != nil {
		refused, err := h.refuse(c, settingsForm, values, err)
		if err != nil {
			return err
		}
		return h.showSite(c, refused)
	}
	h.Origins.Forget()
	h.leaveNotice(c, "saved")
	httpio.SeeOther(c, siteAddress(c.Param("site")))
	return nil
}

type Sites struct {
	*Pages
	Auth     *auth.Service
	AuditLog *moderation.AuditLog
	Now      func() time.Time
	Origins  *cors.Origins
}
