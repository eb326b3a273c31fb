package handlers

import (
	"context"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
	"rejoinder/web"
)

const demoPath = "/demo"

// The policies of the demo's pages. The strict one is what a careful publisher would send: under it the
// widget must work without a word of script or style in the page, and without any text that becomes HTML.
const (
	demoPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; " +
		"base-uri 'none'; frame-ancestors 'none'"
	strictPolicy = demoPolicy + "; require-trusted-types-for 'script'; trusted-types 'none'"
)

// demoProse is our own text, part of the program.
var demoProse = template.HTML(web.DemoArticle)

// demoView is the reader's page below an article, as on a blog.
type demoView struct {
	*threadView
	Prose template.HTML
}

// isDemo reports whether a place is the demo article's.
func (s *Server) isDemo(at place) bool {
	return s.Config.Demo && at.site == web.DemoSite && at.article == web.DemoArticleKey
}

// demo serves the demo article. Readers whose browser remembers nothing get it compressed, from the cache.
func (s *Server) demo(c *gin.Context) error {
	at := placeOf(web.DemoSite, c.Request.URL.Query())
	at.path, at.article = demoPath, web.DemoArticleKey
	if at.part || at.replyTo != "" || cookieValue(c, cookieOwn) != "" || cookieValue(c, cookieReader) != "" {
		return s.personalDemo(c, at)
	}
	wished := s.wishedLanguage(c, at)
	c.Writer.Header().Add("Vary", "Cookie")
	return s.answerPublic(c, htmlKey("demo", at, wished), func(ctx context.Context) (rendering, error) {
		thread, err := s.Threads.Thread(ctx, at.query())
		if err == nil && thread.Article.ID == "" {
			err = moderation.ErrArticleUnknown
		}
		if err != nil {
			return rendering{}, err
		}
		view := s.newThreadView(at, thread, languageOf(wished, thread.Site))
		if !thread.Closed {
			view.Form = s.newForm(thread).view(at, view, nil)
		}
		made, err := renderPublic("demo", thread, demoView{threadView: view, Prose: demoProse})
		made.policy = demoPolicy
		return made, err
	})
}

// personalDemo serves the demo article with what the reader's browser remembers.
func (s *Server) personalDemo(c *gin.Context, at place) error {
	view, thread, err := s.threadView(c, at)
	if err != nil {
		return err
	}
	if thread.Article.ID == "" {
		return moderation.ErrArticleUnknown
	}
	return s.page(c, http.StatusOK, at, view)
}

// demoPage serves a page that embeds the demo article's thread as an article page of any site would.
func (s *Server) demoPage(c *gin.Context) error {
	name := c.Param("page")
	content, err := web.DemoPages.ReadFile("demo/" + name + ".html")
	if err != nil {
		return errNoRoute
	}
	policy := demoPolicy
	if name == "strict" {
		policy = strictPolicy
	}
	c.Header("Content-Security-Policy", policy)
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "text/html; charset=utf-8", content)
	return nil
}
