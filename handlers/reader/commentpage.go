package reader

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// commentPage is the common part of the pages about one comment: its author's status page, and reports.
type commentPage struct {
	page.Frame
	SiteName string
	Heading  string // title of the article; empty if it is not trusted
	BackURL  string
	ID       string
	Action   string // prefix of the forms' actions
	Asked    string // the requested language
	Outcome  *formOutcome
}

func newCommentPage(id string, on moderation.CommentLocation, words *locale.Language, asked string) commentPage {
	return commentPage{
		Frame:    page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Style: "page.css", Private: true},
		SiteName: on.Site.Name, Heading: on.Article.Title, ID: id, Action: "/comments/" + id, Asked: asked,
	}
}

// Fault is what is wrong with a field; empty if nothing is.
func (p commentPage) Fault(field string) string {
	if p.Outcome == nil {
		return ""
	}
	return p.Outcome.pointers[field]
}

// pageLanguage is the language of a page about one comment: the requested one, one that the browser accepts,
// or the site's.
func pageLanguage(c *gin.Context, asked string, site moderation.Site) *locale.Language {
	if asked == "" {
		c.Writer.Header().Add("Vary", "Accept-Language")
	}
	return locale.Match(asked, c.GetHeader("Accept-Language"), site.Locale)
}

// readCommentForm reads a form of a page about one comment.
func readCommentForm(c *gin.Context) (id string, values url.Values, err error) {
	if id, err = httpio.PathID(c); err != nil {
		return "", nil, err
	}
	values, err = httpio.FormValues(c)
	httpio.SetLanguage(c, page.KnownLanguage(values.Get("lang")))
	return id, values, err
}

// checkSiteSource is checkSource for a site that is loaded already.
func (h *Comments) checkSiteSource(c *gin.Context, site moderation.Site) error {
	if h.PublicURL.IsSameOrigin(c) || site.Allows(c.GetHeader("Origin")) {
		return nil
	}
	return httpio.ErrCrossOrigin
}

// newCommentOutcome describes why a form was refused, with the last of the faults as detail.
func newCommentOutcome(err error, p httpio.Problem, words *locale.Language) *formOutcome {
	_, detail := page.ProblemWords(p, words)
	o := &formOutcome{Status: p.Status, Title: words.Text("act.not_done"), Detail: detail, Wait: words.Wait(p.RetryAfter),
		problem: p, pointers: map[string]string{}}
	for known, key := range problemTexts {
		if errors.Is(err, known) {
			o.Detail = words.Text(key)
		}
	}
	for _, fault := range p.Errors {
		field := strings.TrimPrefix(fault.Pointer, "/")
		o.pointers[field] = page.FaultWords(field, fault, words)
		o.Detail = o.pointers[field]
	}
	return o
}

// logOutcome records why a form was refused, and returns what the page shows of it. Internal errors go to the
// log.
func (h *Comments) logOutcome(c *gin.Context, err error, words *locale.Language) *formOutcome {
	return newCommentOutcome(err, httpio.ReportProblem(c, h.Log, err), words)
}

// articleURL is the comment's article, or our page of its thread if the article's URL is not trusted.
func (h *Comments) articleURL(on moderation.CommentLocation, asked string) string {
	if on.Article.URL != "" {
		return withoutFragment(on.Article.URL)
	}
	return h.threadURLOf(on, asked).Link("")
}

// threadURLOf is our page of the comment's thread.
func (h *Comments) threadURLOf(on moderation.CommentLocation, asked string) page.ThreadURL {
	at := page.ParseThreadURL(on.Site.Slug, url.Values{"article": {on.Article.Key}, "lang": {asked}})
	if h.Pages.IsDemo(at) {
		at.Path = page.DemoPath
	}
	return at
}

// permalink is the comment in its article, or on our page.
func (h *Comments) permalink(on moderation.CommentLocation, id, asked string) string {
	if on.Article.URL != "" {
		return withoutFragment(on.Article.URL) + "#" + page.CommentAnchor(id)
	}
	return h.threadURLOf(on, asked).ForComment(id).Link(page.CommentAnchor(id))
}
