package reader

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/page"
)

// Site serves the server's home page.
type Site struct {
	Renderer *page.Renderer
	DemoOn   bool
}

// HomePath is the server's home page.
const HomePath = "/"

// homeView is the home page.
type homeView struct {
	page.Frame
	Demo bool
}

// Home serves the home page.
func (h *Site) Home(c *gin.Context) error {
	words := locale.Match(c.Query("lang"), c.GetHeader("Accept-Language"), "")
	c.Header("Vary", "Accept-Language")
	c.Header("Cache-Control", "no-cache")
	return h.Renderer.Render(c, http.StatusOK, "home", homeView{
		Frame: page.Frame{Lang: words.Tag, Dir: words.Dir, Locale: words, Title: "Rejoinder", Style: "page.css", Private: true},
		Demo:  h.DemoOn,
	})
}
