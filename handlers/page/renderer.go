package page

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/pagecache"
)

// HTMLType is the Content-Type of pages.
const HTMLType = "text/html; charset=utf-8"

// ContentPolicy is the Content-Security-Policy of pages without scripts.
const ContentPolicy = "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// PolicyWithImages is ContentPolicy for pages that also show images of other origins.
func PolicyWithImages(origins []string) string {
	if len(origins) == 0 {
		return ContentPolicy
	}
	return strings.Replace(ContentPolicy, "img-src 'self'", "img-src 'self' "+strings.Join(origins, " "), 1)
}

// Frame holds the data around the content of every page. Views embed it.
type Frame struct {
	Lang    string // BCP 47
	Dir     string // ltr or rtl; empty: ltr
	Title   string
	Style   string // style sheet in addition to base.css
	Private bool   // not for search engines
	Searchable

	Locale *locale.Language // nil: English

	writer *Writer
}

// mostly is the share of messages from which a page counts as being in a language.
const mostly = 0.5

// ConsoleFrame is the frame of a page of the console in a language. The title is a text of the console.
func ConsoleFrame(words *locale.Language, title string) Frame {
	f := Frame{Lang: words.Tag, Locale: words, Title: words.T(title) + " – Rejoinder", Style: "console.css", Private: true}
	switch {
	case words.Share() < mostly: // most of the page is in English
		f.Lang = "en"
	case words.Dir != "ltr":
		f.Dir = words.Dir
	}
	return f
}

// Writer is the page while it is rendered. A template writes its parts in order, so a method that a template
// calls can write there what comes next. It is for views that are rendered by pointer.
func (f *Frame) Writer() *Writer { return f.writer }

func (f *Frame) setWriter(w *Writer) { f.writer = w }

// language returns the language of the page's texts.
func (f Frame) language() *locale.Language {
	if f.Locale == nil {
		return locale.Languages()[0]
	}
	return f.Locale
}

// Localized is a view with a language: one that embeds Frame.
type Localized interface{ language() *locale.Language }

// Renderer renders and writes pages.
type Renderer struct {
	BackLinks     func(*gin.Context, *locale.Language) []Link // for error pages
	Log           *slog.Logger
	RenderLimiter *pagecache.RenderLimiter
}

// Render writes a page with ContentPolicy.
func (r *Renderer) Render(c *gin.Context, status int, page string, view Localized) error {
	c.Header("Content-Security-Policy", ContentPolicy)
	return r.RenderWithPolicy(c, status, page, view)
}

// RenderWithPolicy writes a page whose Content-Security-Policy is already set. It renders into memory first,
// so it never sends half a page.
func (r *Renderer) RenderWithPolicy(c *gin.Context, status int, page string, view Localized) error {
	body, err := Execute(page, view)
	pagecache.EndRendering(c)
	if err != nil {
		return err
	}
	defer r.RenderLimiter.CountSending(httpio.ClientPrefix(c), len(body), nil)()
	c.Data(status, HTMLType, body)
	return nil
}

// Execute renders a page into memory.
func Execute(page string, view Localized) ([]byte, error) {
	body, release, err := ExecutePooled(page, view)
	if err != nil {
		return nil, err
	}
	defer release()
	return bytes.Clone(body), nil
}

// ExecutePooled renders a page into memory that is reused after release, which the caller must call.
func ExecutePooled(page string, view Localized) (body []byte, release func(), err error) {
	w := writers.Get().(*Writer)
	release = func() { writers.Put(w) }
	w.buf.Reset()
	if v, ok := view.(interface{ setWriter(*Writer) }); ok {
		v.setWriter(w)
		defer v.setWriter(nil)
	}
	if err := templatesIn(view.language()).ExecuteTemplate(&w.buf, page, view); err != nil {
		release()
		return nil, nil, fmt.Errorf("render page %s: %w", page, err)
	}
	return timesInZone(w.buf.Bytes(), view.language()), release, nil
}

var timeElements = regexp.MustCompile(`<time datetime="([^"]+)"[^>]*>[^<]*</time>`)

// timesInZone returns a page with its moments in the time zone of the language. All zones share the templates
// of a language, which write UTC.
func timesInZone(body []byte, words *locale.Language) []byte {
	utc := words.Base()
	if utc == words {
		return body
	}
	return timeElements.ReplaceAllFunc(body, func(element []byte) []byte {
		at, err := time.Parse(time.RFC3339, string(timeElements.FindSubmatch(element)[1]))
		if err != nil {
			return element
		}
		return bytes.ReplaceAll(element, []byte(template.HTMLEscapeString(utc.Moment(at))),
			[]byte(template.HTMLEscapeString(words.Moment(at))))
	})
}

// problemView is the view of an error page.
type problemView struct {
	Frame
	Problem httpio.Problem
	Wait    string // how long to wait, in words
	Kept    string // the reader's text
	Ways    []Link // back
}

// Problem writes an error page.
func (r *Renderer) Problem(c *gin.Context, p httpio.Problem) { r.ProblemWithText(c, p, "") }

// ProblemWithText writes an error page that returns to the reader what they wrote.
func (r *Renderer) ProblemWithText(c *gin.Context, p httpio.Problem, text string) {
	words := locale.Match(cmp.Or(httpio.Language(c), c.Query("lang")), c.GetHeader("Accept-Language"), "")
	p.Title, p.Detail = ProblemWords(p, words)
	p.Errors = slices.Clone(p.Errors)
	for i, fault := range p.Errors {
		p.Errors[i].Detail = FaultWords(strings.TrimPrefix(fault.Pointer, "/"), fault, words)
	}
	err := r.Render(c, p.Status, "problem", problemView{
		Frame:   Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Title: p.Title, Style: "page.css", Private: true},
		Problem: p, Wait: words.Wait(p.RetryAfter), Kept: text, Ways: r.BackLinks(c, words),
	})
	if err != nil {
		r.Log.ErrorContext(c.Request.Context(), "problem page failed", "request_id", httpio.RequestID(c), "err", err)
		c.String(http.StatusInternalServerError, "%s\n", httpio.KindInternal.Detail)
	}
}
