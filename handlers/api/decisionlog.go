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

// loggedDecision is one entry of the log over all comments.
type loggedDecision struct {
	decisionResponse
	Site      string `json:"site"`
	CommentID string `json:"comment_id"`
}

// DecisionLog answers with one page of the log, the newest first.
func (h *Queue) DecisionLog(c *gin.Context) error {
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
	items := make([]loggedDecision, 0, len(page.Items))
	for _, d := range page.Items {
		items = append(items, loggedDecision{newDecisionResponse(d.Decision), d.SiteSlug, d.CommentID})
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items      []loggedDecision `json:"items"`
		NextCursor string           `json:"next_cursor,omitempty"`
	}{items, page.NextCursor})
	return nil
}

// decisionFilter reads by what the log is narrowed down.
func decisionFilter(c *gin.Context) (queue.DecisionFilter, error) {
	filter := queue.DecisionFilter{ReasonCode: c.Query("reason_code"), ModeratorID: c.Query("moderator")}
	actor, err := optionParam(c, "actor", "ruleset", "moderator", "commenter", "readers")
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

// optionParam reads a query parameter that may be missing, and is else one of a few words.
func optionParam(c *gin.Context, name string, words ...string) (string, error) {
	if c.Query(name) == "" {
		return "", nil
	}
	return httpio.ChoiceParam(c, name, words...)
}

// timeSpan reads the first moment asked for and the one after the last; zero where nothing is said.
func timeSpan(c *gin.Context) (from, to time.Time, err error) {
	if from, err = TimeParam(c, "from"); err == nil {
		to, err = TimeParam(c, "to")
	}
	return from, to, err
}

// ExportDecisions sends the decisions of a site.
func (h *Queue) ExportDecisions(c *gin.Context) error {
	return h.SendDecisions(c, c.Param("site"))
}

// SendDecisions sends the decisions of a site as they are read, so that an export of any length takes the
// same memory.
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

// finishDownload breaks the connection off when a file could not be sent to its end, so that no client takes
// a part for the whole.
func (h *Queue) finishDownload(c *gin.Context, err error) error {
	if err == nil || !c.Writer.Written() {
		return err
	}
	if c.Request.Context().Err() == nil {
		h.Log.ErrorContext(c.Request.Context(), "download broke off", "request_id", httpio.RequestID(c), "err", err)
	}
	panic(http.ErrAbortHandler)
}

// download is a file that is sent as it is written. Its headers go out with the first bytes, so until then
// there can be a problem instead. A client that does not take a part in time is taken for gone.
type download struct {
	c                         *gin.Context
	name, suffix, contentType string
}

var _ io.Writer = (*download)(nil)

// Write sends a part.
func (d *download) Write(part []byte) (int, error) {
	if !d.c.Writer.Written() {
		httpio.LiftDeadlines(d.c)
		d.c.Header("Content-Type", d.contentType)
		d.c.Header("Content-Disposition", `attachment; filename="`+d.name+d.suffix+`"`)
		d.c.Header("Cache-Control", "private, no-store")
		d.c.Status(http.StatusOK)
	}
	// A writer that has no limits, as in tests, cannot set them. Sockets know the real time only.
	_ = http.NewResponseController(d.c.Writer).SetWriteDeadline(time.Now().Add(eventTime))
	return d.c.Writer.Write(part)
}
