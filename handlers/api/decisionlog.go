package api

import (
	"io"
	"net/http"
	"path"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// loggedDecisionResponse is an entry of the decision log.
type loggedDecisionResponse struct {
	decisionResponse
	Site      string `json:"site"`
	CommentID string `json:"comment_id"`
}

// ListDecisions returns a page of the log, the newest decisions first.
func (h *Queue) ListDecisions(c *gin.Context) error {
	limit, err := httpio.LimitParam(c)
	if err != nil {
		return err
	}
	filter, err := decisionFilter(c)
	if err != nil {
		return err
	}
	page, err := h.Decisions.List(c.Request.Context(), session.ViewerOf(c), queue.DecisionQuery{
		DecisionFilter: filter, SiteSlug: c.Query("site"), Limit: limit, Cursor: c.Query("cursor")})
	if err != nil {
		return err
	}
	httpio.Page(c, page.Items, page.NextCursor, func(d queue.LoggedDecision) loggedDecisionResponse {
		return loggedDecisionResponse{newDecisionResponse(d.Decision), d.SiteSlug, d.CommentID}
	})
	return nil
}

// decisionFilter parses the log's filter.
func decisionFilter(c *gin.Context) (queue.DecisionFilter, error) {
	filter := queue.DecisionFilter{ReasonCode: c.Query("reason_code"), ModeratorID: c.Query("moderator")}
	actor, err := optionParam(c, "actor", "ruleset", "moderator", "commenter", "readers", "import")
	if err != nil {
		return filter, err
	}
	action, err := optionParam(c, "action", "approve", "hold", "reject", "spam", "delete")
	if err != nil {
		return filter, err
	}
	filter.Actor, filter.Action = moderation.Actor(actor), moderation.Action(action)
	filter.From, filter.To, err = timeSpan(c)
	return filter, err
}

// ExportDecisions exports the decisions of a site as CSV or JSON.
func (h *Queue) ExportDecisions(c *gin.Context) error {
	return h.SendDecisions(c, c.Param("site"))
}

// SendDecisions streams the decisions of a site as a download.
func (h *Queue) SendDecisions(c *gin.Context, site string) error {
	from, to, err := timeSpan(c)
	if err != nil {
		return err
	}
	query := queue.ExportQuery{SiteSlug: site, From: from, To: to}
	file := &download{c: c, name: "decisions-" + site, contentType: "text/csv; charset=utf-8", suffix: ".csv"}
	write := h.Decisions.WriteCSV
	if path.Ext(c.FullPath()) == ".json" {
		file.contentType, file.suffix, write = httpio.JSONType, ".json", h.Decisions.WriteJSON
	}
	return h.finishDownload(c, write(c.Request.Context(), session.ViewerOf(c), query, file))
}

// finishDownload aborts the connection if a file could not be sent completely, so that no client mistakes a
// part for the whole.
func (h *Queue) finishDownload(c *gin.Context, err error) error {
	if err == nil || !c.Writer.Written() {
		return err
	}
	if c.Request.Context().Err() == nil {
		h.Log.ErrorContext(c.Request.Context(), "download interrupted", "request_id", httpio.RequestID(c), "err", err)
	}
	panic(http.ErrAbortHandler)
}

// download sends a file as it is written. The headers are sent with the first bytes, so that until then the
// response can be a problem instead.
type download struct {
	c                         *gin.Context
	name, suffix, contentType string
}

var _ io.Writer = (*download)(nil)

// Write implements io.Writer. It fails if the client does not take the part in time.
func (d *download) Write(part []byte) (int, error) {
	if !d.c.Writer.Written() {
		httpio.LiftDeadlines(d.c)
		d.c.Header("Content-Type", d.contentType)
		d.c.Header("Content-Disposition", `attachment; filename="`+d.name+d.suffix+`"`)
		d.c.Header("Cache-Control", "private, no-store")
		d.c.Status(http.StatusOK)
	}
	// Writers in tests have no deadlines, hence no error. Deadlines of sockets use the real clock.
	_ = http.NewResponseController(d.c.Writer).SetWriteDeadline(time.Now().Add(eventWriteTimeout))
	return d.c.Writer.Write(part)
}
