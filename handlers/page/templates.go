package page

import (
	"cmp"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/pagecache"
)

//go:embed templates/*.html templates/console/*.html
var templateFiles embed.FS

// templatesIn returns all templates, parsed once and then once for each language that is asked for. A page is
// the template of that name.
func templatesIn(words *locale.Language) *template.Template { return translated[words]() }

var parsed = template.Must(
	template.New("").Funcs(templateWords(locale.Languages()[0])).ParseFS(
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
		"humanDate":   HumanDate,
		"humanTime":   HumanTime,
		"machineTime": MachineTime,
		"plural":      Plural,
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
	element := `<time class="rj-clock" datetime="` + MachineTime(
		t,
	) + `">` + template.HTMLEscapeString(words.Moment(t)) + `</time>`
	before, after, _ := strings.Cut(template.HTMLEscapeString(words.Text(key)), "{time}")
	return template.HTML(before + element + after)
}

// PagePolicy allows what our pages need and nothing else; there is no script in them.
const PagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// Frame is what every page needs around its content.
type Frame struct {
	Lang    string // BCP 47
	Dir     string // ltr or rtl; empty: ltr
	Title   string
	Style   string // the style sheet besides base.css
	Private bool   // not for search engines
	Searchable

	Locale *locale.Language // nil: English
}

// language is what the page's words are in.
func (f Frame) language() *locale.Language {
	if f.Locale == nil {
		return locale.Languages()[0]
	}
	return f.Locale
}

// Render writes a page. It renders into memory first: an error leaves the answer untouched, so that nobody is
// served half a page.
func (r *Renderer) Render(c *gin.Context, status int, page string, view Localized) error {
	c.Header("Content-Security-Policy", PagePolicy)
	return r.RenderUnder(c, status, page, view)
}

// RenderUnder is render for a page with a policy of its own.
func (r *Renderer) RenderUnder(c *gin.Context, status int, page string, view Localized) error {
	body, err := Execute(page, view)
	pagecache.EndRendering(c)
	if err != nil {
		return err
	}
	defer r.RenderLimiter.Send(httpio.ClientSource(c), len(body), nil)()
	c.Data(status, HTMLType, body)
	return nil
}

// problemView is a page that says what went wrong.
type problemView struct {
	Frame
	Problem httpio.Problem
	Wait    string // how long to wait, in words
	Kept    string // what the reader wrote
	Ways    []Link // links to continue
}

// Problem answers with a problem as a page.
func (r *Renderer) Problem(c *gin.Context, p httpio.Problem) {
	r.ProblemKeeping(c, p, "")
}

// ProblemKeeping is problemPage for somebody who wrote something that must not be lost.
func (r *Renderer) ProblemKeeping(c *gin.Context, p httpio.Problem, kept string) {
	words := locale.Match(cmp.Or(c.GetString(httpio.KeyLanguage), c.Query("lang")), c.GetHeader("Accept-Language"), "")
	p.Title, p.Detail = ProblemWords(p, words)
	p.Errors = slices.Clone(p.Errors)
	for i, fault := range p.Errors {
		p.Errors[i].Detail = FaultWords(strings.TrimPrefix(fault.Pointer, "/"), fault, words)
	}
	err := r.Render(c, p.Status, "problem", problemView{
		Frame:   Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Title: p.Title, Style: "page.css", Private: true},
		Problem: p, Wait: words.Wait(p.RetryAfter), Kept: kept, Ways: r.BackLinks(c, words),
	})
	if err != nil {
		r.Log.ErrorContext(c.Request.Context(), "problem page failed", "request_id", httpio.RequestID(c), "err", err)
		c.String(http.StatusInternalServerError, "%s\n", httpio.KindInternal.Detail)
	}
}

// ProblemWords are title and detail of a problem in a reader's language, as far as it has words for it. In
// English they are those of the table of problems.
func ProblemWords(p httpio.Problem, words *locale.Language) (title, detail string) {
	key := "problem." + strings.TrimPrefix(p.Type, httpio.ProblemPrefix)
	if words.Tag == "en" || !words.Has(key+".title") {
		return p.Title, p.Detail
	}
	return words.Text(key + ".title"), words.Text(key + ".detail")
}

// Grouped writes a number with commas between thousands.
func Grouped(n int) string { return locale.Languages()[0].Number(n) }

func MachineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Pages have no script, so nobody knows the reader's time zone: times are UTC and say so.
func HumanTime(t time.Time) string { return t.UTC().Format("2 January 2006 at 15:04 UTC") }

func HumanDate(t time.Time) string { return t.UTC().Format("2 January 2006") }

// WaitWords says a duration as people do, rounded up; empty for none.
func WaitWords(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	if seconds := ceilDiv(d, time.Second); seconds < 60 {
		return Plural(seconds, "second")
	}
	return Plural(ceilDiv(d, time.Minute), "minute")
}

func ceilDiv(d, unit time.Duration) int { return int((d + unit - 1) / unit) }

// Plural writes a number with its unit, for moderators.
func Plural(n int, unit string) string { return locale.Plural(n, unit) }

// Renderer writes pages.
type Renderer struct {
	// BackLinks returns the links of an error page.
	BackLinks     func(*gin.Context, *locale.Language) []Link
	Log           *slog.Logger
	RenderLimiter *pagecache.RenderLimiter
}
