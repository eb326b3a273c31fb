package reader

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/gin-gonic/gin"

	"rejoinder/handlers/pagecache"
	"rejoinder/web"
)

// widgetCaching lets a browser use the widget for some minutes without asking, and a day more while it asks:
// its name stands in other people's pages, so it holds no hash.
const widgetCaching = "public, max-age=300, stale-while-revalidate=86400"

// widgetModule is the widget as it is sent, in every coding.
type widgetModule struct {
	bodies [pagecache.Encodings][]byte
	hash   string
}

// theWidget is compressed once, and so as small as it gets.
var theWidget = sync.OnceValue(func() widgetModule {
	content := []byte(web.Widget())
	bodies := pagecache.Compress(content)
	var br bytes.Buffer
	w := brotli.NewWriterLevel(&br, brotli.BestCompression)
	if _, err := w.Write(content); err != nil {
		panic("compress in memory: " + err.Error())
	}
	if err := w.Close(); err != nil {
		panic("compress in memory: " + err.Error())
	}
	bodies[pagecache.EncodingBrotli] = br.Bytes()
	sum := sha256.Sum256(content)
	return widgetModule{bodies: bodies, hash: hex.EncodeToString(sum[:8])}
})

// embed serves the widget to pages of any origin: it holds nothing secret, and what it asks for is guarded by
// site.
func ServeWidget(c *gin.Context) error {
	module := theWidget()
	coding := pagecache.NegotiateEncoding(c.Request.Header.Values("Accept-Encoding"))
	header := c.Writer.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Cache-Control", widgetCaching)
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	header.Set("Vary", "Accept-Encoding")
	tag := module.hash
	if coding != pagecache.EncodingIdentity {
		header.Set("Content-Encoding", pagecache.EncodingNames[coding])
		tag += "-" + pagecache.EncodingNames[coding]
	}
	header.Set("ETag", `"`+tag+`"`)
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(module.bodies[coding]))
	return nil
}
