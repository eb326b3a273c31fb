package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/cors"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/stats"
)

// siteResponse is a site as moderators see it.
type siteResponse struct {
	ID              string                  `json:"id"`
	Slug            string                  `json:"slug"`
	Name            string                  `json:"name"`
	Locale          string                  `json:"locale"`
	Origins         []string                `json:"origins"`
	Settings        moderation.SiteSettings `json:"settings"`
	ActiveRulesetID string                  `json:"active_ruleset_id"`
	Reasons         []reasonResponse        `json:"reasons"`
	CreatedAt       time.Time               `json:"created_at"`
}

func newSiteResponse(site moderation.Site) siteResponse {
	origins := site.Origins
	if origins == nil {
		origins = []string{}
	}
	return siteResponse{
		ID: site.ID, Slug: site.Slug, Name: site.Name, Locale: site.Locale, Origins: origins, Settings: site.Settings,
		ActiveRulesetID: site.ActiveRulesetID, Reasons: NewReasonResponses(site), CreatedAt: site.CreatedAt.UTC(),
	}
}

// settingsRequest changes some settings and leaves the others.
type settingsRequest struct {
	CloseAfterDays    *int `json:"close_after_days"`
	EditWindowMinutes *int `json:"edit_window_minutes"`
	MaxDepth          *int `json:"max_depth"`
	DisplayDepth      *int `json:"display_depth"`
	HoldAfterReports  *int `json:"hold_after_reports"`

	Votes   *moderation.VoteSetting `json:"votes"`
	Reports *bool                   `json:"reports"`
	Reasons *[]moderation.Reason    `json:"reasons"`
}

func (r *settingsRequest) over(settings moderation.SiteSettings) *moderation.SiteSettings {
	if r == nil {
		return nil
	}
	for _, change := range []struct {
		to   *int
		from *int
	}{
		{&settings.CloseAfterDays, r.CloseAfterDays},
		{&settings.EditWindowMinutes, r.EditWindowMinutes},
		{&settings.MaxDepth, r.MaxDepth},
		{&settings.DisplayDepth, r.DisplayDepth},
		{&settings.HoldAfterReports, r.HoldAfterReports},
	} {
		if change.from != nil {
			*change.to = *change.from
		}
	}
	if r.Votes != nil {
		settings.Votes = *r.Votes
	}
	if r.Reports != nil {
		settings.Reports = *r.Reports
	}
	if r.Reasons != nil {
		settings.Reasons = *r.Reasons
	}
	return &settings
}

// ListSites lists the sites that the moderator works on.
func (h *Sites) ListSites(c *gin.Context) error {
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	items := make([]siteResponse, 0, len(sites))
	for _, site := range sites {
		items = append(items, newSiteResponse(site))
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items []siteResponse `json:"items"`
	}{items})
	return nil
}

// AddSite makes a site that is judged by the shipped default ruleset.
func (h *Sites) AddSite(c *gin.Context) error {
	var req struct {
		Slug     string           `json:"slug"`
		Name     string           `json:"name"`
		Locale   string           `json:"locale"`
		Origins  []string         `json:"origins"`
		Settings *settingsRequest `json:"settings"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	site, err := h.Sites.Add(c.Request.Context(), session.ViewerOf(c), moderation.NewSite{
		Slug: req.Slug, Name: req.Name, Locale: req.Locale, Origins: req.Origins,
		Settings: req.Settings.over(moderation.DefaultSiteSettings()),
	})
	if err != nil {
		return err
	}
	h.Origins.Forget()
	httpio.JSON(c, http.StatusCreated, newSiteResponse(site))
	return nil
}

// ChangeSite changes what is sent of a site and leaves the rest.
func (h *Sites) ChangeSite(c *gin.Context) error {
	var req struct {
		Name     *string          `json:"name"`
		Locale   *string          `json:"locale"`
		Origins  *[]string        `json:"origins"`
		Settings *settingsRequest `json:"settings"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	change := moderation.SiteChange{Name: req.Name, Locale: req.Locale, Origins: req.Origins}
	if req.Settings != nil {
		change.Settings = func(before moderation.SiteSettings) moderation.SiteSettings { return *req.Settings.over(before) }
	}
	site, err := h.Sites.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"), change)
	if err != nil {
		return err
	}
	h.Origins.Forget()
	httpio.JSON(c, http.StatusOK, newSiteResponse(site))
	return nil
}

type Sites struct {
	Sites   *moderation.Sites
	Figures *stats.Stats
	Origins *cors.Origins
}
