package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"
)

// Bounds of what is remembered about the addresses that lead to kept pages: how many, and how long each may
// be.
const (
	quickTargets       = 4096
	quickTargetBytes   = 1024
	quickLanguageBytes = 128
)

// quick answers requests for kept pages before they reach gin: most reading is the same few addresses again
// and again, and finding out anew what each means would cost more than sending the page. It knows an address
// only after the usual way has answered it from the cache, and leaves everything unusual to that way. What it
// sends, logs and counts is the same.
type quick struct {
	server  *Server
	targets *otter.Cache[quickAddress, quickTarget]
}

// quickAddress is what a request's page depends on, as it came: without a cookie there is nothing else.
type quickAddress struct {
	uri      string // path and query
	language string // Accept-Language
}

// addressOf is false for requests that are not worth remembering.
func addressOf(r *http.Request) (quickAddress, bool) {
	address := quickAddress{uri: r.RequestURI}
	switch languages := r.Header["Accept-Language"]; {
	case len(languages) > 1, len(languages) == 1 && len(languages[0]) > quickLanguageBytes:
		return address, false
	case len(languages) == 1:
		address.language = languages[0]
	}
	return address, len(address.uri) <= quickTargetBytes
}

// quickTarget is what an address leads to.
type quickTarget struct {
	key   pageKey
	route string
	vary  []string // of the answer
	cors  bool     // other origins may read it
	log   slog.Handler
}

func newQuick(s *Server) *quick {
	if s.pages == nil {
		return nil
	}
	return &quick{server: s, targets: otter.Must(&otter.Options[quickAddress, quickTarget]{MaximumSize: quickTargets})}
}

// learn remembers the address of a request that a kept page answered.
func (q *quick) learn(c *gin.Context, key pageKey) {
	address, ok := addressOf(c.Request)
	if !ok || c.Request.Method != http.MethodGet || c.Request.URL.Host != "" {
		return
	}
	route, vary := c.FullPath(), c.Writer.Header()["Vary"]
	q.targets.SetIfAbsent(
		address,
		quickTarget{
			key:   key,
			route: route,
			vary:  vary,
			cors:  strings.Contains(vary[0], "Origin"),
			log: q.server.Log.Handler().WithAttrs(
				[]slog.Attr{slog.String("method", http.MethodGet), slog.String("route", route)},
			),
		},
	)
}

// router is gin with the short way before it.
type router struct {
	*gin.Engine
	quick *quick
}

func (t *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if t.quick == nil || r.Method != http.MethodGet || !t.quick.serve(w, r) {
		t.Engine.ServeHTTP(w, r)
	}
}

// serve answers with a kept page, or leaves the request untouched.
func (q *quick) serve(w http.ResponseWriter, r *http.Request) bool {
	address, ok := addressOf(r)
	if !ok {
		return false
	}
	target, ok := q.targets.GetIfPresent(address)
	if !ok || r.Header["Cookie"] != nil || r.Header["Range"] != nil {
		return false
	}
	start := q.server.Now()
	page := q.server.pages.ready(target.key, start)
	if page == nil {
		return false
	}
	header := w.Header()
	if target.cors && !q.allowOrigin(header, target, r, start) {
		return false
	}
	header["Vary"] = target.vary
	id := q.server.NewID()
	header["X-Request-Id"] = []string{id}
	status, size := q.server.sendPage(w, r, page, q.server.peerSource(r))
	q.note(r.Context(), target, start, sent{id, status, size})
	return true
}

// allowOrigin is allowSiteOrigins with what is known already; false when that is not enough.
func (q *quick) allowOrigin(header http.Header, target quickTarget, r *http.Request, now time.Time) bool {
	origin := r.Header["Origin"]
	if origin == nil {
		return true
	}
	known := q.server.origins.last.Load()
	if known == nil || now.Sub(known.readAt) >= originsKept || len(origin) != 1 {
		return false
	}
	if !known.allow(target.key.site, origin[0]) {
		return false
	}
	header["Access-Control-Allow-Origin"] = origin
	header["Access-Control-Expose-Headers"] = exposedHeaders
	return true
}

// sent is what became of a request.
type sent struct {
	id     string
	status int
	size   int
}

// note writes the request's line and counts it.
func (q *quick) note(ctx context.Context, target quickTarget, start time.Time, s sent) {
	end := q.server.Now()
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
	q.server.Metrics.Answered(http.MethodGet, target.route, s.status, took)
}
