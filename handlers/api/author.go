package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
	"rejoinder/moderation/readers"
)

// Show returns a comment to the holder of its receipt.
func (h *Comments) Show(c *gin.Context) error {
	id, receipt, err := h.authorCredentials(c)
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
	id, receipt, err := h.authorCredentials(c)
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
	id, receipt, err := h.authorCredentials(c)
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

// authorCredentials returns the comment's id of the path, and its receipt: from the Authorization header, or
// that of the signed-in reader who sent the comment.
func (h *Comments) authorCredentials(c *gin.Context) (id, receipt string, err error) {
	if id, err = httpio.PathID(c); err != nil {
		return "", "", err
	}
	if receipt, ok := session.BearerToken(c); ok {
		return id, receipt, nil
	}
	token := c.GetHeader(httpio.HeaderIdentity)
	if token == "" {
		return "", "", moderation.ErrReceipt
	}
	receipt, err = h.Readers.Receipt(c.Request.Context(), token, id)
	return id, receipt, err
}

// Sizes of a page of own comments.
const (
	defaultOwn = 20
	maxOwn     = 50
)

// Own lists the comments of a signed-in reader, newest first.
func (h *Comments) Own(c *gin.Context) error {
	limit, err := httpio.LimitWithin(c, defaultOwn, maxOwn)
	if err != nil {
		return err
	}
	own, err := h.Readers.Own(c.Request.Context(), readers.OwnQuery{
		SiteSlug: c.Param("site"), Token: c.GetHeader(httpio.HeaderIdentity), ArticleKey: c.Query("article"), Limit: limit,
		Cursor: c.Query("cursor"),
	})
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	httpio.Page(c, own.Comments, own.NextCursor, func(one readers.OwnComment) authorCommentResponse {
		return newAuthorCommentResponse(c, one.AuthorView)
	})
	return nil
}
