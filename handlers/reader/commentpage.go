package reader

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/moderation"
)

// actPage is what the pages about one comment have in common: what its writer may do with it, and what
// readers may.
type actPage struct {
	page.Frame
	SiteName string
	Heading  string // of the article; empty when nobody vouches for it
	BackURL  string
	ID       string
	Action   string // where the page's forms go, without their last part
	Asked    string // the language that was asked for
	Outcome  *formOutcome
}

func newActPage(id string, on moderation.CommentLocation, words *locale.Language, asked string) actPage {
	return actPage{
		Frame:    page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Style: "page.css", Private: true},
		SiteName: on.Site.Name, Heading: on.Article.Title, ID: id, Action: "/comments/" + id, Asked: asked,
	}
}

// Fault is what is wrong with a field; empty for nothing.
func (p actPage) Fault(field string) string {
	if p.Outcome == nil {
		return ""
	}
	return p.Outcome.pointers[field]
}

// actWords is the language of a page about one comment: what was asked for, what the browser accepts, the
// site's.
func actWords(c *gin.Context, asked string, site moderation.Site) *locale.Language {
	if asked == "" {
		c.Writer.Header().Add("Vary", "Accept-Language")
	}
	return locale.Match(asked, c.GetHeader("Accept-Language"), site.Locale)
}

// actFields reads a form about one comment.
func actFields(c *gin.Context) (id string, values url.Values, err error) {
	if id, err = httpio.CommentID(c); err != nil {
		return "", nil, err
	}
	values, err = httpio.FormValues(c)
	httpio.SetLanguage(c, page.KnownLanguage(values.Get("lang")))
	return id, values, err
}

// checkSiteSource is checkSource for a site that is known already.
func (h *Comments) checkSiteSource(c *gin.Context, site moderation.Site) error {
	if h.PublicURL.IsSameOrigin(c) || site.Allows(c.GetHeader("Origin")) {
		return nil
	}
	return httpio.ErrCrossOrigin
}

// actOutcome says why something was not taken, to whoever sent it. A fault that no field of the form can have
// is told like any other.
func actOutcome(err error, p httpio.Problem, words *locale.Language) *formOutcome {
	_, detail := page.ProblemWords(p, words)
	o := &formOutcome{Status: p.Status, Title: words.Text("act.not_done"), Detail: detail, Wait: words.Wait(p.RetryAfter),
		problem: p, pointers: map[string]string{}}
	for known, key := range formWords {
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

// noteAct records why an act was not done, and says in words what the page shows of it. What only the
// operator may know goes to the log.
func (h *Comments) noteAct(c *gin.Context, err error, words *locale.Language) *formOutcome {
	p := httpio.ProblemOf(err, httpio.RequestID(c))
	httpio.RecordProblem(c, p)
	if p.Status >= http.StatusInternalServerError {
		h.Log.ErrorContext(
			c.Request.Context(),
			"form not taken",
			"request_id",
			httpio.RequestID(c),
			"route",
			c.FullPath(),
			"err",
			err,
		)
	}
	return actOutcome(err, p, words)
}

// backAddress is where a reader reads on after a page about a comment: its article, on our own page when
// nobody vouches for an address of its own.
func (h *Comments) backAddress(on moderation.CommentLocation, asked string) string {
	if on.Article.URL != "" {
		return withoutFragment(on.Article.URL)
	}
	return h.placeAt(on, asked).Link("")
}

// placeAt is where on our own pages a comment's article is.
func (h *Comments) placeAt(on moderation.CommentLocation, asked string) page.ThreadURL {
	at := page.ParseThreadURL(on.Site.Slug, url.Values{"article": {on.Article.Key}, "lang": {asked}})
	if h.Pages.IsDemo(at) {
		at.Path = page.DemoPath
	}
	return at
}

// permalink is where a comment stands, for readers of our pages.
func (h *Comments) permalink(on moderation.CommentLocation, id, asked string) string {
	if on.Article.URL != "" {
		return withoutFragment(on.Article.URL) + "#" + page.CommentAnchor(id)
	}
	return h.placeAt(on, asked).ForComment(id).Link(page.CommentAnchor(id))
}
