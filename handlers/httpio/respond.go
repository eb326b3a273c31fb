package httpio

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// JSONType is the Content-Type of JSON responses.
const JSONType = "application/json; charset=utf-8"

// JSON writes a JSON response, uncacheable unless the handler has set Cache-Control.
func JSON(c *gin.Context, status int, body any) {
	if c.Writer.Header().Get("Cache-Control") == "" {
		c.Header("Cache-Control", "no-store")
	}
	WriteJSON(c, status, JSONType, body)
}

// maxPooledBuffer is the capacity above which a buffer is not reused.
const maxPooledBuffer = 512 << 10

// responseBuffers are reused, since a page of the queue takes a hundred kilobytes.
var responseBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// WriteJSON writes a response of a JSON media type. It encodes first, so it never sends half a response.
func WriteJSON(c *gin.Context, status int, contentType string, body any) {
	encoded, release := EncodePooledJSON(body)
	defer release()
	c.Data(status, contentType, encoded)
}

// EncodeJSON encodes the body of a JSON response.
func EncodeJSON(body any) []byte {
	var buf bytes.Buffer
	encodeTo(&buf, body)
	return buf.Bytes()
}

// EncodePooledJSON is EncodeJSON into memory that is reused after release, which the caller must call.
func EncodePooledJSON(body any) (encoded []byte, release func()) {
	buf, _ := responseBuffers.Get().(*bytes.Buffer)
	buf.Reset()
	encodeTo(buf, body)
	return buf.Bytes(), func() {
		if buf.Cap() <= maxPooledBuffer {
			responseBuffers.Put(buf)
		}
	}
}

func encodeTo(buf *bytes.Buffer, body any) {
	encoder := json.NewEncoder(buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic("encode response: " + err.Error())
	}
}

// List responds with a whole list.
func List[T, R any](c *gin.Context, items []T, newResponse func(T) R) {
	Page(c, items, "", newResponse)
}

// Page responds with a page of a list. The cursor of the next page is empty on the last one.
func Page[T, R any](c *gin.Context, items []T, next string, newResponse func(T) R) {
	JSON(c, http.StatusOK, struct {
		Items      []R    `json:"items"`
		NextCursor string `json:"next_cursor,omitempty"`
	}{Items(items, newResponse), next})
}

// Items returns the responses of the items. It is never nil, because JSON encodes nil as null.
func Items[T, R any](items []T, newResponse func(T) R) []R {
	responses := make([]R, len(items))
	for i, item := range items {
		responses[i] = newResponse(item)
	}
	return responses
}

// OrNull returns nil, which JSON encodes as null, for an empty id.
func OrNull(id string) *string {
	if id == "" {
		return nil
	}
	return &id
}

// NoContent sends a response without a body.
func NoContent(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}

// maxLocation bounds the URL of a redirect, in bytes: many proxies refuse longer headers.
const maxLocation = 4 << 10

// SeeOther redirects after a form was processed, so that reloading does not send it again. A URL that is too
// long loses its query.
func SeeOther(c *gin.Context, to string) {
	if len(to) > maxLocation {
		to, _, _ = strings.Cut(to, "?")
	}
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, to)
}

// MatchesETag reports whether one of the If-None-Match fields names the tag. The comparison is weak (RFC
// 9110, section 13.1.2), because proxies that compress turn strong tags into weak ones.
func MatchesETag(fields []string, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for _, field := range fields {
		for element := range strings.SplitSeq(field, ",") {
			element = strings.TrimSpace(element)
			if element == "*" || strings.TrimPrefix(element, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// WantsHTML reports whether an error of this request is shown as a page: the client accepts HTML, and the
// route is not the API's.
func WantsHTML(c *gin.Context) bool {
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		return false
	}
	return strings.Contains(c.GetHeader("Accept"), "text/html")
}
