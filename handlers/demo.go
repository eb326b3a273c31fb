package handlers

import (
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
	"rejoinder/web"
)

const demoPath = "/demo"

// demoProse is our own text, part of the program.
var demoProse = template.HTML(web.DemoArticle)

// demoView is the reader's page below an article, as on a blog.
type demoView struct {
	threadView
	Prose template.HTML
}

// isDemo reports whether a place is the demo article's.
func (s *Server) isDemo(at place) bool {
	return s.Config.Demo && at.site == web.DemoSite && at.article == web.DemoArticleKey
}

// demo serves the demo article.
func (s *Server) demo(c *gin.Context) error {
	at := placeOf(web.DemoSite, c.Request.URL.Query())
	at.path, at.article = demoPath, web.DemoArticleKey
	view, thread, err := s.threadView(c, at)
	if err != nil {
		return err
	}
	if thread.Article.ID == "" {
		return moderation.ErrArticleUnknown
	}
	return s.page(c, http.StatusOK, at, view)
}
