package api

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
)

// DefaultHealthDays is how far back rule health looks unless it is told.
const DefaultHealthDays = 30

// ruleHealth says how a site's rules did in the last days.
func (h *Rules) ShowHealth(c *gin.Context) error {
	days := DefaultHealthDays
	if raw := c.Query("days"); raw != "" {
		var ok bool
		if days, ok = httpio.WholeNumber(raw); !ok {
			return httpio.InvalidField("/days", "out_of_range", fmt.Sprintf("This is a number from 1 to %d.", rulebook.MaxHealthDays))
		}
	}
	report, err := h.RuleHealth.Report(c.Request.Context(), session.ViewerOf(c), c.Param("site"), days)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, report)
	return nil
}

// DiffRulesets says what differs between two versions.
func (h *Rules) DiffRulesets(c *gin.Context) error {
	after, err := rulesetRef(c)
	if err != nil {
		return err
	}
	raw := c.Query("against")
	if raw == "" {
		return httpio.InvalidField("/against", "required", "Say against which version: a number from 1 on.")
	}
	version, ok := httpio.WholeNumber(raw)
	if !ok || version < 1 {
		return httpio.InvalidField("/against", "out_of_range", "A version is a number from 1 on.")
	}
	before := rulebook.Ref{SiteSlug: after.SiteSlug, Version: version}
	changes, err := h.Rulebook.Diff(c.Request.Context(), session.ViewerOf(c), before, after)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, changes)
	return nil
}

// rerun judges again what waits in the queue, or says what that would do.
func (h *Rules) RerunRuleset(c *gin.Context) error {
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
		return httpio.InvalidField("/preview", "required", "Say true to see what would happen, false to do it.")
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
