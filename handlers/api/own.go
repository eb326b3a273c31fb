package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// OwnComment shows a comment to the holder of its receipt.
func (h *Comments) OwnComment(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
	if err != nil {
		return err
	}
	own, err := h.Own.Show(c.Request.Context(), id, receipt)
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusOK, commentResponse{newOwnResponse(c, own)})
	return nil
}

// EditComment replaces a comment's text for the holder of its receipt.
func (h *Comments) EditComment(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
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
	httpio.JSON(c, http.StatusOK, commentResponse{newOwnResponse(c, own)})
	return nil
}

// WithdrawComment deletes a comment for the holder of its receipt.
func (h *Comments) WithdrawComment(c *gin.Context) error {
	id, receipt, err := ownRequest(c)
	if err != nil {
		return err
	}
	if err := h.Own.Withdraw(c.Request.Context(), id, receipt); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}

type commentResponse struct {
	Comment ownResponse `json:"comment"`
}

// ownRequest reads which comment is meant, and the receipt that was sent for it.
func ownRequest(c *gin.Context) (id, receipt string, err error) {
	if id, err = httpio.CommentID(c); err != nil {
		return "", "", err
	}
	receipt, ok := session.BearerToken(c)
	if !ok {
		return "", "", moderation.ErrReceipt
	}
	return id, receipt, nil
}
