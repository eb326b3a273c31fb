package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// moderationResponse holds the settings that decide when comments appear on a site.
type moderationResponse struct {
	Mode           rules.ModerationMode `json:"mode"`
	HeldWords      []string             `json:"held_words"`
	RejectedWords  []string             `json:"rejected_words"`
	MaxLinks       int                  `json:"max_links"`
	MaxLength      int                  `json:"max_length"`
	Languages      []string             `json:"languages"`
	Locked         []rules.Setting      `json:"locked"`
	RulesetVersion int                  `json:"ruleset_version"`
}

func newModerationResponse(m rulebook.Moderation) moderationResponse {
	return moderationResponse{
		Mode: m.SiteMode(), MaxLinks: m.MaxLinks, MaxLength: m.MaxLength, RulesetVersion: m.Version,
		Languages: notNil(m.Languages), HeldWords: notNil(m.HeldWords), RejectedWords: notNil(m.RejectedWords),
		Locked: notNil(m.Locked),
	}
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// ShowModeration shows the settings that are kept as rules.
func (h *Sites) ShowModeration(c *gin.Context) error {
	m, err := h.Moderation.Show(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, newModerationResponse(m))
	return nil
}

// ChangeModeration changes the settings that the request contains.
func (h *Sites) ChangeModeration(c *gin.Context) error {
	var req struct {
		Mode          *rules.ModerationMode `json:"mode"`
		HeldWords     *[]string             `json:"held_words"`
		RejectedWords *[]string             `json:"rejected_words"`
		MaxLinks      *int                  `json:"max_links"`
		MaxLength     *int                  `json:"max_length"`
		Languages     *[]string             `json:"languages"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	m, err := h.Moderation.Change(c.Request.Context(), session.ViewerOf(c), c.Param("site"), rulebook.ModerationChange(req))
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, newModerationResponse(m))
	return nil
}
