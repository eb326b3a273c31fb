package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
	"rejoinder/handlers/reader"
)

// waysBack returns the links of an error page: to the page it was reached from, and to the queue or thread
// that its URL belongs to; if there are none, to the home page.
func (s *Server) waysBack(c *gin.Context, words *locale.Language) []page.Link {
	var ways []page.Link
	main := s.mainWay(c, words)
	if from := s.cameFrom(c); from != "" && from != main.Href {
		ways = append(ways, page.Link{Text: words.Text("problem.back"), Href: from})
	}
	if main.Href != "" {
		ways = append(ways, main)
	}
	if len(ways) == 0 && c.Request.URL.Path != reader.HomePath {
		ways = append(ways, page.Link{Text: words.Text("problem.home"), Href: reader.HomePath})
	}
	return ways
}

// mainWay links to the queue from the console's pages, and to the thread if the URL names an article.
func (s *Server) mainWay(c *gin.Context, words *locale.Language) page.Link {
	values := c.Request.URL.Query()
	if form, ok := c.Value(httpio.KeyForm).(url.Values); ok {
		values = form
	}
	if path := c.Request.URL.Path; path == httpio.ConsolePath || strings.HasPrefix(path, httpio.ConsolePath+"/") {
		if c.Request.Method == http.MethodGet {
			return page.Link{Text: words.Text("problem.queue"), Href: httpio.ConsolePath}
		}
		return page.Link{Text: words.Text("problem.queue"), Href: s.console.queue.WayBack(c, values).Address()}
	}
	at := page.ParseThreadURL(c.Param("site"), values).Start()
	at.Article = httpio.Printable(at.Article)
	if at.Site == "" || at.Article == "" || at.Path == c.Request.URL.Path {
		return page.Link{}
	}
	if s.reader.threads.IsDemo(at) {
		at.Path = page.DemoPath
	}
	return page.Link{Text: words.Text("problem.thread"), Href: at.Address("")}
}

// cameFrom returns the URL of the page of this server that the browser came from; empty for other origins,
// and for pages that can't be requested again.
func (s *Server) cameFrom(c *gin.Context) string {
	from, err := url.Parse(c.GetHeader("Referer"))
	if err != nil || from.Host != c.Request.Host || !s.isPage(from.Path) ||
		from.RequestURI() == c.Request.URL.RequestURI() {
		return ""
	}
	return (&url.URL{Path: from.Path, RawQuery: from.RawQuery}).String()
}

// isPage reports whether a browser can request a path.
func (s *Server) isPage(path string) bool {
	parts := strings.Split(path, "/")
	for _, r := range s.routes() {
		if r.Method == http.MethodGet && !strings.HasPrefix(r.Path, "/api/") && fits(strings.Split(r.Path, "/"), parts) {
			return true
		}
	}
	return false
}

// fits reports whether a path matches a route's pattern, part by part.
func fits(pattern, parts []string) bool {
	if len(pattern) != len(parts) {
		return false
	}
	for i, part := range pattern {
		if part != parts[i] && (!strings.HasPrefix(part, ":") || parts[i] == "") {
			return false
		}
	}
	return true
}
