package pagecache

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"

	"rejoinder/handlers/cors"
	"rejoinder/handlers/httpio"
)

// Bounds of what is remembered about the addresses that lead to kept pages: how many, and how long each may
// be.
const (
	fastPathTargets       = 4096
	fastPathURIBytes      = 1024
	fastPathLanguageBytes = 128
)

// FastPath answers requests for kept pages before they reach gin: most reading is the same few addresses again
// and again, and finding out anew what each means would cost more than sending the page. It knows an address
// only after the usual way has answered it from the cache, and leaves everything unusual to that way. What it
// sends, logs and counts is the same.
type FastPath struct {
	Responder *Responder
	Origins   *cors.Origins
	Metrics   requestMetrics
	Log       *slog.Logger
	Now       func() time.Time
	NewID     func() string
	Proxies   []netip.Prefix // behind which clients remain unknown

	targets *otter.Cache[fastPathRequest, fastPathTarget]
}

// fastPathRequest is what a request's page depends on, as it came: without a cookie there is nothing else.
type fastPathRequest struct {
	uri      string // path and query
	language string // Accept-Language
}

// addressOf is false for requests that are not worth remembering.
func addressOf(r *http.Request) (fastPathRequest, bool) {
	address := fastPathRequest{uri: r.RequestURI}
	switch languages := r.Header["Accept-Language"]; {
	case len(languages) > 1, len(languages) == 1 && len(languages[0]) > fastPathLanguageBytes:
		return address, false
	case len(languages) == 1:
		address.language = languages[0]
	}
	return address, len(address.uri) <= fastPathURIBytes
}

// fastPathTarget is what an address leads to.
type fastPathTarget struct {
	key   Key
	route string
	vary  []string // of the answer
	cors  bool     // other origins may read it
	log   slog.Handler
}

// requestMetrics counts requests.
type requestMetrics interface {
	Answered(method, route string, status int, took time.Duration)
}

// NewFastPath returns f, ready for use.
func NewFastPath(f FastPath) *FastPath {
	f.targets = otter.Must(&otter.Options[fastPathRequest, fastPathTarget]{MaximumSize: fastPathTargets})
	return &f
}

// remember remembers the address of a request that a kept page answered.
func (f *FastPath) remember(c *gin.Context, key Key) {
	address, ok := addressOf(c.Request)
	if !ok || c.Request.Method != http.MethodGet || c.Request.URL.Host != "" {
		return
	}
	route, vary := c.FullPath(), c.Writer.Header()["Vary"]
	f.targets.SetIfAbsent(address, fastPathTarget{
		key:   key,
		route: route,
		vary:  vary,
		cors:  strings.Contains(vary[0], "Origin"),
		log: f.Log.Handler().WithAttrs(
			[]slog.Attr{slog.String("method", http.MethodGet), slog.String("route", route)},
		),
	})
}

// Before returns next with the fast path before it; next alone for nil.
func (f *FastPath) Before(next http.Handler) http.Handler {
	if f == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !f.serve(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

// serve answers with a kept page, or leaves the request untouched.
func (f *FastPath) serve(w http.ResponseWriter, r *http.Request) bool {
	address, ok := addressOf(r)
	if !ok {
		return false
	}
	target, ok := f.targets.GetIfPresent(address)
	if !ok || r.Header["Cookie"] != nil || r.Header["Range"] != nil {
		return false
	}
	start := f.Now()
	page := f.Responder.Pages.ready(target.key, start)
	if page == nil {
		return false
	}
	header := w.Header()
	if target.cors && !f.Origins.AllowKnown(header, target.key.Site, r.Header["Origin"]) {
		return false
	}
	header["Vary"] = target.vary
	id := f.NewID()
	header["X-Request-Id"] = []string{id}
	status, size := f.Responder.send(w, r, page, f.peerSource(r))
	f.note(r.Context(), target, start, sent{id, status, size})
	return true
}

// sent is what became of a request.
type sent struct {
	id     string
	status int
	size   int
}

// note writes the request's line and counts it.
func (f *FastPath) note(ctx context.Context, target fastPathTarget, start time.Time, s sent) {
	end := f.Now()
	took := end.Sub(start)
	if target.log.Enabled(ctx, slog.LevelInfo) {
		line := slog.NewRecord(end, slog.LevelInfo, "request", 0)
		line.AddAttrs(
			slog.String("request_id", s.id),
			slog.Int("status", s.status),
			slog.Int("bytes", s.size),
			slog.Duration("took", took),
		)
		target.log.Handle(ctx, line) // a log that can't be written has nowhere to be reported
	}
	f.Metrics.Answered(http.MethodGet, target.route, s.status, took)
}

// peerSource is clientSource for a request that gin does not see. The clients behind a proxy remain unknown.
func (f *FastPath) peerSource(r *http.Request) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	address := peer.Addr().Unmap()
	isPeer := func(p netip.Prefix) bool { return p.Contains(address) }
	if err != nil || slices.ContainsFunc(f.Proxies, isPeer) {
		return netip.Prefix{}
	}
	return httpio.StreamSource(address)
}
