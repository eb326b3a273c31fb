package handlers

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/handlers/pagecache"
	"rejoinder/handlers/route"
	"rejoinder/moderation"
)

// Limits bound what one request, and all requests at once, may take. A zero field sets no bound of its own.
type Limits struct {
	// Body is how many bytes a request's body may have. A ruleset's may have maxRulesetBody whatever this says.
	Body int64
	// Buffered is the maximum total size in bytes of the bodies in memory, arriving or being processed.
	Buffered int64
	// Handler is how long an answer may be worked on, from when the request has arrived whole.
	Handler time.Duration
	// InFlight is how many requests may be worked on at once. Reads are refused when three quarters are taken,
	// so that readers in a crowd do not keep comments and decisions from being stored.
	InFlight int
	// Hashing is the maximum number of concurrent requests that hash a password, most of them waiting for
	// their turn. They do not count towards InFlight.
	Hashing int
}

// load counts the requests that are being worked on.
type load struct {
	most, mostReads int64 // 0: no bound
	inFlight        atomic.Int64
	shed            atomic.Uint64
	hashRoom        hashRoom
}

func newLoad(limits Limits) *load {
	most := int64(limits.InFlight)
	return &load{
		most:      most,
		mostReads: most - most/4,
		hashRoom:  hashRoom{most: limits.Hashing, ofClient: map[string]int{}},
	}
}

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

// hashRoom limits concurrent requests that hash a password. A hash deliberately takes as long as hundreds of
// reads, so these requests wait for each other here, without taking places from others; and it admits only as
// many as finish in a moment.
type hashRoom struct {
	most int // 0: no limit

	mu       sync.Mutex
	inside   int
	ofClient map[string]int
	refused  uint64
}

// hashRetry is the retry delay for a client that found the room, or its own share of it, full.
const hashRetry = time.Second

// enter takes a place for a client, which must leave. errOverload if the room is full;
// *moderation.RateLimitError if the client's share of it is.
func (r *hashRoom) enter(client string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.most > 0 && r.inside >= r.most {
		r.refused++
		return httpio.ErrOverload
	}
	if r.most > 0 && r.ofClient[client] >= max(1, r.most/httpio.ClientShare) {
		r.refused++
		return &moderation.RateLimitError{RetryAfter: hashRetry}
	}
	r.inside++
	r.ofClient[client]++
	return nil
}

func (r *hashRoom) leave(client string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inside--
	if r.ofClient[client]--; r.ofClient[client] == 0 {
		delete(r.ofClient, client)
	}
}

// counts returns how many requests are in the room, and how many were refused.
func (r *hashRoom) counts() (inside int, refused uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inside, r.refused
}

// bounded runs one step of a request within its route's limits. Between two steps it holds no place, so a
// client that sends its body slowly blocks nobody.
func (s *Server) bounded(f route.Flags, step gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		leave, err := s.takePlace(c, f)
		if err != nil {
			s.fail(c, err)
			return
		}
		defer leave()
		if s.Config.Limits.Handler > 0 && !f.Has(route.Streaming|route.Unhurried) {
			defer s.startDeadline(c)()
		}
		defer pagecache.EndRendering(c)
		step(c)
	}
}

// takePlace takes a place for a step; the caller must leave it.
func (s *Server) takePlace(c *gin.Context, f route.Flags) (leave func(), err error) {
	switch {
	case f.Has(route.Unshed | route.Streaming):
		return func() {}, nil
	case f.Has(route.Hashing):
		client := string(s.sessions.ClientKey(c))
		return func() { s.load.hashRoom.leave(client) }, s.load.hashRoom.enter(client)
	case !s.load.enter(c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead):
		return nil, httpio.ErrOverload
	}
	return s.load.leave, nil
}

// startDeadline limits how long a step of a request may run, unless its handler extends that. The caller ends
// it after the step.
func (s *Server) startDeadline(c *gin.Context) (end func()) {
	request := c.Request
	ctx, cancel := context.WithCancelCause(request.Context())
	timer := time.AfterFunc(s.Config.Limits.Handler, func() { cancel(httpio.ErrTooLong) })
	c.Set(httpio.KeyDeadline, timer)
	c.Request = request.WithContext(ctx)
	return func() {
		timer.Stop()
		cancel(nil)
		c.Request = request
	}
}
