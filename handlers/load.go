package handlers

import (
	"bytes"
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

	"rejoinder/moderation"
)

// Limits bound what one request, and all requests at once, may take. A zero field sets no bound of its own.
type Limits struct {
	// Body is how many bytes a request's body may have. A ruleset's may have maxRulesetBody whatever this says.
	Body int64
	// Handler is how long an answer may be worked on, from when the request has arrived whole.
	Handler time.Duration
	// InFlight is how many requests may be worked on at once. Reads are refused when three quarters are taken, so that
	// readers in a crowd do not keep comments and decisions from being stored.
	InFlight int
}

// errOverload refuses a request because too many others are being worked on. It costs next to nothing, so that the server
// goes on answering as many as it can instead of all of them too late.
var errOverload = fmt.Errorf("too many requests at once: %w", moderation.ErrBusy)

// load counts the requests that are being worked on.
type load struct {
	most, mostReads int64 // 0: no bound
	inFlight        atomic.Int64
	shed            atomic.Uint64
}

func newLoad(most int) *load { return &load{most: int64(most), mostReads: int64(most - most/4)} }

// enter takes a place for a request, which must leave; false when there is none.
func (l *load) enter(read bool) bool {
	most := l.most
	if read {
		most = l.mostReads
	}
	if n := l.inFlight.Add(1); most > 0 && n > most {
		l.inFlight.Add(-1)
		l.shed.Add(1)
		return false
	}
	return true
}

func (l *load) leave() { l.inFlight.Add(-1) }

// Routes that are not bounded like others: looks at the node itself; streams, which have bounds of their own; and decisions
// on many comments, which take as long as these are many. What else may take long says so itself, by takeTime.
var (
	neverShed = map[string]bool{"/healthz": true, "/readyz": true}
	streaming = map[string]bool{"/api/v1/sites/:site/events": true, consoleEventsPath: true}
	takesLong = map[string]bool{
		"/api/v1/decisions": true, "/api/v1/bulk-decisions/:id/undo": true, "/console/bulk": true, "/console/bulk/:id/undo": true,
	}
)

// bounded puts the limits of a route before its handler. The body is received first: a client that sends it slowly keeps
// nobody from a place.
func (s *Server) bounded(r route) []gin.HandlerFunc {
	limit := s.bodyLimit(r.path)
	chain := []gin.HandlerFunc{func(c *gin.Context) { receive(c, limit) }}
	if !neverShed[r.path] && !streaming[r.path] {
		chain = append(chain, s.admit)
	}
	if s.Config.Limits.Handler > 0 && !streaming[r.path] && !takesLong[r.path] {
		chain = append(chain, s.hurry)
	}
	return chain
}

// bodyLimit is how many bytes of a body are received. A handler may take fewer.
func (s *Server) bodyLimit(path string) int64 {
	// The console's forms may hold a ruleset, too.
	if strings.HasPrefix(path, "/api/v1/sites/:site/rulesets") || strings.HasPrefix(path, "/console") {
		return maxRulesetBody
	}
	if s.Config.Limits.Body > 0 {
		return min(maxBody, s.Config.Limits.Body)
	}
	return maxBody
}

// received is a body that has arrived, with the error that came behind it.
type received struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (r *received) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) && r.err != nil {
		err = r.err
	}
	return n, err
}

// Close implements io.Closer.
func (*received) Close() error { return nil }

// receive waits for the whole body, as long as the connection's limits of time allow, and lifts these then: from here on it
// is not the client that takes the time. They stay when the body did not come, or its rest would be waited for after the answer.
func receive(c *gin.Context, limit int64) {
	var err error
	if body := c.Request.Body; body != nil && body != http.NoBody {
		var raw []byte
		raw, err = io.ReadAll(http.MaxBytesReader(c.Writer, body, limit))
		c.Request.Body = &received{bytes.NewReader(raw), slow(err)}
	}
	if err == nil {
		// A writer that has no limits, as in tests, cannot lift them.
		_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Time{})
	}
	c.Next()
}

// slow names the error of a body that did not arrive in time.
func slow(err error) error {
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return fmt.Errorf("%w: %w", errTooSlow, err)
	}
	return err
}

// admit lets a request be worked on if there is a place for it.
func (s *Server) admit(c *gin.Context) {
	if !s.load.enter(c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead) {
		s.fail(c, errOverload)
		return
	}
	defer s.load.leave()
	c.Next()
}

// errTooLong ends a request that was worked on for too long.
var errTooLong = fmt.Errorf("the answer took too long: %w", moderation.ErrBusy)

// hurry bounds the time in which a request is worked on, unless its handler takes more.
func (s *Server) hurry(c *gin.Context) {
	ctx, cancel := context.WithCancelCause(c.Request.Context())
	defer cancel(nil)
	timer := time.AfterFunc(s.Config.Limits.Handler, func() { cancel(errTooLong) })
	defer timer.Stop()
	c.Set(keyHurry, timer)
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// takeTime lifts the limits of time from a request whose work takes long. A client that leaves still ends the work.
func takeTime(c *gin.Context) {
	if timer, ok := c.Get(keyHurry); ok {
		timer.(*time.Timer).Stop()
	}
	controller := http.NewResponseController(c.Writer)
	// A writer that has no limits, as in tests, cannot lift them.
	_ = controller.SetReadDeadline(time.Time{})
	_ = controller.SetWriteDeadline(time.Time{})
}
