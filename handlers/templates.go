package handlers

import (
	"cmp"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
)

//go:embed templates/*.html templates/console/*.html
var templateFiles embed.FS

// templatesIn returns all templates, parsed once and then once for each language that is asked for. A page is
// the template of that name.
func templatesIn(words *locale.Language) *template.Template { return translated[words]() }

var parsed = template.Must(
	template.New(
		"",
	).Funcs(
		templateWords(locale.Languages()[0]),
	).ParseFS(
		templateFiles,
		"templates/*.html",
		"templates/console/*.html",
	),
)

var translated = translations()

func translations() map[*locale.Language]func() *template.Template {
	all := map[*locale.Language]func() *template.Template{}
	for _, words := range locale.Languages() {
		all[words] = sync.OnceValue(func() *template.Template {
			return template.Must(parsed.Clone()).Funcs(templateWords(words))
		})
	}
	return all
}

// templateWords are the functions of templates; those that say something say it in that language.
func templateWords(words *locale.Language) template.FuncMap {
	return template.FuncMap{
		"asset":       assetAddress,
		"humanDate":   humanDate,
		"humanTime":   humanTime,
		"machineTime": machineTime,
		"plural":      plural,
		"t":           words.Text,
		"count":       words.Count,
		"number":      words.Number,
		"date":        words.Date,
		"moment":      words.Moment,
		"deadline":    func(key string, t time.Time) template.HTML { return deadline(words, key, t) },
	}
}

// deadline is a text about a time that scripts convert to the reader's own time zone and format.
func deadline(words *locale.Language, key string, t time.Time) template.HTML {
	element := `<time class="rj-clock" datetime="` + machineTime(
		t,
	) + `">` + template.HTMLEscapeString(
		words.Moment(t),
	) + `</time>`
	before, after, _ := strings.Cut(template.HTMLEscapeString(words.Text(key)), "{time}")
	return template.HTML(before + element + after)
}

// pagePolicy allows what our pages need and nothing else; there is no script in them.
const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// frame is what every page needs around its content.
type frame struct {
	Lang    string // BCP 47
	Dir     string // ltr or rtl; empty: ltr
	Title   string
	Style   string // the style sheet besides base.css
	Private bool   // not for search engines
	searchable

	words *locale.Language // nil: English
}

// language is what the page's words are in.
func (f frame) language() *locale.Language {
	if f.words == nil {
		return locale.Languages()[0]
	}
	return f.words
}

// render writes a page. It renders into memory first: an error leaves the answer untouched, so that nobody is
// served half a page.
func (s *Server) render(c *gin.Context, status int, page string, view localized) error {
	c.Header("Content-Security-Policy", pagePolicy)
	return s.renderUnder(c, status, page, view)
}

// renderUnder is render for a page with a policy of its own.
func (s *Server) renderUnder(c *gin.Context, status int, page string, view localized) error {
	body, err := execute(page, view)
	endRendering(c)
	if err != nil {
		return err
	}
	defer s.pageRoom.send(clientSource(c), len(body), nil)()
	c.Data(status, htmlType, body)
	return nil
}

// noteProblem records a problem that a page explains in its own way.
func (s *Server) noteProblem(c *gin.Context, p Problem) {
	c.Set(keyProblem, p.Type)
	if p.retryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(p.retrySeconds()))
	}
}

// problemView is a page that says what went wrong.
type problemView struct {
	frame
	Problem Problem
	Wait    string // how long to wait, in words
	Kept    string // what the reader wrote
	Ways    []link // links to continue
}

// problemPage answers with a problem as a page.
func (s *Server) problemPage(c *gin.Context, p Problem) {
	s.problemPageKeeping(c, p, "")
}

// problemPageKeeping is problemPage for somebody who wrote something that must not be lost.
func (s *Server) problemPageKeeping(c *gin.Context, p Problem, kept string) {
	words := locale.Match(cmp.Or(c.GetString(keyLanguage), c.Query("lang")), c.GetHeader("Accept-Language"), "")
	p.Title, p.Detail = problemWords(p, words)
	p.Errors = slices.Clone(p.Errors)
	for i, fault := range p.Errors {
		p.Errors[i].Detail = faultWords(strings.TrimPrefix(fault.Pointer, "/"), fault, words)
	}
	err := s.render(c, p.Status, "problem", problemView{
		frame:   frame{Lang: words.Tag, Dir: words.Dir, words: words, Title: p.Title, Style: "page.css", Private: true},
		Problem: p, Wait: words.Wait(p.retryAfter), Kept: kept, Ways: s.waysBack(c, words),
	})
	if err != nil {
		s.Log.ErrorContext(c.Request.Context(), "problem page failed", "request_id", requestID(c), "err", err)
		c.String(http.StatusInternalServerError, "%s\n", kindInternal.detail)
	}
}

// problemWords are title and detail of a problem in a reader's language, as far as it has words for it. In
// English they are those of the table of problems.
func problemWords(p Problem, words *locale.Language) (title, detail string) {
	key := "problem." + strings.TrimPrefix(p.Type, problemPrefix)
	if words.Tag == "en" || !words.Has(key+".title") {
		return p.Title, p.Detail
	}
	return words.Text(key + ".title"), words.Text(key + ".detail")
}

// grouped writes a number with commas between thousands.
func grouped(n int) string { return locale.Languages()[0].Number(n) }

func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Pages have no script, so nobody knows the reader's time zone: times are UTC and say so.
func humanTime(t time.Time) string { return t.UTC().Format("2 January 2006 at 15:04 UTC") }

func humanDate(t time.Time) string { return t.UTC().Format("2 January 2006") }

// waitWords says a duration as people do, rounded up; empty for none.
func waitWords(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	if seconds := ceilDiv(d, time.Second); seconds < 60 {
		return plural(seconds, "second")
	}
	return plural(ceilDiv(d, time.Minute), "minute")
}

func ceilDiv(d, unit time.Duration) int { return int((d + unit - 1) / unit) }

// plural writes a number with its unit, for moderators.
func plural(n int, unit string) string { return locale.Plural(n, unit) }
