package sitedata

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/retention"
)

const (
	retentionForm = "retention"
	confirmForm   = "confirm"
	shownSweeps   = 20
)

// retentionView is the page about what a site deletes.
type retentionView struct {
	console.AdminFrame
	Name, Href string
	Form       console.Form
	Confirm    *console.Form         // asks before something is deleted; nil: nothing is asked
	Due        retention.Count       // the comments and commenters that Confirm is about
	Sweeps     []moderation.AuditRow // past deletions, newest first
}

// retentionFields are the settings, in the order of the page.
var retentionFields = []struct {
	name, label, hint string
	of                func(*moderation.RetentionSettings) *int
}{
	{"declined_days", "Delete rejected comments and spam after this many days",
		"Counted from the last decision. 0: never.",
		func(s *moderation.RetentionSettings) *int { return &s.DeclinedDays }},
	{"inactive_years", "Anonymize commenters after this many years without a comment",
		"Their comments stay, without name, email and website. 0: never.",
		func(s *moderation.RetentionSettings) *int { return &s.InactiveYears }},
}

// ShowRetention shows the settings and what was deleted.
func (h *Pages) ShowRetention(c *gin.Context) error { return h.renderRetention(c, nil, nil) }

func (h *Pages) renderRetention(c *gin.Context, refused *console.Refusal, confirm *retentionView) error {
	ctx, viewer := c.Request.Context(), session.ViewerOf(c)
	site, err := h.Sites.Find(ctx, viewer, c.Param("site"))
	if err != nil {
		return err
	}
	v := retentionView{Name: site.Name, Href: console.SitesPath + "/" + site.Slug}
	if v.AdminFrame, err = h.NewAdminFrame(c, console.SitesPath, "Retention"); err != nil {
		return err
	}
	form := console.Form{ID: retentionForm, Action: c.Request.URL.Path, Button: "Save"}
	for _, f := range retentionFields {
		form.Fields = append(form.Fields, console.Field{Name: f.name, Label: f.label, Hint: f.hint, Kind: "number",
			Required: true, Pointer: "/settings/retention/" + f.name, Value: strconv.Itoa(*f.of(&site.Settings.Retention))})
	}
	v.Form = console.NewForm(form, refused)
	if confirm != nil {
		v.Confirm, v.Due = confirm.Confirm, confirm.Due
	}
	log, err := h.Log.List(ctx, viewer, moderation.AuditQuery{Action: moderation.AuditRetention, SiteSlug: site.Slug,
		Limit: shownSweeps})
	if err != nil {
		return err
	}
	v.Sweeps = log.Items
	return h.Render(c, refused.Status(), "retention", v)
}

// SaveRetention saves the settings. If they delete something now, it asks first.
func (h *Pages) SaveRetention(c *gin.Context) error {
	values, err := httpio.FormValues(c)
	if err != nil {
		return err
	}
	settings, err := parseRetention(values)
	var due retention.Count
	if err == nil {
		due, err = h.Retention.Preview(c.Request.Context(), session.ViewerOf(c), c.Param("site"), settings)
	}
	if err == nil && due != (retention.Count{}) && values.Get("confirmed") == "" {
		return h.renderRetention(c, nil, &retentionView{Confirm: retentionConfirmation(c.Request.URL.Path, values), Due: due})
	}
	if err == nil {
		_, err = h.Sites.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"), moderation.SiteChange{
			Settings: func(s moderation.SiteSettings) moderation.SiteSettings {
				s.Retention = settings
				return s
			},
		})
	}
	if err != nil {
		return h.Refuse(c, console.NewRefusal(retentionForm, values), err,
			func(c *gin.Context, r *console.Refusal) error { return h.renderRetention(c, r, nil) })
	}
	return h.Redirect(c, c.Request.URL.Path, "Saved.")
}

// retentionConfirmation is the form that sends the same settings once more.
func retentionConfirmation(action string, values url.Values) *console.Form {
	form := console.Form{ID: confirmForm, Action: action, Button: "Save and delete", Grave: true,
		Hidden: []page.HiddenField{{Name: "confirmed", Value: "yes"}}}
	for _, f := range retentionFields {
		form.Hidden = append(form.Hidden, page.HiddenField{Name: f.name, Value: values.Get(f.name)})
	}
	form = console.NewForm(form, nil)
	return &form
}

// parseRetention reads the settings from a form or a query. *moderation.Invalid names the fields that are not numbers.
func parseRetention(values url.Values) (moderation.RetentionSettings, error) {
	var s moderation.RetentionSettings
	var faults moderation.Invalid
	for _, f := range retentionFields {
		n, ok := httpio.WholeNumber(values.Get(f.name))
		if !ok {
			faults.Add("/settings/retention/"+f.name, "wrong_type", "Must be a whole number.")
		}
		*f.of(&s) = n
	}
	return s, faults.Err()
}

// previewResponse says what settings would delete now.
type previewResponse struct {
	Comments   int       `json:"comments"`
	Commenters int       `json:"commenters"`
	At         time.Time `json:"at"`
}

// PreviewRetention returns what settings would delete now, by default the site's own.
func (h *Pages) PreviewRetention(c *gin.Context) error {
	ctx, viewer, values := c.Request.Context(), session.ViewerOf(c), c.Request.URL.Query()
	site, err := h.Sites.Find(ctx, viewer, c.Param("site"))
	if err != nil {
		return err
	}
	for _, f := range retentionFields {
		if !values.Has(f.name) {
			values.Set(f.name, strconv.Itoa(*f.of(&site.Settings.Retention)))
		}
	}
	settings, err := parseRetention(values)
	if err != nil {
		return err
	}
	n, err := h.Retention.Preview(ctx, viewer, site.Slug, settings)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, previewResponse{Comments: n.Comments, Commenters: n.Commenters, At: h.Retention.Now().UTC()})
	return nil
}
