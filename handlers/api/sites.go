package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/cors"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/schedule"
	"rejoinder/moderation/stats"
)

// Sites serves sites with their articles, aliases and transparency reports.
type Sites struct {
	Sites   *moderation.Sites
	Stats   *stats.Stats
	Origins *cors.Origins

	Moderation *rulebook.SiteModeration
}

// siteResponse is a site as moderators see it.
type siteResponse struct {
	ID              string                  `json:"id"`
	Slug            string                  `json:"slug"`
	Name            string                  `json:"name"`
	Locale          string                  `json:"locale"`
	Origins         []string                `json:"origins"`
	Settings        moderation.SiteSettings `json:"settings"`
	ActiveRulesetID string                  `json:"active_ruleset_id"`
	Reasons         []ReasonResponse        `json:"reasons"`
	CreatedAt       time.Time               `json:"created_at"`
}

func newSiteResponse(site moderation.Site) siteResponse {
	origins := site.Origins
	if origins == nil {
		origins = []string{}
	}
	settings := site.Settings
	settings.Demo = moderation.NoDemo // cannot be set by clients
	return siteResponse{
		ID: site.ID, Slug: site.Slug, Name: site.Name, Locale: site.Locale, Origins: origins, Settings: settings,
		ActiveRulesetID: site.ActiveRulesetID, Reasons: NewReasonResponses(site), CreatedAt: site.CreatedAt.UTC(),
	}
}

// settingsRequest changes the settings that it contains.
type settingsRequest struct {
	CloseAfterDays    *int `json:"close_after_days"`
	EditWindowMinutes *int `json:"edit_window_minutes"`
	MaxDepth          *int `json:"max_depth"`
	DisplayDepth      *int `json:"display_depth"`
	HoldAfterReports  *int `json:"hold_after_reports"`

	Closed     *bool   `json:"closed"`
	TimeZone   *string `json:"time_zone"`
	Guidelines *string `json:"guidelines"`
	Website    *bool   `json:"website"`

	Schedule *schedule.Schedule `json:"schedule"`

	Votes   *moderation.VoteSetting `json:"votes"`
	Reports *bool                   `json:"reports"`
	Reasons *[]moderation.Reason    `json:"reasons"`

	Replies       *[]moderation.CannedReply `json:"replies"`
	GuidelinesURL *string                   `json:"guidelines_url"`

	MailOff     *bool   `json:"mail_off"`
	MailSender  *string `json:"mail_sender"`
	MailReplyTo *string `json:"mail_reply_to"`

	Retention *moderation.RetentionSettings `json:"retention"`

	Identity         *moderation.IdentityMode `json:"identity"`
	IdentityIssuer   *string                  `json:"identity_issuer"`
	IdentityAudience *string                  `json:"identity_audience"`
	AvatarOrigins    *[]string                `json:"avatar_origins"`
	SignInURL        *string                  `json:"sign_in_url"`
}

// apply returns the settings with the changes; nil if there are none.
func (r *settingsRequest) apply(settings moderation.SiteSettings) *moderation.SiteSettings {
	if r == nil {
		return nil
	}
	set(&settings.CloseAfterDays, r.CloseAfterDays)
	set(&settings.EditWindowMinutes, r.EditWindowMinutes)
	set(&settings.MaxDepth, r.MaxDepth)
	set(&settings.DisplayDepth, r.DisplayDepth)
	set(&settings.HoldAfterReports, r.HoldAfterReports)
	set(&settings.Closed, r.Closed)
	set(&settings.TimeZone, r.TimeZone)
	set(&settings.Schedule, r.Schedule)
	set(&settings.Guidelines, r.Guidelines)
	set(&settings.Website, r.Website)
	set(&settings.Votes, r.Votes)
	set(&settings.Reports, r.Reports)
	set(&settings.Reasons, r.Reasons)
	set(&settings.Replies, r.Replies)
	set(&settings.GuidelinesURL, r.GuidelinesURL)
	set(&settings.MailOff, r.MailOff)
	set(&settings.MailSender, r.MailSender)
	set(&settings.MailReplyTo, r.MailReplyTo)
	set(&settings.Retention, r.Retention)
	set(&settings.Identity, r.Identity)
	set(&settings.IdentityIssuer, r.IdentityIssuer)
	set(&settings.IdentityAudience, r.IdentityAudience)
	set(&settings.AvatarOrigins, r.AvatarOrigins)
	set(&settings.SignInURL, r.SignInURL)
	return &settings
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// List lists the moderator's sites.
func (h *Sites) List(c *gin.Context) error {
	sites, err := h.Sites.List(c.Request.Context(), session.ViewerOf(c))
	if err != nil {
		return err
	}
	httpio.List(c, sites, newSiteResponse)
	return nil
}

// Add adds a site with the default ruleset.
func (h *Sites) Add(c *gin.Context) error {
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
		Settings: req.Settings.apply(moderation.DefaultSiteSettings()),
	})
	if err != nil {
		return err
	}
	h.Origins.Forget()
	httpio.JSON(c, http.StatusCreated, newSiteResponse(site))
	return nil
}

// Change changes the fields of a site that the request contains.
func (h *Sites) Change(c *gin.Context) error {
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
		change.Settings = func(s moderation.SiteSettings) moderation.SiteSettings { return *req.Settings.apply(s) }
	}
	site, err := h.Sites.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"), change)
	if err != nil {
		return err
	}
	h.Origins.Forget()
	httpio.JSON(c, http.StatusOK, newSiteResponse(site))
	return nil
}
