package handlers

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation/rulebook"
)

// defaultHealthDays is how far back rule health looks unless it is told.
const defaultHealthDays = 30

// ruleHealth says how a site's rules did in the last days.
func (s *Server) ruleHealth(c *gin.Context) error {
	days := defaultHealthDays
	if raw := c.Query("days"); raw != "" {
		var ok bool
		if days, ok = wholeNumber(raw); !ok {
			return oneFault("/days", "out_of_range", fmt.Sprintf("This is a number from 1 to %d.", rulebook.MaxHealthDays))
		}
	}
	report, err := s.RuleHealth.Report(c.Request.Context(), viewerOf(c), c.Param("site"), days)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, report)
	return nil
}

// diffRulesets says what differs between two versions.
func (s *Server) diffRulesets(c *gin.Context) error {
	after, err := rulesetRef(c)
	if err != nil {
		return err
	}
	raw := c.Query("against")
	if raw == "" {
		return oneFault("/against", "required", "Say against which version: a number from 1 on.")
	}
	version, ok := wholeNumber(raw)
	if !ok || version < 1 {
		return oneFault("/against", "out_of_range", "A version is a number from 1 on.")
	}
	before := rulebook.Ref{SiteSlug: after.SiteSlug, Version: version}
	changes, err := s.Rulebook.Diff(c.Request.Context(), viewerOf(c), before, after)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, changes)
	return nil
}

// rerun judges again what waits in the queue, or says what that would do.
func (s *Server) rerun(c *gin.Context) error {
	ref, err := rulesetRef(c)
	if err != nil {
		return err
	}
	var req struct {
		Preview *bool `json:"preview"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	if req.Preview == nil {
		return oneFault("/preview", "required", "Say true to see what would happen, false to do it.")
	}
	takeTime(c)
	work := s.Rerun.Run
	if *req.Preview {
		work = s.Rerun.Preview
	}
	result, err := work(c.Request.Context(), viewerOf(c), ref)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, result)
	return nil
}
