package handlers

import (
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

// Limits bound the resources of a single request and of all requests together. 0 means no limit.
type Limits struct {
	// Body is the maximum size of a request body in bytes. Rulesets may always have httpio.MaxRulesetBody.
	Body int64
	// Buffered is the maximum total size in bytes of the bodies in memory, arriving or being processed.
	Buffered int64
	// Handler is the maximum time to produce a response, after the request has arrived.
	Handler time.Duration
	// InFlight is the maximum number of concurrent requests. Reads may use three quarters of it, so that many
	// readers cannot keep comments and decisions from being stored.
	InFlight int
	// Hashing is the maximum number of concurrent requests that hash a password, most of them waiting for
	// their turn. They do not count towards InFlight.
	Hashing int
}

// withLimits runs a step of a request within the limits of its route. It holds no slot between two steps, so
// a client that sends its body slowly blocks nobody.
func (s *Server) withLimits(f route.Flags, step gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		release, err := s.acquireSlot(c, f)
		if err != nil {
			s.fail(c, err)
			return
		}
		defer release()
		if s.Config.Limits.Handler > 0 && !f.Has(route.Streaming|route.NoDeadline) {
			defer httpio.StartDeadline(c, s.Config.Limits.Handler)()
		}
		defer pagecache.EndRendering(c)
		step(c)
	}
}

// acquireSlot acquires a slot of the limiter that applies to a route.
func (s *Server) acquireSlot(c *gin.Context, f route.Flags) (release func(), err error) {
	switch {
	case f.Has(route.NeverShed | route.Streaming):
		return func() {}, nil
	case f.Has(route.HashesPassword):
		client := string(s.sessions.ClientKey(c))
		return func() { s.hashing.release(client) }, s.hashing.acquire(client)
	}
	isRead := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	return s.inFlight.release, s.inFlight.acquire(isRead)
}

// inFlightLimiter limits concurrent requests.
type inFlightLimiter struct {
	limit, readLimit int64 // 0: no limit
	count            atomic.Int64
	refused          atomic.Uint64
}

func newInFlightLimiter(limit int) *inFlightLimiter {
	n := int64(limit)
	return &inFlightLimiter{limit: n, readLimit: n - n/4}
}

// acquire acquires a slot, which the caller must release. Error: httpio.ErrOverload.
func (l *inFlightLimiter) acquire(isRead bool) error {
	limit := l.limit
	if isRead {
		limit = l.readLimit
	}
	if n := l.count.Add(1); limit > 0 && n > limit {
		l.count.Add(-1)
		l.refused.Add(1)
		return httpio.ErrOverload
	}
	return nil
}

func (l *inFlightLimiter) release() { l.count.Add(-1) }

// hashLimiter limits concurrent requests that hash a password. A hash deliberately takes as long as hundreds
// of reads, so these requests have their own slots, and only as many as finish within moments.
type hashLimiter struct {
	limit int // 0: no limit

	mu       sync.Mutex
	count    int
	byClient map[string]int
	refused  uint64
}

func newHashLimiter(limit int) *hashLimiter {
	return &hashLimiter{limit: limit, byClient: map[string]int{}}
}

// hashRetry is the retry delay for a client that exceeds its share.
const hashRetry = time.Second

// acquire acquires a slot for a client, which the caller must release. Errors: httpio.ErrOverload;
// *moderation.RateLimitError if the client exceeds its share.
func (l *hashLimiter) acquire(client string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limit > 0 && l.count >= l.limit {
		l.refused++
		return httpio.ErrOverload
	}
	if l.limit > 0 && int64(l.byClient[client]) >= max(1, httpio.ClientShare(int64(l.limit))) {
		l.refused++
		return &moderation.RateLimitError{RetryAfter: hashRetry}
	}
	l.count++
	l.byClient[client]++
	return nil
}

func (l *hashLimiter) release(client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count--
	if l.byClient[client]--; l.byClient[client] == 0 {
		delete(l.byClient, client)
	}
}

// stats returns the numbers of current and of refused requests.
func (l *hashLimiter) stats() (count int, refused uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count, l.refused
}
