package httpio

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// JSON writes a JSON response. Responses to single persons are never kept by caches; cacheable ones set their
// own header before.
func JSON(c *gin.Context, status int, body any) {
	if c.Writer.Header().Get("Cache-Control") == "" {
		c.Header("Cache-Control", "no-store")
	}
	WriteJSON(c, status, JsonType, body)
}

// HasCurrent reports whether an If-None-Match names the tag. Comparison is weak, as RFC 9110 (section 13.1.2)
// asks: proxies that compress make a strong tag weak.
func HasCurrent(fields []string, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for _, field := range fields {
		for one := range strings.SplitSeq(field, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// NoContent is the answer when there is nothing to say.
func NoContent(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}

// OrNull is how an id that may be missing appears in JSON.
func OrNull(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}

const JsonType = "application/json; charset=utf-8"

// answers are the buffers of answers that were sent: a page of the queue takes a hundred kilobytes.
var answers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxAnswerKept bounds the buffers that wait for another answer.
const maxAnswerKept = 512 << 10

// WriteJSON encodes before it writes, so that what can't be encoded becomes no half answer.
func WriteJSON(c *gin.Context, status int, contentType string, body any) {
	buf, _ := answers.Get().(*bytes.Buffer)
	buf.Reset()
	encodeInto(buf, body)
	c.Data(status, contentType, buf.Bytes())
	if buf.Cap() <= maxAnswerKept {
		answers.Put(buf)
	}
}

func EncodeJSON(body any) []byte {
	var buf bytes.Buffer
	encodeInto(&buf, body)
	return buf.Bytes()
}

func encodeInto(buf *bytes.Buffer, body any) {
	encoder := json.NewEncoder(buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic("answer cannot be encoded: " + err.Error())
	}
}

// WantsPage reports whether the request came from a browser's address bar or a plain form, on a route with
// pages.
func WantsPage(c *gin.Context) bool {
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		return false
	}
	return strings.Contains(c.GetHeader("Accept"), "text/html")
}

// maxLocation bounds the URL of a redirect, in bytes: proxies take no header much longer.
const maxLocation = 4 << 10

// SeeOther sends a browser on after a form was taken, so that reloading does not send it again. A URL that
// repeats too much of the request loses its query.
func SeeOther(c *gin.Context, to string) {
	if len(to) > maxLocation {
		to, _, _ = strings.Cut(to, "?")
	}
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, to)
}
