package reader

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/pagecache"
	"rejoinder/moderation"
	"rejoinder/moderation/readers"
)

// Threads serves threads as pages and as fragments, their form and their feed.
type Threads struct {
	RenderLimiter *pagecache.RenderLimiter
	Intake        *moderation.Intake
	Author        *moderation.AuthorService
	Threads       *moderation.Threads
	Sites         *moderation.Sites
	Readers       *readers.Readers
	PersonURL     func(commenterID string) string // path of a person's own comments
	Log           *slog.Logger
	Now           func() time.Time
	NewID         func() string
	Cookies       *httpio.Cookies
	Renderer      *page.Renderer
	Responder     *pagecache.Responder
	PublicURL     httpio.PublicURL
	DemoOn        bool
}

// Fragment serves a thread as an HTML fragment, for the widget and for pages that include it.
func (h *Threads) Fragment(c *gin.Context) error {
	at := page.ParseThreadURL(c.Param("site"), c.Request.URL.Query())
	at.Embedded = true
	requested := requestedLanguage(c, at)
	render := func(ctx context.Context) (pagecache.Rendering, error) { return h.renderFragment(ctx, at, requested) }
	if at.ReplyTo == "" {
		return h.Responder.Serve(c, htmlKey("fragment", at, requested), render)
	}
	return h.Responder.ServeUncached(c, render)
}

// requestedLanguage is the language that the page or the browser requests; nil: neither does. Unless the page
// does, the response varies by Accept-Language.
func requestedLanguage(c *gin.Context, at page.ThreadURL) *locale.Language {
	if at.Lang == "" {
		c.Writer.Header().Add("Vary", "Accept-Language")
	}
	return locale.Find(at.Lang, c.GetHeader("Accept-Language"))
}

// htmlKey is the cache key of a page.
func htmlKey(kind string, at page.ThreadURL, requested *locale.Language) pagecache.Key {
	tag := "-"
	if requested != nil {
		tag = requested.Tag
	}
	key := pagecache.ThreadKey(kind, at.Query())
	key.Rest += " " + tag + " " + at.Lang + " " + at.Path + " " + at.Voted
	return key
}

// renderFragment renders a fragment that is the same for every reader.
func (h *Threads) renderFragment(
	ctx context.Context, at page.ThreadURL, requested *locale.Language,
) (pagecache.Rendering, error) {
	thread, err := h.Threads.Thread(ctx, at.Query())
	if err != nil {
		return pagecache.Rendering{}, err
	}
	view := h.newThreadView(at, thread, languageOf(requested, thread.Site))
	if !thread.Closed {
		view.Form = h.newForm(thread).view(at, view, nil)
	}
	return renderPublic("discussion", thread, view)
}

// threadPolicy is the Content-Security-Policy of pages with a thread: they show the pictures of signed-in
// readers.
func threadPolicy(site moderation.Site) string {
	return page.PolicyWithImages(site.Settings.AvatarOrigins)
}

// renderPublic renders a page that is the same for every reader.
func renderPublic(template string, thread moderation.Thread, view page.Localized) (pagecache.Rendering, error) {
	body, release, err := page.ExecutePooled(template, view)
	if err != nil {
		return pagecache.Rendering{}, err
	}
	return pagecache.Rendering{ContentType: page.HTMLType, Caching: pagecache.ThreadCaching,
		Policy: threadPolicy(thread.Site), SiteID: thread.Site.ID, Until: thread.ChangesAt,
		Body: body, Release: release}, nil
}

func languageOf(requested *locale.Language, site moderation.Site) *locale.Language {
	if requested != nil {
		return requested
	}
	return locale.Match("", "", site.Locale)
}

// Page serves a thread with its form as a page of its own.
func (h *Threads) Page(c *gin.Context) error {
	at := page.ParseThreadURL(c.Param("site"), c.Request.URL.Query())
	if at.ReplyTo != "" || hasReaderCookies(c) {
		return h.renderPersonalPage(c, at)
	}
	requested := requestedLanguage(c, at)
	c.Writer.Header().Add("Vary", "Cookie")
	err := h.Responder.Serve(c, htmlKey("page", at, requested), func(ctx context.Context) (pagecache.Rendering, error) {
		thread, err := h.Threads.Thread(ctx, at.Query())
		if err != nil {
			return pagecache.Rendering{}, err
		}
		if !thread.Site.HasThread(thread.Article) {
			return pagecache.Rendering{}, moderation.ErrArticleUnknown
		}
		view := h.newThreadView(at, thread, languageOf(requested, thread.Site))
		if !thread.Closed {
			view.Form = h.newForm(thread).view(at, view, nil)
		}
		return renderPublic("thread", thread, view)
	})
	if errors.Is(err, moderation.ErrArticleUnknown) {
		return h.renderPersonalPage(c, at)
	}
	return err
}

// renderPersonalPage renders a page with the reader's own comments and details.
func (h *Threads) renderPersonalPage(c *gin.Context, at page.ThreadURL) error {
	view, thread, err := h.threadView(c, at)
	if err != nil {
		return err
	}
	if !thread.Site.HasThread(thread.Article) {
		view.Title = view.Locale.Text("page.missing")
		view.Ways = h.Renderer.BackLinks(c, view.Locale)
		return h.Renderer.Render(c, http.StatusNotFound, "missing", view)
	}
	return h.renderPage(c, http.StatusOK, at, view)
}

// threadView returns the view of a page, with a form that holds what the browser remembers.
func (h *Threads) threadView(c *gin.Context, at page.ThreadURL) (*threadView, moderation.Thread, error) {
	if err := h.RenderLimiter.StartRendering(c); err != nil {
		return nil, moderation.Thread{}, err
	}
	thread, err := h.Threads.Thread(c.Request.Context(), at.Query())
	if err != nil {
		return nil, thread, err
	}
	view := h.newThreadView(at, thread, languageOf(requestedLanguage(c, at), thread.Site))
	if at.Part {
		setPersonalHeaders(c, true)
		return view, thread, nil
	}
	own := h.sentComments(c, at)
	view.addAuthorComments(at, own, h.Now())
	form := h.newPersonalForm(c, at, thread)
	setPersonalHeaders(c, len(own) > 0 || form.Email != "")
	if !thread.Closed {
		view.Form = form.view(at, view, nil)
	}
	return view, thread, nil
}

// setPersonalHeaders keeps a page with personal parts out of all caches. Other pages may be stored, but must
// be revalidated, since approvals must show at once.
func setPersonalHeaders(c *gin.Context, personal bool) {
	c.Writer.Header().Add("Vary", "Cookie")
	c.Header("Cache-Control", "no-cache")
	if personal {
		c.Header("Cache-Control", "private, no-store")
	}
}
