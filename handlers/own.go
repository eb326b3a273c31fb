package handlers

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// ownComment shows a comment to the holder of its receipt.
func (s *Server) ownComment(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
	if err != nil {
		return err
	}
	own, err := s.Own.Show(c.Request.Context(), id, receipt)
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, commentAnswer{newOwnAnswer(c, own)})
	return nil
}

// editComment replaces a comment's text for the holder of its receipt.
func (s *Server) editComment(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
	if err != nil {
		return err
	}
	var req struct {
		Body    string `json:"body"`
		Version *int   `json:"version"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	version, err := numberFromOne("/version", req.Version)
	if err != nil {
		return err
	}
	own, err := s.Editor.Edit(c.Request.Context(), moderation.Edit{
		CommentID: id, Receipt: receipt, Body: req.Body, Version: version, Kind: moderation.FormJSON,
		Address: clientAddress(c),
	})
	if err != nil {
		return err
	}
	answer(c, http.StatusOK, commentAnswer{newOwnAnswer(c, own)})
	return nil
}

// withdrawComment deletes a comment for the holder of its receipt.
func (s *Server) withdrawComment(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
	if err != nil {
		return err
	}
	if err := s.Own.Withdraw(c.Request.Context(), id, receipt); err != nil {
		return err
	}
	noContent(c)
	return nil
}

type commentAnswer struct {
	Comment ownAnswer `json:"comment"`
}

// ownRequest reads which comment is meant, and the receipt that was sent for it.
func ownRequest(c *gin.Context) (id, receipt string, err error) {
	if id, err = commentID(c); err != nil {
		return "", "", err
	}
	receipt, ok := bearer(c)
	if !ok {
		return "", "", moderation.ErrReceipt
	}
	return id, receipt, nil
}

// bearer returns the token of the Authorization header (RFC 6750, section 2.1), and false when there is none.
func bearer(c *gin.Context) (string, bool) {
	scheme, token, found := strings.Cut(c.GetHeader("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, found && token != "" && strings.EqualFold(scheme, "Bearer")
}
