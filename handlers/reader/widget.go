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

// compressedModule is a module of the widget in every encoding.
type compressedModule struct {
	bodies [pagecache.Encodings][]byte
	hash   string
}

var (
	widget   = sync.OnceValue(func() compressedModule { return compressModule(web.Widget()) })
	composer = sync.OnceValue(func() compressedModule { return compressModule(web.Composer()) })
	identity = sync.OnceValue(func() compressedModule { return compressModule(web.Identity()) })
)

// compressModule compresses a module at the best compression, since that is done once.
func compressModule(module string) compressedModule {
	content := []byte(module)
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
	return compressedModule{bodies: bodies, hash: hex.EncodeToString(sum[:8])}
}

// ServeWidget serves the widget to pages of any origin. It contains nothing secret, and its requests are
// checked per site.
func ServeWidget(c *gin.Context) error { return serveModule(c, widget()) }

// ServeComposer serves the module that the widget loads when somebody begins to write.
func ServeComposer(c *gin.Context) error { return serveModule(c, composer()) }

// ServeIdentity serves the module that the widget loads when the page signs a reader in.
func ServeIdentity(c *gin.Context) error { return serveModule(c, identity()) }

func serveModule(c *gin.Context, module compressedModule) error {
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
	c.Request.Header.Del("Range") // http.ServeContent would reject an invalid range in plain text
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(module.bodies[coding]))
	return nil
}
