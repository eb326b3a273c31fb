package reader

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/pagecache"
	"rejoinder/moderation"
)

// ThreadFragment serves a thread as a piece of HTML, for the widget and for pages that include it.
func (h *Threads) ThreadFragment(c *gin.Context) error {
	at := page.ParseThreadURL(c.Param("site"), c.Request.URL.Query())
	at.Embedded = true
	wished := wishedLanguage(c, at)
	render := func(ctx context.Context) (pagecache.Rendering, error) { return h.renderFragment(ctx, at, wished) }
	if at.ReplyTo == "" {
		return h.Responder.Serve(c, htmlKey("fragment", at, wished), render)
	}
	return h.Responder.ServeUncached(c, render)
}

// wishedLanguage is the language that page or browser ask for; nil: neither does. Answers then differ by what
// the browser accepts, unless the page asks.
func wishedLanguage(c *gin.Context, at page.ThreadURL) *locale.Language {
	if at.Lang == "" {
		c.Writer.Header().Add("Vary", "Accept-Language")
	}
	return locale.Find(at.Lang, c.GetHeader("Accept-Language"))
}

// htmlKey names a page in the cache.
func htmlKey(kind string, at page.ThreadURL, wished *locale.Language) pagecache.Key {
	tag := "-"
	if wished != nil {
		tag = wished.Tag
	}
	key := pagecache.ThreadKey(kind, at.Query())
	key.Rest += " " + tag + " " + at.Lang + " " + at.Path + " " + at.Voted
	return key
}

// renderFragment renders what is the same for every reader at that place.
func (h *Threads) renderFragment(ctx context.Context, at page.ThreadURL, wished *locale.Language) (pagecache.Rendering, error) {
	thread, err := h.Threads.Thread(ctx, at.Query())
	if err != nil {
		return pagecache.Rendering{}, err
	}
	view := h.newThreadView(at, thread, languageOf(wished, thread.Site))
	if !thread.Closed {
		view.Form = h.newForm(thread).view(at, view, nil)
	}
	return renderPublic("discussion", thread, view)
}

// renderPublic renders a page that is the same for every reader.
func renderPublic(template string, thread moderation.Thread, view page.Localized) (pagecache.Rendering, error) {
	body, err := page.Execute(template, view)
	if err != nil {
		return pagecache.Rendering{}, err
	}
	return pagecache.Rendering{ContentType: page.HTMLType, Caching: pagecache.ThreadCaching, Policy: page.ContentPolicy, SiteID: thread.Site.ID,
		Until: pagecache.Closing(thread), Body: body}, nil
}

func languageOf(wished *locale.Language, site moderation.Site) *locale.Language {
	if wished != nil {
		return wished
	}
	return locale.Match("", "", site.Locale)
}

// ThreadPage serves a thread with its form as a page of its own, for browsers with or without script.
func (h *Threads) ThreadPage(c *gin.Context) error {
	at := page.ParseThreadURL(c.Param("site"), c.Request.URL.Query())
	if at.ReplyTo != "" || httpio.CookieValue(c, cookieOwn) != "" || httpio.CookieValue(c, cookieReader) != "" {
		return h.personalPage(c, at)
	}
	wished := wishedLanguage(c, at)
	c.Writer.Header().Add("Vary", "Cookie")
	var missing bool
	err := h.Responder.Serve(c, htmlKey("page", at, wished), func(ctx context.Context) (pagecache.Rendering, error) {
		thread, err := h.Threads.Thread(ctx, at.Query())
		if err != nil {
			return pagecache.Rendering{}, err
		}
		if missing = !thread.Site.HasThread(thread.Article); missing {
			return pagecache.Rendering{}, moderation.ErrArticleUnknown
		}
		view := h.newThreadView(at, thread, languageOf(wished, thread.Site))
		if !thread.Closed {
			view.Form = h.newForm(thread).view(at, view, nil)
		}
		return renderPublic("thread", thread, view)
	})
	if err != nil && missing {
		return h.personalPage(c, at)
	}
	return err
}

// personalPage serves a page with what one reader's browser remembers.
func (h *Threads) personalPage(c *gin.Context, at page.ThreadURL) error {
	view, thread, err := h.threadView(c, at)
	if err != nil {
		return err
	}
	if !thread.Site.HasThread(thread.Article) {
		view.Title = view.Locale.Text("page.missing")
		view.Ways = h.Renderer.BackLinks(c, view.Locale)
		return h.Renderer.Render(c, http.StatusNotFound, "missing", view)
	}
	return h.page(c, http.StatusOK, at, view)
}

// threadView gathers a place's page, with an empty form that holds what the browser remembers.
func (h *Threads) threadView(c *gin.Context, at page.ThreadURL) (*threadView, moderation.Thread, error) {
	if err := h.RenderLimiter.StartRendering(c); err != nil {
		return nil, moderation.Thread{}, err
	}
	thread, err := h.Threads.Thread(c.Request.Context(), at.Query())
	if err != nil {
		return nil, thread, err
	}
	view := h.newThreadView(at, thread, languageOf(wishedLanguage(c, at), thread.Site))
	if at.Part {
		personal(c, true)
		return view, thread, nil
	}
	own := h.ownComments(c, at)
	view.addOwn(at, own, h.Now())
	form := h.emptyForm(c, at, thread)
	personal(c, len(own) > 0 || form.Email != "")
	if !thread.Closed {
		view.Form = form.view(at, view, nil)
	}
	return view, thread, nil
}

// personal keeps a page that shows something of one reader out of every cache. Other pages may be stored, but
// not used unasked, since an approval must show at once.
func personal(c *gin.Context, yes bool) {
	c.Writer.Header().Add("Vary", "Cookie")
	c.Header("Cache-Control", "no-cache")
	if yes {
		c.Header("Cache-Control", "private, no-store")
	}
}

type Threads struct {
	RenderLimiter *pagecache.RenderLimiter
	Intake        *moderation.Intake
	Own           *moderation.AuthorService
	Threads       *moderation.Threads
	Sites         *moderation.Sites
	Log           *slog.Logger
	Now           func() time.Time
	NewID         func() string
	Cookies       *httpio.Cookies
	Renderer      *page.Renderer
	Responder     *pagecache.Responder
	PublicURL     httpio.PublicURL
	DemoOn        bool
}
