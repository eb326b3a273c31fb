package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/session"
	"rejoinder/moderation"
)

// aliasResponse is another key of an article.
type aliasResponse struct {
	Alias     string    `json:"alias"`
	Article   string    `json:"article"` // the article's own key
	CreatedAt time.Time `json:"created_at"`
}

func newAliasResponse(a moderation.ArticleAlias) aliasResponse {
	return aliasResponse{a.Key, a.ArticleKey, a.CreatedAt.UTC()}
}

// ListAliases lists the aliases of a site's articles, newest first.
func (h *Sites) ListAliases(c *gin.Context) error {
	limit, err := httpio.LimitParam(c)
	if err != nil {
		return err
	}
	paging := moderation.Paging{Limit: limit, Cursor: c.Query("cursor")}
	page, err := h.Sites.Aliases(c.Request.Context(), session.ViewerOf(c), c.Param("site"), paging)
	if err != nil {
		return err
	}
	httpio.Page(c, page.Aliases, page.NextCursor, newAliasResponse)
	return nil
}

// AddAlias adds a key under which an article is found.
func (h *Sites) AddAlias(c *gin.Context) error {
	var req struct {
		Alias   string `json:"alias"`
		Article string `json:"article"`
	}
	if err := httpio.BindJSON(c, &req, httpio.MaxBody); err != nil {
		return err
	}
	alias, err := h.Sites.AddAlias(c.Request.Context(), session.ViewerOf(c), c.Param("site"),
		moderation.NewAlias{Key: req.Alias, ArticleKey: req.Article})
	if err != nil {
		return err
	}
	httpio.JSON(c, http.StatusCreated, newAliasResponse(alias))
	return nil
}

// RemoveAlias removes an alias.
func (h *Sites) RemoveAlias(c *gin.Context) error {
	ref := moderation.SiteArticle{SiteSlug: c.Param("site"), Key: c.Query("alias")}
	if err := h.Sites.RemoveAlias(c.Request.Context(), session.ViewerOf(c), ref); err != nil {
		return err
	}
	httpio.NoContent(c)
	return nil
}
