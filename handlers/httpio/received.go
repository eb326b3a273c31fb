package httpio

import (
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// Received is a body that has arrived, with the error that followed it.
type Received struct {
	Raw  []byte
	read int
	Err  error // io.EOF: complete
}

// Read implements io.Reader.
func (r *Received) Read(p []byte) (int, error) {
	if r.read == len(r.Raw) {
		return 0, r.Err
	}
	n := copy(p, r.Raw[r.read:])
	r.read += n
	return n, nil
}

// Close implements io.Closer.
func (*Received) Close() error { return nil }

// readAll returns a body of at most limit bytes, or the part before the error.
func readAll(c *gin.Context, limit int64) ([]byte, error) {
	if r, ok := c.Request.Body.(*Received); ok && r.read == 0 && int64(len(r.Raw)) <= limit {
		r.read = len(r.Raw) // returned without a copy
		if errors.Is(r.Err, io.EOF) {
			return r.Raw, nil
		}
		return r.Raw, r.Err
	}
	return io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
}
