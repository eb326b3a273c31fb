package hoursconsole

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/handlers/setup"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/schedule"
)

// Paths of the pages. The article is named in the query.
const (
	SitePath    = console.SitesPath + "/:site/hours"
	ArticlePath = console.ArticlePath + "/hours"
)

const formID = "hours"

// clockLayout is the format of an input of type datetime-local.
const clockLayout = "2006-01-02T15:04"

// Pages serves the pages.
type Pages struct {
	*console.Pages
	Now func() time.Time
}

// hoursView is a page.
type hoursView struct {
	console.AdminFrame
	Of      string // site or article
	Article bool
	Now     string // the current state
	Zone    string
	Said    string // a further notice
	Form    console.Form
	Back    page.Link
}

// prepare adds the module, and says that copied hours are not saved.
func (v *hoursView) prepare(refused *console.Refusal) {
	v.Scripts = []string{"hours.js"}
	if refused != nil && refused.Status() == http.StatusOK {
		v.Said = "Copied to the other weekdays. Not saved yet."
	}
}

// ShowSite shows the hours of a site.
func (h *Pages) ShowSite(c *gin.Context) error { return h.renderSite(c, nil) }

func (h *Pages) renderSite(c *gin.Context, refused *console.Refusal) error {
	site, err := h.Sites.Find(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	back := console.SitesPath + "/" + site.Slug
	view := hoursView{Of: site.Name, Back: page.Link{Text: "Settings", Href: back},
		Now:  h.stateText(session.Words(c), site.Settings, moderation.Article{PublishedAt: h.Now()}),
		Zone: zoneName(site.Settings)}
	title := session.Words(c).T("Opening hours of %s", site.Name)
	if view.AdminFrame, err = h.NewAdminFrame(c, console.SitesPath, title); err != nil {
		return err
	}
	view.prepare(refused)
	zone := console.Field{Name: "time_zone", Label: "Time zone", Kind: "select",
		Choices: console.ZoneChoices(zoneName(site.Settings)), Pointer: "/settings/time_zone", Required: true,
		Hint: "Opening hours and the times when modes end and articles close are in it. All other times in the console are in the " +
			"time zone of your browser, or of your account without JavaScript."}
	fields := append([]console.Field{zone}, fieldsOf(h.current(site.Settings.Schedule), site.Settings, "/settings/schedule")...)
	view.Form = console.NewForm(console.Form{ID: formID, Action: back + "/hours", Button: "Save", Fields: fields}, refused)
	return h.Render(c, refused.Status(), "hours", view)
}

// SaveSite changes the hours of a site.
func (h *Pages) SaveSite(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	if values.Get("do") == "copy" {
		copyMonday(values)
		return h.renderSite(c, console.Retyped(formID, values, session.Words(c)))
	}
	zone := strings.TrimSpace(values.Get("time_zone"))
	typed, err := h.parse(values, schedule.Zone(zone), "/settings/schedule")
	if err == nil {
		_, err = h.Sites.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"), moderation.SiteChange{
			Settings: func(t moderation.SiteSettings) moderation.SiteSettings {
				t.TimeZone, t.Schedule = zone, typed
				return t
			}})
	}
	if err != nil {
		return h.Refuse(c, console.NewRefusal(formID, values), err, h.renderSite)
	}
	return h.Redirect(c, console.SitesPath+"/"+c.Param("site")+"/hours", "Saved.")
}

// ShowArticle shows the hours of an article.
func (h *Pages) ShowArticle(c *gin.Context) error { return h.renderArticle(c, nil) }

func (h *Pages) renderArticle(c *gin.Context, refused *console.Refusal) error {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	article, err := h.Sites.Article(ctx, viewer, articleOf(c))
	if err != nil {
		return err
	}
	site, err := h.Sites.Find(ctx, viewer, c.Query("site"))
	if err != nil {
		return err
	}
	query := "?" + url.Values{"site": {site.Slug}, "article": {article.Key}}.Encode()
	heading := page.ArticleHeading(article.Article)
	view := hoursView{Of: heading, Article: true, Back: page.Link{Text: "Article", Href: console.ArticlePath + query},
		Now: h.stateText(session.Words(c), site.Settings, article.Article), Zone: zoneName(site.Settings)}
	title := session.Words(c).T("Opening hours of %s", heading)
	if view.AdminFrame, err = h.NewAdminFrame(c, console.ArticlesPath, title); err != nil {
		return err
	}
	view.prepare(refused)
	fields := append(fieldsOf(h.current(article.Schedule), site.Settings, "/schedule"), console.Field{Name: "closes_at",
		Label: "Close the article at", Kind: "datetime-local", Pointer: "/schedule/closes_at",
		Value: clock(article.Schedule.ClosesAt, site.Settings), Hint: "Empty: it closes by age, if the site’s articles do."})
	form := console.Form{ID: formID, Action: ArticlePath + query, Button: "Save", Fields: fields}
	view.Form = console.NewForm(form, refused)
	return h.Render(c, refused.Status(), "hours", view)
}

// SaveArticle changes the hours of an article.
func (h *Pages) SaveArticle(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	if values.Get("do") == "copy" {
		copyMonday(values)
		return h.renderArticle(c, console.Retyped(formID, values, session.Words(c)))
	}
	ctx, viewer, ref := c.Request.Context(), session.ViewerOf(c), articleOf(c)
	site, err := h.Sites.Find(ctx, viewer, ref.SiteSlug)
	if err != nil {
		return err
	}
	typed, err := h.parse(values, schedule.Zone(site.Settings.TimeZone), "/schedule")
	if err == nil {
		_, err = h.Sites.ChangeArticle(ctx, viewer, ref, moderation.ArticleChange{Schedule: &typed})
	}
	if err != nil {
		return h.Refuse(c, console.NewRefusal(formID, values), err, h.renderArticle)
	}
	return h.Redirect(c, ArticlePath+"?"+url.Values{"site": {ref.SiteSlug}, "article": {ref.Key}}.Encode(), "Saved.")
}

