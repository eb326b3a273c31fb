package api

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// Rules serves rulesets: versions, trials, backtests and rule health.
type Rules struct {
	Rulebook   *rulebook.Rulebook
	Trials     *rulebook.Trials
	Backtests  *rulebook.Backtests
	Rerun      *rulebook.Rerun
	RuleHealth *rulebook.Health
	Log        *slog.Logger
	Now        func() time.Time
}

// rulesetResponse is one version of a site's ruleset. Lists leave out the source.
type rulesetResponse struct {
	ID        string    `json:"id"`
	Version   int       `json:"version"`
	Active    bool      `json:"active"`
	Checksum  string    `json:"checksum"`
	Note      string    `json:"note"`
	CreatedBy string    `json:"created_by,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	Source    string    `json:"source,omitempty"`
	Base      string    `json:"base,omitempty"`
}

func newRulesetResponse(r moderation.Ruleset) rulesetResponse {
	return rulesetResponse{
		ID: r.ID, Version: r.Version, Active: r.Active, Checksum: r.Checksum, Note: r.Note, CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt.UTC(), Source: r.Source, Base: r.Base,
	}
}

// List lists the versions of a site's ruleset, newest first.
func (h *Rules) List(c *gin.Context) error {
	list, err := h.Rulebook.List(c.Request.Context(), session.ViewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	httpio.List(c, list, newRulesetResponse)
	return nil
}

// Show returns one version with its source.
func (h *Rules) Show(c *gin.Context) error {
	ref, err := rulesetRef(c)
	if err != nil {
		return err
	}
	r, err := h.Rulebook.Version(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, newRulesetResponse(r))
	return nil
}

// Save saves a ruleset as the site's next version, which is not active yet.
func (h *Rules) Save(c *gin.Context) error {
	var req struct {
		Source string `json:"source"`
		Note   string `json:"note"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxRulesetBody); err != nil {
		return err
	}
	draft := rulebook.Draft{Source: req.Source, Note: req.Note}
	saved, err := h.Rulebook.Save(c.Request.Context(), session.ViewerOf(c), c.Param("site"), draft)
	if err != nil {
		return err
	}
	c.Header("Location", "/api/v1/sites/"+c.Param("site")+"/rulesets/"+strconv.Itoa(saved.Version))
	httpio.JSON(c, http.StatusCreated, newRulesetResponse(saved))
	return nil
}

// Check returns the errors of a ruleset, as Save does, and its warnings. Nothing is saved.
func (h *Rules) Check(c *gin.Context) error {
	var req struct {
		Source string `json:"source"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxRulesetBody); err != nil {
		return err
	}
	compiled, err := h.Rulebook.Check(c.Request.Context(), session.ViewerOf(c), c.Param("site"), []byte(req.Source))
	if err != nil {
		return err
	}
	warnings, err := h.Rulebook.Warnings(c.Request.Context(), session.ViewerOf(c), c.Param("site"), compiled)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Warnings []httpio.FieldFault `json:"warnings"`
	}{httpio.RulesetFaults(warnings, "warning")})
	return nil
}

// Activate makes a saved version the active one.
func (h *Rules) Activate(c *gin.Context) error {
	ref, err := rulesetRef(c)
	if err != nil {
		return err
	}
	active, err := h.Rulebook.Activate(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	missing, err := h.Rulebook.Missing(c.Request.Context(), session.ViewerOf(c), ref)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		rulesetResponse
		Warnings []httpio.FieldFault `json:"warnings"`
	}{newRulesetResponse(active), httpio.RulesetFaults(missing, "warning")})
	return nil
}

func rulesetRef(c *gin.Context) (rulebook.Ref, error) {
	version, ok := httpio.WholeNumber(c.Param("version"))
	if !ok || version < 1 {
		return rulebook.Ref{}, moderation.ErrNotFound
	}
	return rulebook.Ref{SiteSlug: c.Param("site"), Version: version}, nil
}
