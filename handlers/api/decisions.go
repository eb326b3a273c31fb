package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/queue"
)

// decidedResponse is a comment as a decision left it.
type decidedResponse struct {
	Comment    moderatedComment `json:"comment"`
	DecisionID string           `json:"decision_id"`
}

func NewDecidedResponse(d queue.DecisionResult) decidedResponse {
	return decidedResponse{newModeratedComment(d.Comment), d.DecisionID}
}

// UndoDecision takes back what the moderator decided a moment ago.
func (h *Queue) UndoDecision(c *gin.Context) error {
	undone, err := h.Queue.Undo(c.Request.Context(), session.ViewerOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, NewDecidedResponse(undone))
	return nil
}
