package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// queue lists comments of one status on the sites that the moderator works on.
func (s *Server) queue(c *gin.Context) error {
	query, err := queueQuery(c)
	if err != nil {
		return err
	}
	page, err := s.Queue.List(c.Request.Context(), viewerOf(c), query)
	if err != nil {
		return err
	}
	items := make([]queueItem, 0, len(page.Items))
	for _, item := range page.Items {
		items = append(items, newQueueItem(item))
	}
	answer(c, http.StatusOK, struct {
		Items      []queueItem `json:"items"`
		Total      int         `json:"total"`
		TotalMore  bool        `json:"total_more,omitempty"`
		NextCursor string      `json:"next_cursor,omitempty"`
	}{items, page.Total, page.TotalMore, page.NextCursor})
	return nil
}

// moderationCase shows one comment with everything that bears on it.
func (s *Server) moderationCase(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	open, err := s.Queue.Case(c.Request.Context(), viewerOf(c), id)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, newCaseAnswer(open))
	return nil
}

// decide carries out what a moderator decided on the version that they saw.
func (s *Server) decide(c *gin.Context) error {
	id, err := commentID(c)
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
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	version, err := numberFromOne("/version", req.Version)
	if err != nil {
		return err
	}
	decided, err := s.Queue.Decide(c.Request.Context(), viewerOf(c), moderation.Ruling{
		CommentID: id, Action: req.Action, Version: version, Reason: req.Reason, Note: req.Note,
		Code: req.Code, Force: req.Force,
	})
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, newDecidedAnswer(decided))
	return nil
}

// replyAsStaff publishes the moderator's answer to a comment.
func (s *Server) replyAsStaff(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	var req struct {
		Body string `json:"body"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	comment, err := s.Queue.Reply(c.Request.Context(), viewerOf(c), moderation.StaffReply{ParentID: id, Body: req.Body})
	if err != nil {
		return err
	}
	answer(c, http.StatusCreated, struct {
		Comment moderatedComment `json:"comment"`
	}{newModeratedComment(comment)})
	return nil
}

// revealEmail shows a commenter's email to a moderator who says why. It is the only way to see one, and
// leaves an audit entry.
func (s *Server) revealEmail(c *gin.Context) error {
	id, err := commentID(c)
	if err != nil {
		return err
	}
	var req struct {
		Reason string `json:"reason"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	email, err := s.Queue.RevealEmail(c.Request.Context(), viewerOf(c), id, req.Reason)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, struct {
		Email string `json:"email"`
	}{email})
	return nil
}
