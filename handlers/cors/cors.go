package cors

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// What pages of other origins may send and read, and for how long browsers may cache that.
const (
	allowedHeaders = "Authorization, Content-Type, Idempotency-Key, " + httpio.HeaderIdentity
	exposedHeaders = "ETag, Location, Retry-After, " + httpio.HeaderFormToken + ", " + httpio.HeaderRequestID + ", " +
		httpio.HeaderOwnComment + ", " + httpio.HeaderOwnReceipt + ", " + httpio.HeaderOwnToken
	maxAge = "600" // seconds
)

// cacheFor bounds how long it takes until a change of a site's origins reaches all nodes.
const cacheFor = 5 * time.Second

// Origins decides which origins may use the API. It caches the origins of all sites.
type Origins struct {
	PublicURL httpio.PublicURL
	Sites     siteLister
	Log       *slog.Logger
	Now       func() time.Time
	// StaleFor is how long cached origins are used while the database is unavailable.
	StaleFor time.Duration

	flights singleflight.Group
	cached  atomic.Pointer[siteOrigins]
}

// siteLister is implemented by moderation.Sites.
type siteLister interface {
	List(ctx context.Context, viewer moderation.Viewer) ([]moderation.Site, error)
}

// Allow lets pages of the site's origins read the response, without cookies. Pages of other origins get an
// error that they may read, so that developers who embed a thread learn what is missing.
func (o *Origins) Allow(c *gin.Context) error {
	header := c.Writer.Header()
	header.Add("Vary", "Origin")
	origin := c.Request.Header["Origin"]
	if len(origin) == 0 || origin[0] == "" {
		return nil
	}
	origin = origin[:1]
	origins, err := o.load(c.Request.Context())
	if err != nil {
		// No other origin may read the response. The request itself goes on: its handler uses the same database,
		// and knows which input must not be lost.
		o.Log.WarnContext(c.Request.Context(), "origins not read", "request_id", httpio.RequestID(c), "err", err)
		return nil
	}
	site := c.Param("site")
	if origins.allow(header, site, origin) {
		return nil
	}
	reads := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if site == "" || !reads || o.PublicURL.IsOrigin(origin[0]) || c.GetHeader("Sec-Fetch-Site") == "same-origin" {
		return nil
	}
	header.Set("Access-Control-Allow-Origin", "*")
	if _, ok := origins.bySlug[site]; !ok {
		return moderation.ErrSiteUnknown
	}
	return &httpio.UnknownOriginError{Origin: origin[0], Site: site}
}

// AllowCached is Allow for a reader of one site. It returns false if the cached origins do not suffice to
// decide, or if the origin is not allowed.
func (o *Origins) AllowCached(header http.Header, site string, origin []string) bool {
	if origin == nil {
		return true
	}
	cached := o.cached.Load()
	return cached != nil && o.Now().Sub(cached.readAt) < cacheFor && cached.allow(header, site, origin)
}

// Forget empties the cache, after this node changed a site.
func (o *Origins) Forget() { o.cached.Store(nil) }

// load returns the cached origins or reads them. If the database is unavailable, it returns stale ones.
func (o *Origins) load(ctx context.Context) (*siteOrigins, error) {
	now, cached := o.Now(), o.cached.Load()
	if cached != nil && now.Sub(cached.readAt) < cacheFor {
		return cached, nil
	}
	flight := o.flights.DoChan("", func() (any, error) {
		sites, err := o.Sites.List(context.WithoutCancel(ctx), moderation.Viewer{})
		if err != nil {
			return nil, err
		}
		origins := &siteOrigins{readAt: now, bySlug: make(map[string][]string, len(sites))}
		for _, site := range sites {
			origins.bySlug[site.Slug] = site.Origins
		}
		o.cached.Store(origins)
		return origins, nil
	})
	var stale <-chan time.Time
	if cached != nil && now.Sub(cached.readAt) < o.StaleFor {
		timer := time.NewTimer(httpio.StaleIfErrorWait)
		defer timer.Stop()
		stale = timer.C
	}
	select {
	case read := <-flight:
		if errors.Is(read.Err, moderation.ErrBusy) && stale != nil {
			return cached, nil
		}
		if read.Err != nil {
			return nil, read.Err
		}
		return read.Val.(*siteOrigins), nil
	case <-stale:
		return cached, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// siteOrigins are the origins of all sites, as read at one time.
type siteOrigins struct {
	readAt time.Time
	bySlug map[string][]string
}

// exposedValue is shared by all responses.
var exposedValue = []string{exposedHeaders}

// allow sets the headers that let pages of an origin read the response, if the origin belongs to the site. It
// keeps the slice.
func (s *siteOrigins) allow(header http.Header, site string, origin []string) bool {
	if len(origin) != 1 || !s.contains(site, origin[0]) {
		return false
	}
	header["Access-Control-Allow-Origin"] = origin
	header["Access-Control-Expose-Headers"] = exposedValue
	return true
}

// contains reports whether an origin belongs to a site, or to any site if the slug is empty.
func (s *siteOrigins) contains(slug, origin string) bool {
	if slug != "" {
		return slices.Contains(s.bySlug[slug], origin)
	}
	for _, list := range s.bySlug {
		if slices.Contains(list, origin) {
			return true
		}
	}
	return false
}

// Preflight responds to CORS preflight requests for a path, after Allow. Without an allowed origin, the
// response allows nothing.
func Preflight(methods []string) func(*gin.Context) error {
	allowed := strings.Join(methods, ", ")
	return func(c *gin.Context) error {
		header := c.Writer.Header()
		header.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
		if header.Get("Access-Control-Allow-Origin") != "" {
			header.Del("Access-Control-Expose-Headers")
			header.Set("Access-Control-Allow-Methods", allowed)
			header.Set("Access-Control-Allow-Headers", allowedHeaders)
			header.Set("Access-Control-Max-Age", maxAge)
		}
		header.Set("Allow", allowed+", "+http.MethodOptions)
		httpio.NoContent(c)
		return nil
	}
}
