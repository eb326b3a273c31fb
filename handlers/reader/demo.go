package reader

import (
	"context"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/page"
	"rejoinder/handlers/pagecache"
	"rejoinder/moderation"
	"rejoinder/web"
)

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

// IsDemo reports whether a place is the demo article's.
func (h *Threads) IsDemo(at page.ThreadURL) bool {
	return h.DemoOn && at.Site == web.DemoSite && at.Article == web.DemoArticleKey
}

// Demo serves the demo article. Readers whose browser remembers nothing get it compressed, from the cache.
func (h *Threads) Demo(c *gin.Context) error {
	at := page.ParseThreadURL(web.DemoSite, c.Request.URL.Query())
	at.Path, at.Article = page.DemoPath, web.DemoArticleKey
	if at.Part || at.ReplyTo != "" || httpio.CookieValue(c, cookieOwn) != "" || httpio.CookieValue(c, cookieReader) != "" {
		return h.personalDemo(c, at)
	}
	wished := wishedLanguage(c, at)
	c.Writer.Header().Add("Vary", "Cookie")
	return h.Responder.Serve(c, htmlKey("demo", at, wished), func(ctx context.Context) (pagecache.Rendering, error) {
		thread, err := h.Threads.Thread(ctx, at.Query())
		if err == nil && thread.Article.ID == "" {
			err = moderation.ErrArticleUnknown
		}
		if err != nil {
			return pagecache.Rendering{}, err
		}
		view := h.newThreadView(at, thread, languageOf(wished, thread.Site))
		if !thread.Closed {
			view.Form = h.newForm(thread).view(at, view, nil)
		}
		made, err := renderPublic("demo", thread, demoView{threadView: view, Prose: demoProse})
		made.Policy = demoPolicy
		return made, err
	})
}

// personalDemo serves the demo article with what the reader's browser remembers.
func (h *Threads) personalDemo(c *gin.Context, at page.ThreadURL) error {
	view, thread, err := h.threadView(c, at)
	if err != nil {
		return err
	}
	if thread.Article.ID == "" {
		return moderation.ErrArticleUnknown
	}
	return h.page(c, http.StatusOK, at, view)
}

// DemoPage serves a page that embeds the demo article's thread as an article page of any site would.
func DemoPage(c *gin.Context) error {
	name := c.Param("page")
	content, err := web.DemoPages.ReadFile("demo/" + name + ".html")
	if err != nil {
		return httpio.ErrNoRoute
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
