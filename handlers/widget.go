package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/web"
)

// widgetCaching lets a browser use the widget for some minutes without asking, and a day more while it asks: its name
// stands in other people's pages, so it holds no hash.
const widgetCaching = "public, max-age=300, stale-while-revalidate=86400"

// widgetModule is the widget as it is sent.
type widgetModule struct {
	content []byte
	hash    string
}

var theWidget = sync.OnceValue(func() widgetModule {
	content := []byte(web.Widget())
	sum := sha256.Sum256(content)
	return widgetModule{content: content, hash: hex.EncodeToString(sum[:8])}
})

// embed serves the widget to pages of any origin: it holds nothing secret, and what it asks for is guarded by site.
func (s *Server) embed(c *gin.Context) error {
	module := theWidget()
	header := c.Writer.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Cache-Control", widgetCaching)
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	header.Set("ETag", `"`+module.hash+`"`)
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(module.content))
	return nil
}
