package bare

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Paths of the two responses.
const (
	PagePath  = "/page"
	EmptyPath = "/empty"
)

// Page is the response to PagePath.
type Page struct {
	Type     string // Content-Type
	Encoding string // Content-Encoding; empty means none
	Body     []byte
}

// Handler returns a handler without middleware. It serves page at PagePath and an empty 304 at EmptyPath.
func Handler(page Page) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET(PagePath, func(c *gin.Context) {
		if page.Encoding != "" {
			c.Header("Content-Encoding", page.Encoding)
		}
		c.Data(http.StatusOK, page.Type, page.Body)
	})
	engine.GET(EmptyPath, func(c *gin.Context) { c.Status(http.StatusNotModified) })
	return engine
}
