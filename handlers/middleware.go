package handlers

import (
	"fmt"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
)

// setRequestID gives each request an id.
func (s *Server) setRequestID(c *gin.Context) {
	httpio.SetRequestID(c, s.NewID())
	c.Next()
}

// logRequest records the request in log and metrics.
func (s *Server) logRequest(c *gin.Context) {
	start := s.Now()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	s.requestLogs.Of(c.Request.Method, route).Record(c.Request.Context(), httpio.CompletedRequest{
		ID: httpio.RequestID(c), Status: c.Writer.Status(), Bytes: c.Writer.Size(), Problem: httpio.ProblemType(c),
		Start: start, End: s.Now(),
	})
}

// recoverPanic turns a panic into an internal error. It logs only the type of the panic's value, which may
// contain anything.
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

// setSecureHeaders sets the security headers of every response.
func setSecureHeaders(c *gin.Context) {
	httpio.SetSecureHeaders(c.Writer.Header())
	c.Next()
}

// headerForwarded is the header in which proxies pass on the client's address.
const headerForwarded = "X-Forwarded-For"

// normalizeForwarded joins several X-Forwarded-For lines into one list of addresses without ports, which gin
// needs. Some proxies append a line of their own to the client's; only the end of the joined list is theirs.
func normalizeForwarded(c *gin.Context) {
	if lines := c.Request.Header.Values(headerForwarded); len(lines) > 0 {
		hops := strings.Split(strings.Join(lines, ","), ",")
		for i, hop := range hops {
			hops[i] = withoutPort(strings.TrimSpace(hop))
		}
		c.Request.Header.Set(headerForwarded, strings.Join(hops, ", "))
	}
	c.Next()
}

// withoutPort turns 203.0.113.5:4711, [2001:db8::1]:443 and [2001:db8::1] into addresses. It returns anything
// else unchanged.
func withoutPort(hop string) string {
	if both, err := netip.ParseAddrPort(hop); err == nil {
		return both.Addr().String()
	}
	if inner, ok := strings.CutPrefix(hop, "["); ok {
		return strings.TrimSuffix(inner, "]")
	}
	return hop
}
