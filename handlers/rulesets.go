package handlers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

// rulesetAnswer is one version of a site's rules. Lists leave the source out.
type rulesetAnswer struct {
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

func newRulesetAnswer(r moderation.Ruleset) rulesetAnswer {
	return rulesetAnswer{
		ID: r.ID, Version: r.Version, Active: r.Active, Checksum: r.Checksum, Note: r.Note, CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt.UTC(), Source: r.Source, Base: r.Base,
	}
}

// listRulesets lists the versions of a site's ruleset, newest first.
func (s *Server) listRulesets(c *gin.Context) error {
	list, err := s.Rulebook.List(c.Request.Context(), viewerOf(c), c.Param("site"))
	if err != nil {
		return err
	}
	items := make([]rulesetAnswer, 0, len(list))
	for _, r := range list {
		items = append(items, newRulesetAnswer(r))
	}
	answer(c, http.StatusOK, struct {
		Items []rulesetAnswer `json:"items"`
	}{items})
	return nil
}

// ruleset shows one version with its source.
func (s *Server) ruleset(c *gin.Context) error {
	ref, err := rulesetRef(c)
	if err != nil {
		return err
	}
	r, err := s.Rulebook.Version(c.Request.Context(), viewerOf(c), ref)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, newRulesetAnswer(r))
	return nil
}

// saveRuleset stores a ruleset as the site's next version. It judges nothing before it is activated.
func (s *Server) saveRuleset(c *gin.Context) error {
	var req struct {
		Source string `json:"source"`
		Note   string `json:"note"`
	}
	if err := bindJSON(c, &req, maxRulesetBody); err != nil {
		return err
	}
	draft := rulebook.Draft{Source: req.Source, Note: req.Note}
	saved, err := s.Rulebook.Save(c.Request.Context(), viewerOf(c), c.Param("site"), draft)
	if err != nil {
		return err
	}
	c.Header("Location", "/api/v1/sites/"+c.Param("site")+"/rulesets/"+strconv.Itoa(saved.Version))
	answer(c, http.StatusCreated, newRulesetAnswer(saved))
	return nil
}

// checkRuleset says what is wrong with a ruleset, as saving it would, and what may be unintended. Nothing is
// saved.
func (s *Server) checkRuleset(c *gin.Context) error {
	var req struct {
		Source string `json:"source"`
	}
	if err := bindJSON(c, &req, maxRulesetBody); err != nil {
		return err
	}
	compiled, err := s.Rulebook.Check(c.Request.Context(), viewerOf(c), c.Param("site"), []byte(req.Source))
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Warnings []FieldFault `json:"warnings"`
	}{rulesetFaults(compiled.Warnings(), "warning")})
	return nil
}

// activateRuleset makes a saved version the one that judges.
func (s *Server) activateRuleset(c *gin.Context) error {
	ref, err := rulesetRef(c)
	if err != nil {
		return err
	}
	active, err := s.Rulebook.Activate(c.Request.Context(), viewerOf(c), ref)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, newRulesetAnswer(active))
	return nil
}

func rulesetRef(c *gin.Context) (rulebook.Ref, error) {
	version, ok := wholeNumber(c.Param("version"))
	if !ok || version < 1 {
		return rulebook.Ref{}, moderation.ErrNotFound
	}
	return rulebook.Ref{SiteSlug: c.Param("site"), Version: version}, nil
}
