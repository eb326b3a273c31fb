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

// queue lists comments of one status on the sites that the moderator works on.
func (h *Queue) List(c *gin.Context) error {
	query, err := queueQuery(c)
	if err != nil {
		return err
	}
	page, err := h.Queue.List(c.Request.Context(), session.ViewerOf(c), query)
	if err != nil {
		return err
	}
	items := make([]queueItem, 0, len(page.Items))
	for _, item := range page.Items {
		items = append(items, newQueueItem(item))
	}
	httpio.JSON(c, http.StatusOK, struct {
		Items      []queueItem `json:"items"`
		Total      int         `json:"total"`
		TotalMore  bool        `json:"total_more,omitempty"`
		NextCursor string      `json:"next_cursor,omitempty"`
	}{items, page.Total, page.TotalMore, page.NextCursor})
	return nil
}

// moderationCase shows one comment with everything that bears on it.
func (h *Queue) Show(c *gin.Context) error {
	id, err := httpio.CommentID(c)
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

// Decide carries out what a moderator decided on the version that they saw.
func (h *Queue) Decide(c *gin.Context) error {
	id, err := httpio.CommentID(c)
	if err != nil {
		return err
	}
	var req struct {
		Action  moderation.Action `json:"action"`
		Reason  string            `json:"reason"`
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
		CommentID: id, Action: req.Action, Version: version, Reason: req.Reason, Note: req.Note,
		Code: req.Code, Force: req.Force,
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, NewDecidedResponse(decided))
	return nil
}

// ReplyAsStaff publishes the moderator's answer to a comment.
func (h *Queue) ReplyAsStaff(c *gin.Context) error {
	id, err := httpio.CommentID(c)
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
		Comment moderatedComment `json:"comment"`
	}{newModeratedComment(comment)})
	return nil
}

// RevealEmail shows a commenter's email to a moderator who says why. It is the only way to see one, and
// leaves an audit entry.
func (h *Queue) RevealEmail(c *gin.Context) error {
	id, err := httpio.CommentID(c)
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

type Queue struct {
	Queue     *queue.Queue
	Decisions *queue.DecisionLog
	Log       *slog.Logger
}
