package console

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/cors"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/session"
	"rejoinder/handlers/tester"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// Sites serves the screens on which admins manage sites, with their reasons and articles.
type Sites struct {
	*Pages
	Now     func() time.Time
	Origins *cors.Origins

	Moderation *rulebook.SiteModeration
	Tester     *tester.Tester
}

// The ids of the forms about sites.
const (
	addSiteFormID = "add"
	settingsForm  = "settings"
	removeFormID  = "remove"
)

// sitesView lists the admin's sites.
type sitesView struct {
	adminFrame
	List []siteRow
	Add  *formView // nil: the admin has access to some sites only
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
	Name   string
	Slug   string
	Href   string
	Tester tester.View

	Moderation formView
	Locked     []string // settings whose rules were changed by hand
	RulesURL   string

	Form   formView
	Demo   bool
	Remove *formView // nil: the admin has access to some sites only
}

func siteURL(slug string) string { return SitesPath + "/" + slug }

// ShowList lists the sites.
func (h *Sites) ShowList(c *gin.Context) error { return h.renderSites(c, nil) }

func (h *Sites) renderSites(c *gin.Context, refused *refusal) error {
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	var view sitesView
	if view.adminFrame, err = h.newAdminFrame(c, SitesPath, "Sites"); err != nil {
		return err
	}
	for _, site := range sites {
		view.List = append(view.List,
			siteRow{site.Name, site.Slug, siteURL(site.Slug), strings.Join(site.Origins, ", ")})
	}
	if len(session.IdentityOf(c).SiteIDs) == 0 {
		slug := fieldView{Name: "slug", Label: "Slug", Kind: "text", Required: true,
			Hint: "Identifies the site in URLs and in the embed code. It can’t be changed later."}
		form := newFormView(formView{ID: addSiteFormID, Action: SitesPath, Button: "Add site",
			Fields: append([]fieldView{slug}, siteFields(moderation.Site{Locale: "en"})...)}, refused)
		view.Add = &form
	}
	return h.render(c, refused.status(), "sites", view)
}

// localeChoices are the languages of readers' pages, and the chosen one if it is another.
func localeChoices(chosen string) []choice {
	var choices []choice
	for _, l := range locale.Languages() {
		choices = append(choices, choice{Value: l.Tag, Label: l.Name, Selected: l.Tag == chosen, Verbatim: true})
	}
	if !locale.Has(chosen) {
		choices = append(choices, choice{Value: chosen, Label: chosen, Selected: true, Verbatim: true})
	}
	return choices
}

// siteFields are the fields of both the form that adds a site and the one that changes it.
func siteFields(site moderation.Site) []fieldView {
	return []fieldView{
		{Name: "name", Label: "Name", Kind: "text", Value: site.Name, Required: true},
		{Name: "locale", Label: "Language", Kind: "select", Choices: localeChoices(site.Locale), Required: true,
			Hint: "The language of the texts around the comments, unless a page or a reader’s browser asks for another."},
		{Name: "origins", Label: "Origins", Kind: "textarea", Value: strings.Join(site.Origins, "\n"),
			Hint: "Origins of the pages that embed its threads, one per line, such as https://www.example.org."},
	}
}

// Add adds a site with the default ruleset.
func (h *Sites) Add(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	site, err := h.Sites.Add(c.Request.Context(), session.ViewerOf(c), moderation.NewSite{
		Slug: values.Get("slug"), Name: values.Get("name"), Locale: values.Get("locale"),
		Origins: nonEmptyLines(values.Get("origins")),
	})
	if err != nil {
		return h.refuse(c, &refusal{form: addSiteFormID, typed: values}, err, h.renderSites)
	}
	h.Origins.Forget()
	return h.redirect(c, siteURL(site.Slug), notice{Text: "The site has been added. The default ruleset judges its comments."})
}