func articleOf(c *gin.Context) moderation.SiteArticle {
	return moderation.SiteArticle{SiteSlug: c.Query("site"), Key: c.Query("article")}
}

// stateText says what applies to an article now, and until when.
func (h *Pages) stateText(words *locale.Language, settings moderation.SiteSettings, a moderation.Article) string {
	now := h.Now()
	at := func(t time.Time) string {
		local := t.In(schedule.Zone(settings.TimeZone))
		year, month, day := local.Date()
		return words.Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC)) + ", " + local.Format("15:04 MST")
	}
	mode := a.ModeAt(settings, now)
	switch {
	case mode == rules.ModeClosed:
		if opens := a.OpensAt(settings, now); !opens.IsZero() {
			return words.T("Comments are closed now. They open again on %s.", at(opens))
		}
		return words.T("Comments are closed now.")
	case settings.Schedule.Empty() && a.Schedule.Empty():
		return words.T("Comments are open at any time.")
	}
	text := words.T("Comments are open now.")
	if mode != "" {
		text = words.T("Comments are open now, in the mode “%s”.", words.T(setup.ModeName(mode)))
	}
	if next := a.ModeChangesAt(settings, now); !next.IsZero() {
		text += " " + words.T("The next change is on %s.", at(next))
	}
	return text
}

// current returns a schedule without a temporary mode that has ended.
func (h *Pages) current(s schedule.Schedule) schedule.Schedule {
	if s.Temporary != nil && !h.Now().Before(s.Temporary.Until) {
		s.Temporary = nil
	}
	return s
}

func zoneName(settings moderation.SiteSettings) string {
	return schedule.Zone(settings.TimeZone).String()
}

// clock is a time as the value of an input, in the site's time zone; empty for none.
func clock(t *time.Time, settings moderation.SiteSettings) string {
	if t == nil {
		return ""
	}
	return t.In(schedule.Zone(settings.TimeZone)).Format(clockLayout)
}

// fieldsOf are the fields of a schedule. pointer is where it is in requests.
func fieldsOf(s schedule.Schedule, settings moderation.SiteSettings, pointer string) []console.Field {
	outside := []console.Choice{{Value: string(rules.ModeClosed), Label: "Closed: the form is not shown"},
		{Value: string(rules.HoldAll), Label: "All wait: every comment waits for a moderator"}}
	temporary := []console.Choice{{Label: "No"}}
	for _, mode := range append(rules.ModerationModes(), rules.ModeClosed) {
		temporary = append(temporary, console.Choice{Value: string(mode), Label: setup.ModeName(mode)})
	}
	var until *time.Time
	if s.Temporary != nil {
		until = &s.Temporary.Until
		mark(temporary, string(s.Temporary.Mode))
	}
	mark(outside, string(s.Outside))
	return append(dayFields(s.Hours, pointer+"/hours"), []console.Field{
		{Name: "outside", Label: "Outside of these hours", Kind: "select", Choices: outside, Pointer: pointer + "/outside"},
		{Name: "temporary_mode", Label: "Another mode for a while", Kind: "select", Choices: temporary,
			Pointer: pointer + "/temporary/mode", Hint: "It applies at any hour. Afterwards, everything is as before."},
		{Name: "temporary_until", Label: "Until", Kind: "datetime-local", Value: clock(until, settings),
			Pointer: pointer + "/temporary/until"},
	}...)
}

func mark(choices []console.Choice, chosen string) {
	for i := range choices {
		choices[i].Selected = choices[i].Value == chosen
	}
}

// parse reads the fields of a schedule. *moderation.Invalid names the fields that are not valid.
func (h *Pages) parse(values url.Values, zone *time.Location, pointer string) (schedule.Schedule, error) {
	var faults moderation.Invalid
	var s schedule.Schedule
	s.Hours = readDays(&faults, values, pointer+"/hours")
	if len(s.Hours) > 0 {
		s.Outside = rules.ModerationMode(values.Get("outside"))
	}
	if mode := values.Get("temporary_mode"); mode != "" {
		until := parseClock(&faults, values.Get("temporary_until"), zone, pointer+"/temporary/until")
		switch {
		case until == nil && len(faults.Fields) == 0:
			faults.Add(pointer+"/temporary/until", "required", "Say when the mode ends.")
		case until != nil && !until.After(h.Now()):
			faults.Add(pointer+"/temporary/until", "out_of_range", "Must be in the future.")
		case until != nil:
			s.Temporary = &schedule.Temporary{Mode: rules.ModerationMode(mode), Until: *until}
		}
	}
	s.ClosesAt = parseClock(&faults, values.Get("closes_at"), zone, pointer+"/closes_at")
	return s, faults.Err()
}

// parseClock reads the value of an input of type datetime-local; nil for none.
func parseClock(faults *moderation.Invalid, typed string, zone *time.Location, pointer string) *time.Time {
	if typed = strings.TrimSpace(typed); typed == "" {
		return nil
	}
	at, err := time.ParseInLocation(clockLayout, typed, zone)
	if err != nil {
		faults.Add(pointer, "malformed", "Must be a time such as 2026-12-02T06:00.")
		return nil
	}
	at = at.UTC()
	return &at
}
