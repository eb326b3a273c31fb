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
	// firstBuffer is the initial buffer size of a body. The buffer doubles whenever it is full.
	firstBuffer = 4 << 10
	// smallBody is the maximum size of a body that may use the last quarter of Limits.Buffered, so that a few
	// large bodies cannot keep comments out.
	smallBody = 16 << 10
	// maxKeptForm bounds the form that the sign-in page carries after a session has expired. The page needs
	// up to five bytes for each byte of the form, and sends it back in up to three.
	maxKeptForm = 64 << 10
	// formExcess is the maximum size of a form of which the beginning is received, as a multiple of the limit.
	formExcess = 4
	// drains is how many bodies are received and discarded at once.
	drains = 4
	// keptCost is the total memory for each byte of such a form.
	keptCost = 10
)

// bodies counts the bytes of all bodies in memory.
type bodies struct {
	most     int64 // 0: no limit
	held     atomic.Int64
	refused  atomic.Uint64 // bodies
	drainage chan struct{} // one slot for each body that is being discarded
}

func newBodies(most int64) *bodies { return &bodies{most: most, drainage: make(chan struct{}, drains)} }

// reserve reserves n more bytes for a body that will then have size bytes; errOverload if there is no room.
func (b *bodies) reserve(n, size int64) error {
	most := b.most
	if size > smallBody {
		most -= most / 4
	}
	if held := b.held.Add(n); most > 0 && held > most {
		b.held.Add(-n)
		b.refused.Add(1)
		return httpio.ErrOverload
	}
	return nil
}

// drain receives and discards the rest of a body, since not every browser reads a response before it has sent
// everything. If many clients send unwanted bodies, most are not drained.
func (b *bodies) drain(body io.Reader) {
	select {
	case b.drainage <- struct{}{}:
		defer func() { <-b.drainage }()
		_, _ = io.Copy(io.Discard, io.LimitReader(body, console.MaxRulesetForm)) // a partial read does not matter
	default:
	}
}

// bodyLimit returns the maximum size of a body to receive. A handler may accept less.
func (s *Server) bodyLimit(f route.Flags) int64 {
	switch body := s.Config.Limits.Body; {
	case f.Has(route.LargeBody):
		return console.MaxRulesetForm
	case body > 0:
		return min(httpio.MaxBody, body)
	}
	return httpio.MaxBody
}

// keptLimit returns the maximum size of a form that the sign-in page carries, so that the page's own form
// fits into a body.
func (s *Server) keptLimit() int64 { return min(maxKeptForm, s.bodyLimit(route.SameOrigin)/4) }

// bufferBody waits for the whole body within the connection's deadlines, then lifts them: from here on the
// client is not what takes time. The deadlines stay if the body did not arrive, or if its rest would be
// waited for after the response.
func (s *Server) bufferBody(f route.Flags) gin.HandlerFunc {
	limit := s.bodyLimit(f)
	return func(c *gin.Context) {
		b := buffering{bodies: s.bodies}
		defer b.release()
		var err error
		if body := c.Request.Body; body != nil && body != http.NoBody {
			err = s.untilStop(c, func() error {
				if console.SignedOut(c) {
					return b.keep(c, s.keptLimit())
				}
				return b.receive(c, limit)
			})
		}
		if errors.Is(err, httpio.ErrOverload) || errors.Is(err, httpio.ErrStopping) {
			s.fail(c, err)
			return
		}
		if err == nil {
			// A writer without deadlines, as in tests, cannot lift them.
			_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
		}
		c.Next()
	}
}

// untilStop receives a body, and gives up at once when the server stops.
func (s *Server) untilStop(c *gin.Context, receive func() error) error {
	ended := make(chan struct{})
	cancel := context.AfterFunc(s.stopping, func() {
		defer close(ended)
		// A writer without deadlines, as in tests, cannot end a read.
		_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Unix(1, 0))
	})
	err := receive()
	if cancel() {
		return err
	}
	<-ended // no deadline is set later, which would end the request
	if err != nil {
		return httpio.ErrStopping
	}
	return nil
}

// buffering is the memory reserved for one body.
type buffering struct {
	bodies *bodies
	held   int64
}

func (b *buffering) reserve(n, size int64) error {
	err := b.bodies.reserve(n, size)
	if err == nil {
		b.held += n
	}
	return err
}

func (b *buffering) release() { b.bodies.held.Add(-b.held) }

// receive buffers the body up to the limit, and returns the error that followed it. A body that announces
// more is not read: with Expect, the client need not even send it. Of a form that is somewhat too large, the
// beginning is read, since its writer gets it back.
func (b *buffering) receive(c *gin.Context, limit int64) error {
	most, acceptable := limit, limit
	if isForm(c) {
		acceptable = formExcess * limit
	}
	if c.Request.ContentLength > acceptable {
		err := &http.MaxBytesError{Limit: limit}
		c.Request.Body = &httpio.Received{Err: err}
		c.Header("Connection", "close") // otherwise the response waits for the body
		return err
	}
	if announced := c.Request.ContentLength; announced >= 0 {
		most = min(most, announced)
	}
	raw, err := b.readAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit), most)
	c.Request.Body = &httpio.Received{Raw: raw, Err: slow(err)}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func isForm(c *gin.Context) bool {
	switch strings.ToLower(c.ContentType()) {
	case "application/x-www-form-urlencoded", "multipart/form-data":
		return true
	}
	return false
}

// keep receives a form for the sign-in page to carry, and reserves the memory that the page needs.
func (b *buffering) keep(c *gin.Context, limit int64) error {
	body := c.Request.Body
	err := b.receive(c, limit)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return b.reserve((keptCost-1)*b.held, keptCost*b.held)
	case errors.As(err, &tooLarge):
		b.bodies.drain(body)
	}
	return err
}

// readAll reads until an error, which it returns; at the end, that is io.EOF. It reads at most most bytes,
// and reserves memory as they arrive: an announced length costs nothing.
func (b *buffering) readAll(from io.Reader, most int64) ([]byte, error) {
	var raw []byte
	for {
		if size := int64(len(raw)); len(raw) == cap(raw) && size < most {
			larger := min(most, max(firstBuffer, 2*size))
			if err := b.reserve(larger-size, larger); err != nil {
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

// slow returns the error for a body that did not arrive in time.
func slow(err error) error {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return fmt.Errorf("%w: %w", httpio.ErrTooSlow, err)
	}
	return err
}
