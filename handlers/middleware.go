package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
)

// identifyRequest gives each request an id that its log line, its problem and its answer share.
func (s *Server) identifyRequest(c *gin.Context) {
	id := s.NewID()
	c.Set(httpio.KeyRequestID, id)
	c.Header("X-Request-Id", id)
	c.Next()
}

// logRequest writes one line a request: the route's pattern, never the path or query, which may hold what a
// reader typed. It hands the line to the handler of the log itself: looking for the place in the source would
// cost more than the rest.
func (s *Server) logRequest(c *gin.Context) {
	start := s.Now()
	c.Next()
	end := s.Now()
	took, route, status := end.Sub(start), c.FullPath(), c.Writer.Status()
	if route == "" {
		route = "none"
	}
	if ctx := c.Request.Context(); s.Log.Handler().Enabled(ctx, slog.LevelInfo) {
		line := slog.NewRecord(end, slog.LevelInfo, "request", 0)
		line.AddAttrs(
			slog.String("request_id", httpio.RequestID(c)), slog.String("method", c.Request.Method), slog.String("route", route),
			slog.Int("status", status), slog.Int("bytes", max(0, c.Writer.Size())), slog.Duration("took", took),
		)
		if problem := c.GetString(httpio.KeyProblem); problem != "" {
			line.AddAttrs(slog.String("problem", problem))
		}
		s.Log.Handler().Handle(ctx, line) // a log that can't be written has nowhere to be reported
	}
	s.Metrics.Answered(c.Request.Method, route, status, took)
}

// recoverPanic turns a panic into an internal error. The panic's value may hold anything, so only its type is
// logged.
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

// withSecureHeaders sets the headers that are right for every response.
func withSecureHeaders(c *gin.Context) {
	httpio.SetSecureHeaders(c.Writer.Header())
	c.Next()
}

// headerForwarded is where trusted proxies say on whose behalf they ask.
const headerForwarded = "X-Forwarded-For"

// joinForwarded makes one list of several X-Forwarded-For lines, of plain addresses. Some proxies add a line
// of their own below the client's; only the end of the whole list is theirs. Some write the client's port,
// which gin can't read.
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

// withoutPort turns 203.0.113.5:4711, [2001:db8::1]:443 and [2001:db8::1] into addresses, and leaves all
// else.
func withoutPort(hop string) string {
	if both, err := netip.ParseAddrPort(hop); err == nil {
		return both.Addr().String()
	}
	if inner, ok := strings.CutPrefix(hop, "["); ok {
		return strings.TrimSuffix(inner, "]")
	}
	return hop
}
