package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// Show returns a comment to the holder of its receipt.
func (h *Comments) Show(c *gin.Context) error {
	id, receipt, err := authorCredentials(c)
	if err != nil {
		return err
	}
	own, err := h.Author.Show(c.Request.Context(), id, receipt)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, commentResponse{newAuthorCommentResponse(c, own)})
	return nil
}

// Edit replaces a comment's text for the holder of its receipt.
func (h *Comments) Edit(c *gin.Context) error {
	id, receipt, err := authorCredentials(c)
	if err != nil {
		return err
	}
	var req struct {
		Body    string `json:"body"`
		Version *int   `json:"version"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	version, err := httpio.OptionalPositive("/version", req.Version)
	if err != nil {
		return err
	}
	own, err := h.Editor.Edit(c.Request.Context(), moderation.Edit{
		CommentID: id,
		Receipt:   receipt,
		Body:      req.Body,
		Version:   version,
		Kind:      moderation.FormJSON,
		Address:   httpio.ClientAddress(c),
	})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, commentResponse{newAuthorCommentResponse(c, own)})
	return nil
}

// Withdraw deletes a comment for the holder of its receipt.
func (h *Comments) Withdraw(c *gin.Context) error {
	id, receipt, err := authorCredentials(c)
	if err != nil {
		return err
	}
	if err := h.Author.Withdraw(c.Request.Context(), id, receipt); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

type commentResponse struct {
	Comment authorCommentResponse `json:"comment"`
}

// authorCredentials returns the comment's id of the path, and its receipt from the Authorization header.
func authorCredentials(c *gin.Context) (id, receipt string, err error) {
	if id, err = httpio.PathID(c); err != nil {
		return "", "", err
	}
	receipt, ok := session.BearerToken(c)
	if !ok {
		return "", "", moderation.ErrReceipt
	}
	return id, receipt, nil
}
