package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// decidedAnswer is a comment as a decision left it.
type decidedAnswer struct {
	Comment    moderatedComment `json:"comment"`
	DecisionID string           `json:"decision_id"`
}

func newDecidedAnswer(d moderation.Decided) decidedAnswer {
	return decidedAnswer{newModeratedComment(d.Comment), d.DecisionID}
}

// undoDecision takes back what the moderator decided a moment ago.
func (s *Server) undoDecision(c *gin.Context) error {
	undone, err := s.Queue.Undo(c.Request.Context(), viewerOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, newDecidedAnswer(undone))
	return nil
}
