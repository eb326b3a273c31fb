package handlers

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pages are all templates, parsed once. A page is the template of that name.
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"asset":       assetAddress,
	"countLine":   countLine,
	"humanDate":   humanDate,
	"humanTime":   humanTime,
	"machineTime": machineTime,
}).ParseFS(templateFiles, "templates/*.html"))

// pagePolicy allows what our pages need and nothing else; there is no script in them.
const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"

// frame is what every page needs around its content.
type frame struct {
	Lang    string // BCP 47
	Title   string
	Style   string // the style sheet besides base.css
	Private bool   // not for search engines
}

// render writes a page. It renders into memory first: an error leaves the answer untouched, so that nobody is served
// half a page.
func (s *Server) render(c *gin.Context, status int, page string, view any) error {
	var buf bytes.Buffer
	if err := pages.ExecuteTemplate(&buf, page, view); err != nil {
		return fmt.Errorf("render page %s: %w", page, err)
	}
	policy := pagePolicy
	if page == "demo" {
		policy = demoPolicy
	}
	c.Header("Content-Security-Policy", policy)
	c.Data(status, "text/html; charset=utf-8", buf.Bytes())
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
}

// problemPage answers with a problem as a page.
func (s *Server) problemPage(c *gin.Context, p Problem) {
	s.problemPageKeeping(c, p, "")
}

// problemPageKeeping is problemPage for somebody who wrote something that must not be lost.
func (s *Server) problemPageKeeping(c *gin.Context, p Problem, kept string) {
	err := s.render(c, p.Status, "problem", problemView{
		frame:   frame{Lang: "en", Title: p.Title, Style: "page.css", Private: true},
		Problem: p, Wait: waitWords(p.retryAfter), Kept: kept,
	})
	if err != nil {
		s.Log.ErrorContext(c.Request.Context(), "problem page failed", "request_id", requestID(c), "err", err)
		c.String(http.StatusInternalServerError, "%s\n", kindInternal.detail)
	}
}

// countLine is the classic line of a blog post with comments.
func countLine(n int) string {
	if n == 1 {
		return "1 comment"
	}
	return grouped(n) + " comments"
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

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

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return grouped(n) + " " + unit + "s"
}
