package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
)

// homePath is the server's home page.
const homePath = "/"

// homeView describes this server.
type homeView struct {
	frame
	Demo bool
}

// home describes the server to visitors of its bare URL.
func (s *Server) home(c *gin.Context) error {
	words := locale.Match(c.Query("lang"), c.GetHeader("Accept-Language"), "")
	c.Header("Vary", "Accept-Language")
	c.Header("Cache-Control", "no-cache")
	return s.render(c, http.StatusOK, "home", homeView{
		frame: frame{Lang: words.Tag, Dir: words.Dir, words: words, Title: "Rejoinder", Style: "page.css", Private: true},
		Demo:  s.Config.Demo,
	})
}

// waysBack returns the links of an error page: to the page it was reached from, and to the queue or thread
// that its URL belongs to; if there are none, to the home page.
func (s *Server) waysBack(c *gin.Context, words *locale.Language) []link {
	var ways []link
	main := s.mainWay(c, words)
	if from := s.cameFrom(c); from != "" && from != main.Href {
		ways = append(ways, link{Text: words.Text("problem.back"), Href: from})
	}
	if main.Href != "" {
		ways = append(ways, main)
	}
	if len(ways) == 0 && c.Request.URL.Path != homePath {
		ways = append(ways, link{Text: words.Text("problem.home"), Href: homePath})
	}
	return ways
}

// mainWay links to the queue from the console's pages, and to the thread if the URL names an article.
func (s *Server) mainWay(c *gin.Context, words *locale.Language) link {
	values := c.Request.URL.Query()
	if form, ok := c.Value(keyForm).(url.Values); ok {
		values = form
	}
	if path := c.Request.URL.Path; path == consolePath || strings.HasPrefix(path, consolePath+"/") {
		if c.Request.Method == http.MethodGet {
			return link{Text: words.Text("problem.queue"), Href: consolePath}
		}
		return link{Text: words.Text("problem.queue"), Href: s.wayBack(c, values).address()}
	}
	at := placeOf(c.Param("site"), values).start()
	at.article = printable(at.article)
	if at.site == "" || at.article == "" || at.path == c.Request.URL.Path {
		return link{}
	}
	if s.isDemo(at) {
		at.path = demoPath
	}
	return link{Text: words.Text("problem.thread"), Href: at.address("")}
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
		if r.method == http.MethodGet && !strings.HasPrefix(r.path, "/api/") && fits(strings.Split(r.path, "/"), parts) {
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
