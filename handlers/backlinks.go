package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/reader"
	"rejoinder/handlers/route"
)

// backLinks returns the links of an error page: to the previous page, and to the queue or thread that the URL
// belongs to. If there are none, it links to the home page.
func (s *Server) backLinks(c *gin.Context, words *locale.Language) []page.Link {
	var links []page.Link
	primary := s.primaryLink(c, words)
	if referer := s.refererPath(c); referer != "" && referer != primary.Href {
		links = append(links, page.Link{Text: words.Text("problem.back"), Href: referer})
	}
	if primary.Href != "" {
		links = append(links, primary)
	}
	if len(links) == 0 && c.Request.URL.Path != reader.HomePath && !isCommentPage(c) {
		links = append(links, page.Link{Text: words.Text("problem.home"), Href: reader.HomePath})
	}
	return links
}

// isCommentPage reports whether the URL is about one comment. Its readers have no use for the home page, and a link
// to the article would tell whether the comment exists.
func isCommentPage(c *gin.Context) bool { return strings.HasPrefix(c.FullPath(), "/comments/:id") }

// primaryLink returns the link to the queue for pages of the console, and to the thread for URLs with an article.
func (s *Server) primaryLink(c *gin.Context, words *locale.Language) page.Link {
	values := c.Request.URL.Query()
	if form, ok := httpio.ReceivedForm(c); ok {
		values = form
	}
	if path := c.Request.URL.Path; path == console.RootPath || strings.HasPrefix(path, console.RootPath+"/") {
		if c.Request.Method == http.MethodGet {
			return page.Link{Text: words.Text("problem.queue"), Href: console.RootPath}
		}
		return page.Link{Text: words.Text("problem.queue"), Href: s.console.queue.ReturnURL(c, values)}
	}
	thread := page.ParseThreadURL(c.Param("site"), values).FirstPage()
	thread.Article = httpio.Printable(thread.Article)
	if thread.Site == "" || thread.Article == "" || thread.Path == c.Request.URL.Path {
		return page.Link{}
	}
	if s.reader.threads.IsDemo(thread) {
		thread.Path = page.DemoPath
	}
	return page.Link{Text: words.Text("problem.thread"), Href: thread.Link("")}
}

// refererPath returns path and query of the previous page; empty if it belongs to another origin, or cannot
// be requested again.
func (s *Server) refererPath(c *gin.Context) string {
	from, err := url.Parse(c.GetHeader("Referer"))
	if err != nil || from.Host != c.Request.Host || !s.pages.contain(from.Path) ||
		from.RequestURI() == c.Request.URL.RequestURI() {
		return ""
	}
	return (&url.URL{Path: from.Path, RawQuery: from.RawQuery}).String()
}

// pagePaths are the path patterns of all pages that browsers can request, split into segments.
type pagePaths [][]string

func newPagePaths(routes []route.Route) (paths pagePaths) {
	for _, r := range routes {
		if r.Method == http.MethodGet && !strings.HasPrefix(r.Path, "/api/") {
			paths = append(paths, strings.Split(r.Path, "/"))
		}
	}
	return paths
}

// contain reports whether a path matches one of the patterns.
func (p pagePaths) contain(path string) bool {
	segments := strings.Split(path, "/")
	return slices.ContainsFunc(p, func(pattern []string) bool { return matchesPattern(pattern, segments) })
}

func matchesPattern(pattern, segments []string) bool {
	return slices.EqualFunc(pattern, segments, func(p, segment string) bool {
		return p == segment || strings.HasPrefix(p, ":") && segment != ""
	})
}
