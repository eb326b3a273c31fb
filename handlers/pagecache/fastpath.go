package pagecache

import (
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

// Bounds of what the fast path remembers.
const (
	fastPathTargets       = 4096
	fastPathURIBytes      = 1024
	fastPathLanguageBytes = 128
)

// FastPath serves cached pages before the router. Most requests repeat a few URLs, and routing and parsing
// them costs more than sending the page. It learns what a URL means when the router's handler has served it
// from the cache, and passes all other requests on. Responses, log and metrics are the same on both paths.
type FastPath struct {
	Responder *Responder
	Origins   *cors.Origins
	Logs      *httpio.RequestLogs
	Now       func() time.Time
	NewID     func() string
	Proxies   []netip.Prefix // clients behind them are unknown here
	// Seen is told the site and origin of each page of another origin that got a cached thread; nil tells nobody.
	Seen func(site, origin string)

	targets *otter.Cache[fastPathRequest, fastPathTarget]
}

// NewFastPath returns f, ready for use.
func NewFastPath(f FastPath) *FastPath {
	f.targets = otter.Must(&otter.Options[fastPathRequest, fastPathTarget]{MaximumSize: fastPathTargets})
	return &f
}

// fastPathRequest is all that determines the page of a request without cookies.
type fastPathRequest struct {
	uri      string // path and query
	language string // Accept-Language
}

// newFastPathRequest returns false for requests that are too long to remember.
func newFastPathRequest(r *http.Request) (fastPathRequest, bool) {
	request := fastPathRequest{uri: r.RequestURI}
	switch languages := r.Header["Accept-Language"]; {
	case len(languages) > 1, len(languages) == 1 && len(languages[0]) > fastPathLanguageBytes:
		return request, false
	case len(languages) == 1:
		request.language = languages[0]
	}
	return request, len(request.uri) <= fastPathURIBytes
}

// fastPathTarget is how to respond to a fastPathRequest.
type fastPathTarget struct {
	key  Key
	vary []string // header of the response
	cors bool     // route.SiteCORS
	log  *httpio.RequestLog
}

// remember stores the page that a request was served.
func (f *FastPath) remember(c *gin.Context, key Key) {
	request, ok := newFastPathRequest(c.Request)
	if !ok || c.Request.Method != http.MethodGet || c.Request.URL.Host != "" {
		return
	}
	vary := c.Writer.Header()["Vary"]
	f.targets.SetIfAbsent(request, fastPathTarget{
		key:  key,
		vary: vary,
		cors: strings.Contains(vary[0], "Origin"),
		log:  f.Logs.Of(http.MethodGet, c.FullPath()),
	})
}

// Before returns a handler that tries the fast path before next. A nil FastPath returns next.
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

// serve serves a fresh page, or returns false and leaves the response untouched.
func (f *FastPath) serve(w http.ResponseWriter, r *http.Request) bool {
	request, ok := newFastPathRequest(r)
	if !ok {
		return false
	}
	target, ok := f.targets.GetIfPresent(request)
	if !ok || r.Header["Cookie"] != nil || r.Header["Range"] != nil {
		return false
	}
	start := f.Now()
	page := f.Responder.Cache.getFresh(target.key, start)
	if page == nil {
		return false
	}
	header := w.Header()
	if target.cors && !f.Origins.AllowCached(header, target.key.Site, r.Header["Origin"]) {
		return false
	}
	if origin := r.Header["Origin"]; target.cors && origin != nil && f.Seen != nil {
		f.Seen(target.key.Site, origin[0])
	}
	header["Vary"] = target.vary
	id := f.NewID()
	header[httpio.HeaderRequestID] = []string{id}
	status, size := f.Responder.send(w, r, page, delivery{f.clientPrefix(r), start})
	target.log.Record(r.Context(), httpio.CompletedRequest{
		ID: id, Status: status, Bytes: size, Start: start, End: f.Now(),
	})
	return true
}

// clientPrefix is httpio.ClientPrefix without gin; invalid for clients behind a proxy.
func (f *FastPath) clientPrefix(r *http.Request) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	address := peer.Addr().Unmap()
	contains := func(proxies netip.Prefix) bool { return proxies.Contains(address) }
	if err != nil || slices.ContainsFunc(f.Proxies, contains) {
		return netip.Prefix{}
	}
	return httpio.AddressPrefix(address)
}
