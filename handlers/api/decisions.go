package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation/queue"
)

// DecidedResponse is a comment after a decision.
type DecidedResponse struct {
	Comment    moderatedCommentResponse `json:"comment"`
	DecisionID string                   `json:"decision_id"`
}

// NewDecidedResponse returns the response to a decision or an undo.
func NewDecidedResponse(d queue.DecisionResult) DecidedResponse {
	return DecidedResponse{newModeratedCommentResponse(d.Comment), d.DecisionID}
}

// Undo reverts a recent decision of the moderator.
func (h *Queue) Undo(c *gin.Context) error {
	undone, err := h.Queue.Undo(c.Request.Context(), session.ViewerOf(c), c.Param("id"))
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, NewDecidedResponse(undone))
	return nil
}
