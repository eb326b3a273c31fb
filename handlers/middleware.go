package handlers

import (
	"fmt"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"
)

// Keys of values that travel in gin's context.
const (
	keyRequestID = "rejoinder.request_id"
	keyProblem   = "rejoinder.problem"
	keyIdentity  = "rejoinder.identity"
)

// identifyRequest gives each request an id that its log line, its problem and its answer share.
func (s *Server) identifyRequest(c *gin.Context) {
	id := s.NewID()
	c.Set(keyRequestID, id)
	c.Header("X-Request-Id", id)
	c.Next()
}

func requestID(c *gin.Context) string { return c.GetString(keyRequestID) }

// logRequest writes one line a request: the route's pattern, never the path or query, which may hold what a reader typed.
func (s *Server) logRequest(c *gin.Context) {
	start := s.Now()
	c.Next()
	took := s.Now().Sub(start)
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	attrs := []any{
		"request_id", requestID(c), "method", c.Request.Method, "route", route, "status", c.Writer.Status(),
		"bytes", max(0, c.Writer.Size()), "took", took,
	}
	if problem := c.GetString(keyProblem); problem != "" {
		attrs = append(attrs, "problem", problem)
	}
	s.Log.InfoContext(c.Request.Context(), "request", attrs...)
	s.Metrics.Answered(c.Request.Method, route, c.Writer.Status(), took)
}

// recoverPanic turns a panic into an internal error. The panic's value may hold anything, so only its type is logged.
func (s *Server) recoverPanic(c *gin.Context) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler {
				panic(v)
			}
			s.fail(c, fmt.Errorf("panic of type %T at %s", v, debug.Stack()))
		}
	}()
	c.Next()
}

// secureHeaders are right for every answer; pages add their own Content-Security-Policy.
func secureHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Next()
}

// headerForwarded is where trusted proxies say on whose behalf they ask.
const headerForwarded = "X-Forwarded-For"

// joinForwarded makes one list of several X-Forwarded-For lines, of plain addresses. Some proxies add a line of their
// own below the client's; only the end of the whole list is theirs. Some write the client's port, which gin can't read.
func joinForwarded(c *gin.Context) {
	if lines := c.Request.Header.Values(headerForwarded); len(lines) > 0 {
		hops := strings.Split(strings.Join(lines, ","), ",")
		for i, hop := range hops {
			hops[i] = withoutPort(strings.TrimSpace(hop))
		}
		c.Request.Header.Set(headerForwarded, strings.Join(hops, ", "))
	}
	c.Next()
}

// withoutPort turns 203.0.113.5:4711, [2001:db8::1]:443 and [2001:db8::1] into addresses, and leaves all else.
func withoutPort(hop string) string {
	if both, err := netip.ParseAddrPort(hop); err == nil {
		return both.Addr().String()
	}
	if inner, ok := strings.CutPrefix(hop, "["); ok {
		return strings.TrimSuffix(inner, "]")
	}
	return hop
}
