package handlers

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	// firstBuffer is how many bytes a body is given at first. It gets twice as many each time they are full.
	firstBuffer = 4 << 10
	// smallBody is the size up to which a body may take the last quarter of Limits.Buffered, so that a few large ones keep no
	// comment from being received.
	smallBody = 16 << 10
	// maxKeptForm bounds what the sign-in page carries of a form that came when the session was over. The page has it in up to
	// five bytes for one, and it comes back in up to three.
	maxKeptForm = 64 << 10
	// drains is how many bodies are received into nothing at once.
	drains = 4
	// keptCost is what a byte of such a form takes in memory, in all.
	keptCost = 10
)

// bodies counts the bytes of all bodies that are in memory.
type bodies struct {
	most     int64 // 0: no bound
	held     atomic.Int64
	refused  atomic.Uint64 // bodies
	drainage chan struct{} // a place for each body that is received into nothing
}

func newBodies(most int64) *bodies { return &bodies{most: most, drainage: make(chan struct{}, drains)} }

// reserve takes room for n more bytes of a body that will have size then; errOverload when there is none.
func (b *bodies) reserve(n, size int64) error {
	most := b.most
	if size > smallBody {
		most -= most / 4
	}
	if held := b.held.Add(n); most > 0 && held > most {
		b.held.Add(-n)
		b.refused.Add(1)
		return errOverload
	}
	return nil
}

// drain receives the rest of a body into nothing, since not every browser reads an answer before it has sent everything. When many
// send what nobody wants, most go without.
func (b *bodies) drain(body io.Reader) {
	select {
	case b.drainage <- struct{}{}:
		defer func() { <-b.drainage }()
		_, _ = io.Copy(io.Discard, io.LimitReader(body, maxRulesetForm)) // if it ends halfway, it is not missed
	default:
	}
}

// received is a body that has arrived, with the error that came behind it.
type received struct {
	raw  []byte
	read int
	err  error // io.EOF: it arrived whole
}

// Read implements io.Reader.
func (r *received) Read(p []byte) (int, error) {
	if r.read == len(r.raw) {
		return 0, r.err
	}
	n := copy(p, r.raw[r.read:])
	r.read += n
	return n, nil
}

// Close implements io.Closer.
func (*received) Close() error { return nil }

// readAll returns a body of at most limit bytes, or what came of it before the error.
func readAll(c *gin.Context, limit int64) ([]byte, error) {
	if r, ok := c.Request.Body.(*received); ok && r.read == 0 && int64(len(r.raw)) <= limit {
		r.read = len(r.raw) // it is not copied
		if errors.Is(r.err, io.EOF) {
			return r.raw, nil
		}
		return r.raw, r.err
	}
	return io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
}

// bodyLimit is how many bytes of a body are received. A handler may take fewer.
func (s *Server) bodyLimit(f flags) int64 {
	switch body := s.Config.Limits.Body; {
	case f.has(largeBody):
		return maxRulesetForm
	case body > 0:
		return min(maxBody, body)
	}
	return maxBody
}

// keptLimit is how many bytes a form may have that the sign-in page carries, so that the page's own form fits a body.
func (s *Server) keptLimit() int64 { return min(maxKeptForm, s.bodyLimit(sameOrigin)/4) }

// bufferBody waits for the whole body, as long as the connection's limits of time allow, and lifts these then: from here on it
// is not the client that takes the time. They stay when the body did not come, or its rest would be waited for after the answer.
func (s *Server) bufferBody(f flags) gin.HandlerFunc {
	limit := s.bodyLimit(f)
	return func(c *gin.Context) {
		b := buffering{bodies: s.bodies}
		defer b.release()
		var err error
		switch body := c.Request.Body; {
		case body == nil || body == http.NoBody:
		case signedOut(c):
			err = b.keep(c, s.keptLimit())
		default:
			err = b.receive(c, limit)
		}
		if errors.Is(err, errOverload) {
			s.fail(c, err)
			return
		}
		if err == nil {
			// A writer that has no limits, as in tests, cannot lift them.
			_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
		}
		c.Next()
	}
}

// buffering is the room that one body takes.
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

// receive puts the body into memory, up to the limit, and returns the error that came behind what there is.
func (b *buffering) receive(c *gin.Context, limit int64) error {
	most := limit
	if announced := c.Request.ContentLength; announced >= 0 {
		most = min(most, announced)
	}
	raw, err := b.readAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit), most)
	c.Request.Body = &received{raw: raw, err: slow(err)}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// keep receives a form that the sign-in page is to carry, with the room that the page takes.
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

// readAll reads until an error, which it returns; at the end, that is io.EOF. It expects no more than most bytes, and reserves
// the room for them as they arrive: what a client announces costs nothing.
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
		if len(raw) == cap(raw) { // nothing but the end is expected
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

// slow names the error of a body that did not arrive in time.
func slow(err error) error {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return fmt.Errorf("%w: %w", errTooSlow, err)
	}
	return err
}
