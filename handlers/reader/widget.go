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

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/pagecache"
	"rejoinder/web"
)

// widgetCaching lets browsers use the widget for five minutes, and for a day more while they revalidate it.
// Its URL is in other people's pages, so it contains no hash.
const widgetCaching = "public, max-age=300, stale-while-revalidate=86400"

// compressedWidget is the widget in every encoding.
type compressedWidget struct {
	bodies [pagecache.Encodings][]byte
	hash   string
}

// widget is compressed once, so at the best compression.
var widget = sync.OnceValue(func() compressedWidget {
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
	return compressedWidget{bodies: bodies, hash: hex.EncodeToString(sum[:8])}
})

// ServeWidget serves the widget to pages of any origin. It contains nothing secret, and its requests are
// checked per site.
func ServeWidget(c *gin.Context) error {
	module := widget()
	coding := pagecache.NegotiateEncoding(c.Request.Header.Values("Accept-Encoding"))
	header := c.Writer.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Cache-Control", widgetCaching)
	header.Set("Vary", "Accept-Encoding")
	tag := `"` + module.hash
	if coding != pagecache.EncodingIdentity {
		tag += "-" + pagecache.EncodingNames[coding]
	}
	tag += `"`
	header.Set("ETag", tag)
	if httpio.NotModified(c.Writer, c.Request, tag) {
		return nil
	}
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	if coding != pagecache.EncodingIdentity {
		header.Set("Content-Encoding", pagecache.EncodingNames[coding])
	}
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(module.bodies[coding]))
	return nil
}
