package api

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
)

// DefaultHealthDays is the default period of rule health.
const DefaultHealthDays = 30

// Health returns how often a site's rules fired, and how often they were upheld.
func (h *Rules) Health(c *gin.Context) error {
	days := DefaultHealthDays
	if raw := c.Query("days"); raw != "" {
		var ok bool
		if days, ok = httpio.WholeNumber(raw); !ok {
			return httpio.InvalidField("/days", "out_of_range", fmt.Sprintf("Must be a number from 1 to %d.", rulebook.MaxHealthDays))
		}
	}
	report, err := h.RuleHealth.Report(c.Request.Context(), session.ViewerOf(c), c.Param("site"), days)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, report)
	return nil
}

// Diff returns the differences between two versions.
func (h *Rules) Diff(c *gin.Context) error {
	after, err := rulesetRef(c)
	if err != nil {
		return err
	}
	raw := c.Query("against")
	if raw == "" {
		return httpio.InvalidField("/against", "required", "Name the version to compare with.")
	}
	version, ok := httpio.WholeNumber(raw)
	if !ok || version < 1 {
		return httpio.InvalidField("/against", "out_of_range", "Must be a whole number from 1 on.")
	}
	before := rulebook.Ref{SiteSlug: after.SiteSlug, Version: version}
	changes, err := h.Rulebook.Diff(c.Request.Context(), session.ViewerOf(c), before, after)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, changes)
	return nil
}

// RerunQueue judges the queue again, or previews it.
func (h *Rules) RerunQueue(c *gin.Context) error {
	ref, err := rulesetRef(c)
	if err != nil {
		return err
	}
	var req struct {
		Preview *bool `json:"preview"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	if req.Preview == nil {
		return httpio.InvalidField("/preview", "required", "Must be true (preview) or false (apply).")
	}
	httpio.LiftDeadlines(c)
	work := h.Rerun.Run
	if *req.Preview {
		work = h.Rerun.Preview
	}
	result, err := work(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, result)
	return nil
}
