package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"

	"rejoinder/moderation"
	"rejoinder/weburl"
)

// What pages of a site's origins may do beyond what browsers allow anyway, and for how long they may rely on
// it.
const (
	corsRequestHeaders = "Authorization, Content-Type, Idempotency-Key"
	corsAnswerHeaders  = "ETag, Location, Retry-After, " + headerFormToken + ", X-Request-Id, " +
		headerOwnComment + ", " + headerOwnReceipt + ", " + headerOwnToken
	corsMaxAge = "600" // seconds; browsers ask again before each request to which it matters
)

// originsKept is how long a change of a site's origins may take to reach all nodes.
const originsKept = 5 * time.Second

// originUnknown rejects a page whose origin is not one of the site's.
type originUnknown struct{ origin, site string }

func (e *originUnknown) Error() string { return "origin is none of the site's" }

// allowSiteOrigins lets pages of the site's origins read the response. It echoes an origin only if it equals
// one entered by an administrator, and never allows cookies. Other pages get a refusal that they can read, so
// that developers who embed a thread learn what is missing.
func (s *Server) allowSiteOrigins(c *gin.Context) error {
	header := c.Writer.Header()
	header.Add("Vary", "Origin")
	origin := c.GetHeader("Origin")
	if origin == "" {
		return nil
	}
	known, err := s.origins.read(c.Request.Context(), s)
	if err != nil {
		// Then no other origin may read the answer. The handler meets the same database, and knows what must not
		// get lost.
		s.Log.WarnContext(c.Request.Context(), "origins not read", "request_id", requestID(c), "err", err)
		return nil
	}
	site := c.Param("site")
	if known.allow(site, origin) {
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Expose-Headers", corsAnswerHeaders)
		return nil
	}
	reads := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if site == "" || !reads || s.isOwnOrigin(origin) || c.GetHeader("Sec-Fetch-Site") == "same-origin" {
		return nil
	}
	header.Set("Access-Control-Allow-Origin", "*")
	if _, ok := known.bySlug[site]; !ok {
		return moderation.ErrSiteUnknown
	}
	return &originUnknown{origin, site}
}

func (s *Server) isOwnOrigin(origin string) bool { return origin == weburl.Origin(s.Config.PublicURL) }

// preflight answers a browser that asks what it may send to a path. Without an allowed origin the answer
// allows nothing.
func preflight(methods []string) func(*gin.Context) error {
	allowed := strings.Join(methods, ", ")
	return func(c *gin.Context) error {
		header := c.Writer.Header()
		header.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
		if header.Get("Access-Control-Allow-Origin") != "" {
			header.Del("Access-Control-Expose-Headers")
			header.Set("Access-Control-Allow-Methods", allowed)
			header.Set("Access-Control-Allow-Headers", corsRequestHeaders)
			header.Set("Access-Control-Max-Age", corsMaxAge)
		}
		header.Set("Allow", allowed+", "+http.MethodOptions)
		noContent(c)
		return nil
	}
}

// origins remembers for a moment which origins the sites have. The zero value is ready.
type origins struct {
	flights singleflight.Group
	last    atomic.Pointer[knownOrigins]
}

// knownOrigins are the origins of every site by slug, as they were read once.
type knownOrigins struct {
	readAt time.Time
	bySlug map[string][]string
}

// read returns the origins as they are now or were a moment ago, or longer while the database can't be asked.
func (o *origins) read(ctx context.Context, s *Server) (*knownOrigins, error) {
	now, last := s.Now(), o.last.Load()
	if last != nil && now.Sub(last.readAt) < originsKept {
		return last, nil
	}
	flight := o.flights.DoChan("", func() (any, error) {
		sites, err := s.Sites.List(context.WithoutCancel(ctx), moderation.Viewer{})
		if err != nil {
			return nil, err
		}
		known := &knownOrigins{readAt: now, bySlug: make(map[string][]string, len(sites))}
		for _, site := range sites {
			known.bySlug[site.Slug] = site.Origins
		}
		o.last.Store(known)
		return known, nil
	})
	var patience <-chan time.Time
	if last != nil && now.Sub(last.readAt) < s.Config.StaleFor {
		timer := time.NewTimer(stalePatience)
		defer timer.Stop()
		patience = timer.C
	}
	select {
	case read := <-flight:
		if errors.Is(read.Err, moderation.ErrBusy) && patience != nil {
			return last, nil
		}
		if read.Err != nil {
			return nil, read.Err
		}
		return read.Val.(*knownOrigins), nil
	case <-patience:
		return last, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// forget makes the next request read anew, since this node has just changed a site.
func (o *origins) forget() { o.last.Store(nil) }

// allow reports whether origin is one of the site's or, where the path names no site, one of any site's.
func (k *knownOrigins) allow(slug, origin string) bool {
	if slug != "" {
		return slices.Contains(k.bySlug[slug], origin)
	}
	for _, list := range k.bySlug {
		if slices.Contains(list, origin) {
			return true
		}
	}
	return false
}
