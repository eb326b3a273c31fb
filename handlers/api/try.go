package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// draftRequest names the ruleset for a trial or backtest: a source, a saved version, or by default the active
// one.
type draftRequest struct {
	Source  *string `json:"source"`
	Version *int    `json:"version"`
}

func (d draftRequest) ref() (rulebook.DraftRef, error) {
	var ref rulebook.DraftRef
	if d.Source != nil {
		if *d.Source == "" {
			return ref, httpio.InvalidField("/source", "required", "Must not be empty.")
		}
		ref.Source = *d.Source
	}
	var err error
	ref.Version, err = httpio.OptionalPositive("/version", d.Version)
	return ref, err
}

// Try returns a ruleset's verdict on a pasted comment. Nothing is saved.
func (h *Rules) Try(c *gin.Context) error {
	var req struct {
		draftRequest
		As          string         `json:"as"`
		Body        string         `json:"body"`
		AuthorName  string         `json:"author_name"`
		AuthorEmail string         `json:"author_email"`
		AuthorURL   string         `json:"author_url"`
		Address     string         `json:"address"`
		Facts       map[string]any `json:"facts"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxRulesetBody); err != nil {
		return err
	}
	draft, err := req.ref()
	if err != nil {
		return err
	}
	result, err := h.Trials.Try(c.Request.Context(), session.ViewerOf(c), c.Param("site"), rulebook.Trial{
		Ruleset: draft, As: req.As, Body: req.Body,
		AuthorName: req.AuthorName, AuthorEmail: req.AuthorEmail, AuthorURL: req.AuthorURL,
		Address: req.Address, Facts: req.Facts,
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Version     int                  `json:"version,omitempty"`
		Body        string               `json:"body"`
		Verdict     rules.Verdict        `json:"verdict"`
		Trace       []rulebook.TraceStep `json:"trace"`
		Explanation string               `json:"explanation"`
	}{result.Version, result.Body, result.Verdict, result.Trace, result.Verdict.Explain()})
	return nil
}
