package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// aliasAnswer is a further key of an article.
type aliasAnswer struct {
	Alias     string    `json:"alias"`
	Article   string    `json:"article"` // the article's own key
	CreatedAt time.Time `json:"created_at"`
}

func newAliasAnswer(a moderation.ArticleAlias) aliasAnswer {
	return aliasAnswer{a.Key, a.ArticleKey, a.CreatedAt.UTC()}
}

// listAliases lists the further keys of a site's articles, newest first.
func (s *Server) listAliases(c *gin.Context) error {
	limit, err := limitParam(c)
	if err != nil {
		return err
	}
	paging := moderation.Paging{Limit: limit, Cursor: c.Query("cursor")}
	page, err := s.Sites.Aliases(c.Request.Context(), viewerOf(c), c.Param("site"), paging)
	if err != nil {
		return err
	}
	items := make([]aliasAnswer, 0, len(page.Aliases))
	for _, alias := range page.Aliases {
		items = append(items, newAliasAnswer(alias))
	}
	answer(c, http.StatusOK, struct {
		Items      []aliasAnswer `json:"items"`
		NextCursor string        `json:"next_cursor,omitempty"`
	}{items, page.NextCursor})
	return nil
}

// addAlias lets an article be found under a further key.
func (s *Server) addAlias(c *gin.Context) error {
	var req struct {
		Alias   string `json:"alias"`
		Article string `json:"article"`
	}
	if err := bindJSON(c, &req, maxBody); err != nil {
		return err
	}
	alias, err := s.Sites.AddAlias(c.Request.Context(), viewerOf(c), c.Param("site"),
		moderation.NewAlias{Key: req.Alias, ArticleKey: req.Article})
	if err != nil {
		return err
	}
	answer(c, http.StatusCreated, newAliasAnswer(alias))
	return nil
}

// removeAlias makes a key name nothing again.
func (s *Server) removeAlias(c *gin.Context) error {
	ref := moderation.SiteArticle{SiteSlug: c.Param("site"), Key: c.Query("alias")}
	if err := s.Sites.RemoveAlias(c.Request.Context(), viewerOf(c), ref); err != nil {
		return err
	}
	noContent(c)
	return nil
}
