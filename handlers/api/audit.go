package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Audit serves the audit log: actions other than decisions.
type Audit struct {
	Log *moderation.AuditLog
}

type auditResponse struct {
	ID            string    `json:"id"`
	ModeratorID   *string   `json:"moderator_id"`
	ModeratorName string    `json:"moderator_name"`
	Action        string    `json:"action"`
	Site          *string   `json:"site"`
	SubjectID     string    `json:"subject_id"`
	Reason        string    `json:"reason"`
	CreatedAt     time.Time `json:"created_at"`
}

func newAuditResponse(row moderation.AuditRow) auditResponse {
	return auditResponse{
		ID: row.ID, ModeratorID: httpio.OrNull(row.ModeratorID), ModeratorName: row.ModeratorName, Action: row.Action,
		Site: httpio.OrNull(row.SiteSlug), SubjectID: row.SubjectID, Reason: row.Reason, CreatedAt: row.CreatedAt.UTC(),
	}
}

// List returns a page of the log, the newest entries first.
func (h *Audit) List(c *gin.Context) error {
	limit, err := httpio.LimitParam(c)
	if err != nil {
		return err
	}
	since, err := TimeParam(c, "since")
	if err != nil {
		return err
	}
	until, err := TimeParam(c, "until")
	if err != nil {
		return err
	}
	page, err := h.Log.List(c.Request.Context(), session.ViewerOf(c), moderation.AuditQuery{
		ModeratorID: c.Query("moderator"),
		Action:      c.Query("action"),
		SiteSlug:    c.Query("site"),
		Since:       since,
		Until:       until,
		Limit:       limit,
		Cursor:      c.Query("cursor"),
	})
	if err != nil {
		return err
	}
	httpio.Page(c, page.Items, page.NextCursor, newAuditResponse)
	return nil
}
