package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// queueCounts says how many comments there are, and since when the oldest one waits.
func (s *Server) queueCounts(c *gin.Context) error {
	counts, err := s.Queue.Counts(c.Request.Context(), viewerOf(c), c.Query("site"))
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
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
