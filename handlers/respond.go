package handlers

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// answer writes a JSON answer. Answers to single persons are never kept by caches; cacheable ones set their own header
// before.
func answer(c *gin.Context, status int, body any) {
	if c.Writer.Header().Get("Cache-Control") == "" {
		c.Header("Cache-Control", "no-store")
	}
	writeJSON(c, status, "application/json; charset=utf-8", body)
}

// writeJSON encodes before it writes, so that what can't be encoded becomes no half answer.
func writeJSON(c *gin.Context, status int, contentType string, body any) {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic("answer cannot be encoded: " + err.Error())
	}
	c.Data(status, contentType, buf.Bytes())
}

// wantsPage reports whether the request came from a browser's address bar or a plain form, on a route with pages.
func wantsPage(c *gin.Context) bool {
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		return false
	}
	return strings.Contains(c.GetHeader("Accept"), "text/html")
}

// seeOther sends a browser on after a form was taken, so that reloading does not send it again.
func seeOther(c *gin.Context, to string) {
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, to)
}
