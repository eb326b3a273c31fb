package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
)

// Counts returns the number of comments by status, and the time of the oldest pending one.
func (h *Queue) Counts(c *gin.Context) error {
	counts, err := h.Queue.Counts(c.Request.Context(), session.ViewerOf(c), c.Query("site"))
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Pending  int       `json:"pending"`
		Approved int       `json:"approved"`
		Rejected int       `json:"rejected"`
		Spam     int       `json:"spam"`
		Deleted  int       `json:"deleted"`
		Reported int       `json:"reported"`
		Appealed int       `json:"appealed"`
		Oldest   time.Time `json:"oldest_pending_at,omitzero"`
	}{counts.Pending, counts.Approved, counts.Rejected, counts.Spam, counts.Deleted, counts.Reported, counts.Appealed,
		counts.OldestPendingAt.UTC()})
	return nil
}
