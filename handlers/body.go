package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/console"
	"rejoinder/handlers/httpio"
	"rejoinder/handlers/route"
)

const (
	// firstBuffer is the initial size of a body's buffer, which doubles when it is full.
	firstBuffer = 4 << 10
	// smallBody is the maximum size of a body that may use the last quarter of Limits.Buffered, so that a few
	// large bodies cannot keep comments out.
	smallBody = 16 << 10
	// maxResumableForm bounds the form that the sign-in page carries after a session has expired. The page needs
	// up to five bytes for each byte of the form, and sends it back in up to three.
	maxResumableForm = 64 << 10
	// resumableFormCost is the memory needed for each byte of such a form.
	resumableFormCost = 10
	// oversizedForm is how many times the limit a form may exceed so that its beginning is still read.
	oversizedForm = 4
	// maxDrains bounds how many bodies are received and discarded at the same time.
	maxDrains = 4
)

// bodyLimit returns the maximum size of a body. A handler may accept less.
func (s *Server) bodyLimit(f route.Flags) int64 {
	switch limit := s.Config.Limits.Body; {
	case f.Has(route.LargeBody):
		return console.MaxRulesetForm
	case limit > 0:
		return min(httpio.MaxBody, limit)
	}
	return httpio.MaxBody
}

// resumableFormLimit returns the maximum size of a form that the sign-in page carries, so that the page's own
// form fits into a body.
func (s *Server) resumableFormLimit() int64 {
	return min(maxResumableForm, s.bodyLimit(0)/4)
}

// bufferBody reads the body into memory within the connection's read deadline, then lifts the deadline: from
// here on, the time is the handler's. The deadline stays if the body did not arrive, since the server may
// read the rest of it after the response.
func (s *Server) bufferBody(f route.Flags) gin.HandlerFunc {
	limit := s.bodyLimit(f)
	return func(c *gin.Context) {
		if f.Has(route.Upload) && !console.SignedOut(c) {
			// Test writers without deadlines return errors.
			_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
			_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Time{})
			c.Next()
			return
		}
		b := bodyBuffer{budget: s.bodies}
		defer b.release()
		var err error
		if body := c.Request.Body; body != nil && body != http.NoBody {
			err = s.unlessStopping(c, func() error {
				if console.SignedOut(c) {
					return b.readResumable(c, s.resumableFormLimit())
				}
				return b.read(c, limit)
			})
		}
		if errors.Is(err, httpio.ErrOverload) || errors.Is(err, httpio.ErrStopping) {
			s.fail(c, err)
			return
		}
		if err == nil {
			// Test writers without deadlines return an error.
			_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
		}
		c.Next()
	}
}

// unlessStopping runs read, and aborts it when the server stops.
func (s *Server) unlessStopping(c *gin.Context, read func() error) error {
	aborted := make(chan struct{})
	cancel := context.AfterFunc(s.stopping, func() {
		defer close(aborted)
		// Test writers without deadlines return an error.
		_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Unix(1, 0))
	})
	err := read()
	if cancel() {
		return err
	}
	<-aborted // otherwise the deadline could be set later, and break the connection
	if err != nil {
		return httpio.ErrStopping
	}
	return nil
}

// bodyBudget limits the memory of all bodies.
type bodyBudget struct {
	limit    int64 // bytes; 0: no limit
	reserved atomic.Int64
	refused  atomic.Uint64 // bodies
	drains   chan struct{} // one for each body that is being discarded
}

func newBodyBudget(limit int64) *bodyBudget {
	return &bodyBudget{limit: limit, drains: make(chan struct{}, maxDrains)}
}

// reserve reserves n more bytes for a body that will then have size bytes. Error: httpio.ErrOverload.
func (b *bodyBudget) reserve(n, size int64) error {
	limit := b.limit
	if size > smallBody {
		limit -= limit / 4
	}
	if reserved := b.reserved.Add(n); limit > 0 && reserved > limit {
		b.reserved.Add(-n)
		b.refused.Add(1)
		return httpio.ErrOverload
	}
	return nil
}

// drain receives and discards the rest of a body, because some browsers read no response before they have
// sent everything. While maxDrains bodies are being drained, it does nothing.
func (b *bodyBudget) drain(body io.Reader) {
	select {
	case b.drains <- struct{}{}:
		defer func() { <-b.drains }()
		_, _ = io.Copy(io.Discard, io.LimitReader(body, console.MaxRulesetForm)) // a partial read does not matter
	default:
	}
}

// bodyBuffer reads one body and holds its share of the budget.
type bodyBuffer struct {
	budget   *bodyBudget
	reserved int64
}

func (b *bodyBuffer) reserve(n, size int64) error {
	err := b.budget.reserve(n, size)
	if err == nil {
		b.reserved += n
	}
	return err
}

func (b *bodyBuffer) release() { b.budget.reserved.Add(-b.reserved) }

// read replaces the request's body by a buffer of at most limit bytes, and returns the error after them, if
// any. A body whose Content-Length exceeds the limit is not read, so a client that sends Expect need not send
// it. A form may exceed the limit by a factor of oversizedForm: its beginning is read, because the page shows
// its author what they wrote.
func (b *bodyBuffer) read(c *gin.Context, limit int64) error {
	size, acceptable := limit, limit
	if isForm(c) {
		acceptable = oversizedForm * limit
	}
	if c.Request.ContentLength > acceptable {
		err := &http.MaxBytesError{Limit: limit}
		c.Request.Body = &httpio.BufferedBody{Err: err}
		c.Header("Connection", "close") // otherwise the response waits for the body
		return err
	}
	if announced := c.Request.ContentLength; announced >= 0 {
		size = min(size, announced)
	}
	raw, err := b.readAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit), size)
	c.Request.Body = &httpio.BufferedBody{Bytes: raw, Err: asReadTimeout(err)}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// readResumable reads a form for the sign-in page to carry, and reserves the memory that the page needs.
func (b *bodyBuffer) readResumable(c *gin.Context, limit int64) error {
	body := c.Request.Body
	err := b.read(c, limit)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return b.reserve((resumableFormCost-1)*b.reserved, resumableFormCost*b.reserved)
	case errors.As(err, &tooLarge):
		b.budget.drain(body)
	}
	return err
}

// readAll reads up to size bytes, and one more to see whether the body ends there. It always returns an
// error, which is io.EOF for a complete body. It reserves memory as bytes arrive, not for the announced size.
func (b *bodyBuffer) readAll(from io.Reader, size int64) ([]byte, error) {
	var raw []byte
	for {
		if n := int64(len(raw)); len(raw) == cap(raw) && n < size {
			larger := min(size, max(firstBuffer, 2*n))
			if err := b.reserve(larger-n, larger); err != nil {
				return raw, err
			}
			raw = append(make([]byte, 0, larger), raw...)
		}
		if len(raw) == cap(raw) { // only the end is expected
			var one [1]byte
			n, err := from.Read(one[:])
			if raw = append(raw, one[:n]...); err != nil {
				return raw, err
			}
			continue
		}
		n, err := from.Read(raw[len(raw):cap(raw)])
		if raw = raw[:len(raw)+n]; err != nil {
			return raw, err
		}
	}
}

func isForm(c *gin.Context) bool {
	switch strings.ToLower(c.ContentType()) {
	case "application/x-www-form-urlencoded", "multipart/form-data":
		return true
	}
	return false
}

// asReadTimeout wraps timeouts of the connection in httpio.ErrReadTimeout.
func asReadTimeout(err error) error {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return fmt.Errorf("%w: %w", httpio.ErrReadTimeout, err)
	}
	return err
}