// nonEmptyLines returns the lines of a text that are not blank, trimmed.
func nonEmptyLines(text string) []string {
	lines := []string{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// Show shows the settings of a site.
func (h *Sites) Show(c *gin.Context) error { return h.renderSite(c, nil) }

func (h *Sites) renderSite(c *gin.Context, refused *refusal) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	view := siteView{Name: site.Name, Slug: site.Slug, Href: siteURL(site.Slug),
		Demo: site.Settings.Demo != moderation.NoDemo}
	if view.adminFrame, err = h.newAdminFrame(c, SitesPath, site.Name); err != nil {
		return err
	}
	view.Styles, view.Scripts = append(view.Styles, "setup.css"), []string{"copy.js", "checks.js"}
	view.Tester, err = h.Tester.View(c.Request.Context(), session.ViewerOf(c), site,
		tester.Watch{Back: view.Href, Since: h.Tester.ParseSince(c.Query("since")), Words: session.Words(c)})
	if err != nil {
		return err
	}
	if err := h.addModeration(c, &view, refused); err != nil {
		return err
	}
	if len(session.IdentityOf(c).SiteIDs) == 0 {
		form := newFormView(removalForm(session.Words(c), site, view.Tester.Comments), refused)
		view.Remove = &form
	}
	view.Form = newFormView(formView{ID: settingsForm, Action: view.Href, Button: "Save",
		Fields: append(siteFields(site), settingFields(site.Settings)...)}, refused)
	return h.render(c, refused.status(), "site", view)
}

// checked is the value of a checkbox.
func checked(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

func settingFields(settings moderation.SiteSettings) []fieldView {
	fields := []fieldView{
		{Name: "guidelines", Label: "Guidelines above the form", Kind: "textarea", Pointer: "/settings/guidelines",
			Value: settings.Guidelines, Hint: "Plain text. Each line is a paragraph."},
		{Name: "website", Label: "Ask for a website", Kind: "check", Pointer: "/settings/website",
			Value: checked(settings.Website)},
		{Name: "votes", Label: "Votes", Kind: "select", Pointer: "/settings/votes", Choices: withSelected([]choice{
			{Value: string(moderation.VotesOff), Label: "Off"}, {Value: string(moderation.VotesUp), Label: "Upvotes only"},
			{Value: string(moderation.VotesUpDown), Label: "Upvotes and downvotes"}}, string(settings.Votes))},
		{Name: "reports", Label: "Readers can report comments", Kind: "check", Pointer: "/settings/reports",
			Value: checked(settings.Reports)},
		{Name: "mail", Label: "Readers can ask for mail about their comments", Kind: "check", Value: checked(!settings.MailOff),
			Hint: "Only if this server can send mail."},
		{Name: "mail_sender", Label: "Sender’s name of mail to readers", Kind: "text", Pointer: "/settings/mail_sender",
			Value: settings.MailSender, Hint: "Empty: the site’s name."},
		{Name: "mail_reply_to", Label: "Address for replies to this mail", Kind: "email", Pointer: "/settings/mail_reply_to",
			Value: settings.MailReplyTo, Hint: "Empty: the sender’s address."},
	}
	for _, number := range siteNumbers {
		fields = append(fields, fieldView{Name: number.name, Label: number.label, Hint: number.hint, Kind: "number",
			Required: true, Pointer: "/settings/" + number.name, Value: strconv.Itoa(*number.of(&settings))})
	}
	return fields
}

// siteNumbers are the numeric settings, in the order of the page.
var siteNumbers = []struct {
	name, label, hint string
	of                func(*moderation.SiteSettings) *int
}{
	{"hold_after_reports", "Hold a comment after this many open reports", "0: never.",
		func(t *moderation.SiteSettings) *int { return &t.HoldAfterReports }},
	{"edit_window_minutes", "Minutes in which authors can edit a comment", "0: no editing.",
		func(t *moderation.SiteSettings) *int { return &t.EditWindowMinutes }},
	{"close_after_days", "Close articles this many days after publication", "0: never.",
		func(t *moderation.SiteSettings) *int { return &t.CloseAfterDays }},
	{"max_depth", "Maximum depth of replies", "Comments at this depth can’t be replied to.",
		func(t *moderation.SiteSettings) *int { return &t.MaxDepth }},
	{"display_depth", "Maximum depth that pages indent", "Deeper replies are shown flat, and name whom they reply to.",
		func(t *moderation.SiteSettings) *int { return &t.DisplayDepth }},
}

// settingsFromForm parses the settings of the page, and keeps those that it does not show. *moderation.Invalid names
// the fields that are not numbers.
func settingsFromForm(values url.Values) (func(moderation.SiteSettings) moderation.SiteSettings, error) {
	var typed moderation.SiteSettings
	var faults moderation.Invalid
	for _, number := range siteNumbers {
		n, ok := httpio.WholeNumber(values.Get(number.name))
		if !ok {
			faults.Add("/settings/"+number.name, "wrong_type", "Must be a whole number.")
		}
		*number.of(&typed) = n
	}
	return func(s moderation.SiteSettings) moderation.SiteSettings {
		for _, number := range siteNumbers {
			*number.of(&s) = *number.of(&typed)
		}
		s.Votes, s.Reports = moderation.VoteSetting(values.Get("votes")), values.Get("reports") != ""
		s.Guidelines, s.Website = values.Get("guidelines"), values.Get("website") != ""
		s.MailOff, s.MailSender = values.Get("mail") == "", strings.TrimSpace(values.Get("mail_sender"))
		s.MailReplyTo = strings.TrimSpace(values.Get("mail_reply_to"))
		return s
	}, faults.Err()
}

// Change changes the settings of a site.
func (h *Sites) Change(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	settings, err := settingsFromForm(values)
	if err == nil {
		name, language, origins := values.Get("name"), values.Get("locale"), nonEmptyLines(values.Get("origins"))
		_, err = h.Sites.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"),
			moderation.SiteChange{Name: &name, Locale: &language, Origins: &origins, Settings: settings})
	}
	if err != nil {
		return h.refuse(c, &refusal{form: settingsForm, typed: values}, err, h.renderSite)
	}
	h.Origins.Forget()
	return h.redirect(c, siteURL(c.Param("site")), notice{Text: "Saved."})
}
