package reader

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
)

// HomePath is the server's home page.
const HomePath = "/"

// homeView describes this server.
type homeView struct {
	page.Frame
	Demo bool
}

// Home describes the server to visitors of its bare URL.
func (h *Site) Home(c *gin.Context) error {
	words := locale.Match(c.Query("lang"), c.GetHeader("Accept-Language"), "")
	c.Header("Vary", "Accept-Language")
	c.Header("Cache-Control", "no-cache")
	return h.Renderer.Render(c, http.StatusOK, "home", homeView{
		Frame: page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Title: "Rejoinder", Style: "page.css", Private: true},
		Demo:  h.DemoOn,
	})
}

// readerSite serves the server's own pages.
type Site struct {
	Renderer *page.Renderer
	DemoOn   bool
}
