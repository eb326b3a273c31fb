package handlers

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/weburl"
)

const htmlType = "text/html; charset=utf-8"

// threadFragment serves a thread as a piece of HTML, for the widget and for pages that include it.
func (s *Server) threadFragment(c *gin.Context) error {
	at := placeOf(c.Param("site"), c.Request.URL.Query())
	at.embedded = true
	wished := s.wishedLanguage(c, at)
	render := func(ctx context.Context) (rendering, error) { return s.renderFragment(ctx, at, wished) }
	if at.replyTo == "" {
		return s.answerPublic(c, htmlKey("fragment", at, wished), render)
	}
	return s.answerOnce(c, render)
}

// wishedLanguage is the language that page or browser ask for; nil: neither does. Answers then differ by what
// the browser accepts, unless the page asks.
func (s *Server) wishedLanguage(c *gin.Context, at place) *locale.Language {
	if at.lang == "" {
		c.Writer.Header().Add("Vary", "Accept-Language")
	}
	return locale.Find(at.lang, c.GetHeader("Accept-Language"))
}

// htmlKey names a page in the cache.
func htmlKey(kind string, at place, wished *locale.Language) pageKey {
	tag := "-"
	if wished != nil {
		tag = wished.Tag
	}
	key := threadKey(kind, at.query())
	key.rest += " " + tag + " " + at.lang + " " + at.path + " " + at.voted
	return key
}

// renderFragment renders what is the same for every reader at that place.
func (s *Server) renderFragment(ctx context.Context, at place, wished *locale.Language) (rendering, error) {
	thread, err := s.Threads.Thread(ctx, at.query())
	if err != nil {
		return rendering{}, err
	}
	view := s.newThreadView(at, thread, languageOf(wished, thread.Site))
	if !thread.Closed {
		view.Form = s.newForm(thread).view(at, view, nil)
	}
	return renderPublic("discussion", thread, view)
}

// renderPublic renders a page that is the same for every reader.
func renderPublic(page string, thread moderation.Thread, view localized) (rendering, error) {
	body, err := execute(page, view)
	if err != nil {
		return rendering{}, err
	}
	return rendering{contentType: htmlType, caching: threadCaching, policy: pagePolicy, siteID: thread.Site.ID,
		until: closing(thread), body: body}, nil
}

// closing is when the article closes by age, which no change tells of; zero when it is closed, or never does.
func closing(thread moderation.Thread) time.Time {
	closes, ok := thread.Article.ClosesAt(thread.Site.Settings)
	if !ok || thread.Closed || thread.Article.ID == "" {
		return time.Time{}
	}
	return closes
}

func languageOf(wished *locale.Language, site moderation.Site) *locale.Language {
	if wished != nil {
		return wished
	}
	return locale.Match("", "", site.Locale)
}

// threadPage serves a thread with its form as a page of its own, for browsers with or without script.
func (s *Server) threadPage(c *gin.Context) error {
	at := placeOf(c.Param("site"), c.Request.URL.Query())
	if at.replyTo != "" || cookieValue(c, cookieOwn) != "" || cookieValue(c, cookieReader) != "" {
		return s.personalPage(c, at)
	}
	wished := s.wishedLanguage(c, at)
	c.Writer.Header().Add("Vary", "Cookie")
	var missing bool
	err := s.answerPublic(c, htmlKey("page", at, wished), func(ctx context.Context) (rendering, error) {
		thread, err := s.Threads.Thread(ctx, at.query())
		if err != nil {
			return rendering{}, err
		}
		if missing = !thread.Site.Accepts(thread.Article); missing {
			return rendering{}, moderation.ErrArticleUnknown
		}
		view := s.newThreadView(at, thread, languageOf(wished, thread.Site))
		if !thread.Closed {
			view.Form = s.newForm(thread).view(at, view, nil)
		}
		return renderPublic("thread", thread, view)
	})
	if err != nil && missing {
		return s.personalPage(c, at)
	}
	return err
}

// personalPage serves a page with what one reader's browser remembers.
func (s *Server) personalPage(c *gin.Context, at place) error {
	view, thread, err := s.threadView(c, at)
	if err != nil {
		return err
	}
	if !thread.Site.Accepts(thread.Article) {
		view.Title = view.words.Text("page.missing")
		view.Ways = s.waysBack(c, view.words)
		return s.render(c, http.StatusNotFound, "missing", view)
	}
	return s.page(c, http.StatusOK, at, view)
}

// threadView gathers a place's page, with an empty form that holds what the browser remembers.
func (s *Server) threadView(c *gin.Context, at place) (*threadView, moderation.Thread, error) {
	if err := s.startRendering(c); err != nil {
		return nil, moderation.Thread{}, err
	}
	thread, err := s.Threads.Thread(c.Request.Context(), at.query())
	if err != nil {
		return nil, thread, err
	}
	view := s.newThreadView(at, thread, languageOf(s.wishedLanguage(c, at), thread.Site))
	if at.part {
		personal(c, true)
		return view, thread, nil
	}
	own := s.ownComments(c, at)
	view.addOwn(at, own, s.Now())
	form := s.emptyForm(c, at, thread)
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

// publicHeading names the article by its title or URL, or by its site if these come only from an unverified
// request.
func publicHeading(article moderation.Article, site moderation.Site) string {
	switch {
	case article.Title != "":
		return article.Title
	case article.URL != "":
		return weburl.Display(article.URL)
	case article.Vouched():
		return article.Key
	}
	return site.Name
}

// articleHeading names the article for moderators.
func articleHeading(a moderation.Article) string { return cmp.Or(a.Title, a.URL, a.Key) }

// localized is a view that says in which language it is.
type localized interface{ language() *locale.Language }

// execute renders a template into memory.
func execute(page string, view localized) ([]byte, error) {
	var buf bytes.Buffer
	if err := templatesIn(view.language()).ExecuteTemplate(&buf, page, view); err != nil {
		return nil, fmt.Errorf("render page %s: %w", page, err)
	}
	return buf.Bytes(), nil
}
