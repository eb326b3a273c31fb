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
	"rejoinder/moderation/readers"
	"rejoinder/web"
)

// The content security policies of the demo's pages. Under the strict one, as a careful publisher would send
// it, the widget must work without inline scripts and styles, and without parsing strings as HTML.
const (
	demoPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	strictPolicy = demoPolicy + "; require-trusted-types-for 'script'; trusted-types 'none'"
)

// demoProse is trusted: it is compiled in.
var demoProse = template.HTML(web.DemoArticle)

// demoView is the thread below an article, as on a blog.
type demoView struct {
	*threadView
	Prose template.HTML
}

// IsDemo reports whether a thread is the demo article's.
func (h *Threads) IsDemo(at page.ThreadURL) bool {
	return h.DemoOn && at.Site == web.DemoSite && at.Article == web.DemoArticleKey
}

// Demo serves the demo article, from the page cache unless the reader's browser has cookies.
func (h *Threads) Demo(c *gin.Context) error {
	at := page.ParseThreadURL(web.DemoSite, c.Request.URL.Query())
	at.Path, at.Article = page.DemoPath, web.DemoArticleKey
	if at.Part || at.ReplyTo != "" || hasReaderCookies(c) {
		return h.renderPersonalDemo(c, at)
	}
	requested := requestedLanguage(c, at)
	c.Writer.Header().Add("Vary", "Cookie")
	return h.Responder.Serve(c, htmlKey("demo", at, requested), func(ctx context.Context) (pagecache.Rendering, error) {
		thread, err := h.Threads.Thread(ctx, at.Query())
		if err == nil && thread.Article.ID == "" {
			err = moderation.ErrArticleUnknown
		}
		if err != nil {
			return pagecache.Rendering{}, err
		}
		view := h.newThreadView(at, thread, languageOf(requested, thread.Site))
		if !thread.Closed {
			view.Form = h.newForm(thread).view(at, view, nil)
		}
		rendering, err := renderPublic("demo", thread, demoView{threadView: view, Prose: demoProse})
		rendering.Policy = demoPolicy
		return rendering, err
	})
}

// renderPersonalDemo renders the demo article with the reader's own comments and details.
func (h *Threads) renderPersonalDemo(c *gin.Context, at page.ThreadURL) error {
	view, thread, err := h.threadView(c, at)
	if err != nil {
		return err
	}
	if thread.Article.ID == "" {
		return moderation.ErrArticleUnknown
	}
	return h.renderPage(c, http.StatusOK, at, view)
}

// signedInDemoView is an article's page whose reader is signed in.
type signedInDemoView struct {
	page.Frame
	Token string
	Name  string
}

// SignedInDemo serves a page that embeds the demo article's thread for a reader whom the page has signed in.
func (h *Threads) SignedInDemo(c *gin.Context) error {
	token, err := h.Readers.DemoToken(c.Request.Context(), web.DemoSite)
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", demoPolicy)
	c.Header("Cache-Control", "private, no-store")
	return h.Renderer.RenderWithPolicy(c, http.StatusOK, "demo-signed-in", signedInDemoView{
		Frame: page.Frame{Lang: "en", Title: "A signed-in reader"}, Token: token, Name: readers.DemoReader.Name})
}

// DemoPage serves a page that embeds the demo article's thread, as an article of any site would.
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
	c.Data(http.StatusOK, page.HTMLType, content)
	return nil
}
