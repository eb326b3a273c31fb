package api

import (
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// Queue serves the queue, decisions and claims.
type Queue struct {
	Queue     *queue.Queue
	Decisions *queue.DecisionLog
	Log       *slog.Logger
}

// List returns a page of the comments with one status, on the moderator's sites.
func (h *Queue) List(c *gin.Context) error {
	query, err := queueQuery(c)
	if err != nil {
		return err
	}
	page, err := h.Queue.List(c.Request.Context(), session.ViewerOf(c), query)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items      []queueItemResponse `json:"items"`
		Total      int                 `json:"total"`
		TotalMore  bool                `json:"total_more,omitempty"`
		NextCursor string              `json:"next_cursor,omitempty"`
	}{httpio.Items(page.Items, newQueueItemResponse), page.Total, page.TotalMore, page.NextCursor})
	return nil
}

// Show returns one comment with everything that helps to decide on it.
func (h *Queue) Show(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	open, err := h.Queue.Case(c.Request.Context(), session.ViewerOf(c), id)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, newCaseResponse(open))
	return nil
}

// Decide applies a decision to a comment, if it still has the version that the moderator saw.
func (h *Queue) Decide(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	var req struct {
		Action  moderation.Action `json:"action"`
		Reason  string            `json:"reason"`
		Reply   string            `json:"reply"`
		Code    string            `json:"reason_code"`
		Note    string            `json:"note"`
		Version *int              `json:"version"`
		Force   bool              `json:"force"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	version, err := httpio.OptionalPositive("/version", req.Version)
	if err != nil {
		return err
	}
	decided, err := h.Queue.Decide(c.Request.Context(), session.ViewerOf(c), queue.DecisionRequest{
		CommentID: id, Action: req.Action, Version: version, Reason: req.Reason, Reply: req.Reply,
		Note: req.Note, Code: req.Code, Force: req.Force,
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, NewDecidedResponse(decided))
	return nil
}

// Reply publishes the moderator's reply to a comment.
func (h *Queue) Reply(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	var req struct {
		Body string `json:"body"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	comment, err := h.Queue.Reply(c.Request.Context(), session.ViewerOf(c), queue.StaffReply{ParentID: id, Body: req.Body})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusCreated, struct {
		Comment moderatedCommentResponse `json:"comment"`
	}{newModeratedCommentResponse(comment)})
	return nil
}

// Highlight pins or features a comment, or takes that back.
func (h *Queue) Highlight(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	var req struct {
		Pinned   *bool `json:"pinned"`
		Featured *bool `json:"featured"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	after, err := h.Queue.Highlight(c.Request.Context(), session.ViewerOf(c), id, queue.Highlight(req))
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Pinned   bool `json:"pinned"`
		Featured bool `json:"featured"`
	}(after))
	return nil
}

// RevealEmail returns a commenter's email to a moderator who gives a reason. It is the only way to see one,
// and is recorded in the audit log.
func (h *Queue) RevealEmail(c *gin.Context) error {
	id, err := httpio.PathID(c)
	if err != nil {
		return err
	}
	var req struct {
		Reason string `json:"reason"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	email, err := h.Queue.RevealEmail(c.Request.Context(), session.ViewerOf(c), id, req.Reason)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, struct {
		Email string `json:"email"`
	}{email})
	return nil
}
