package bare

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Addresses of the two answers.
const (
	PagePath  = "/page"
	EmptyPath = "/empty"
)

// Page is the answer to PagePath.
type Page struct {
	Type     string // Content-Type
	Encoding string // Content-Encoding; empty: none
	Body     []byte
}

// Handler sends page at PagePath and an empty answer, 304 like a page that has not changed, at EmptyPath.
// There is no middleware.
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
