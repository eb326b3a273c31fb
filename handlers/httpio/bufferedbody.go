package httpio

import (
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// BufferedBody is a request body in memory. It implements io.ReadCloser.
type BufferedBody struct {
	Bytes []byte
	Err   error // returned after Bytes; io.EOF if the body is complete

	offset int
}

// Read implements io.Reader.
func (b *BufferedBody) Read(p []byte) (int, error) {
	if b.offset == len(b.Bytes) {
		return 0, b.Err
	}
	n := copy(p, b.Bytes[b.offset:])
	b.offset += n
	return n, nil
}

// Close implements io.Closer.
func (*BufferedBody) Close() error { return nil }

// readAll returns a body of at most limit bytes, or the part before the error. It does not copy a
// BufferedBody.
func readAll(c *gin.Context, limit int64) ([]byte, error) {
	if b, ok := c.Request.Body.(*BufferedBody); ok && b.offset == 0 && int64(len(b.Bytes)) <= limit {
		b.offset = len(b.Bytes)
		if errors.Is(b.Err, io.EOF) {
			return b.Bytes, nil
		}
		return b.Bytes, b.Err
	}
	return io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
}
