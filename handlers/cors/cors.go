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

// What pages of a site's origins may do beyond what browsers allow anyway, and for how long they may rely on
// it.
const (
	allowedHeaders = "Authorization, Content-Type, Idempotency-Key"
	exposedHeaders = "ETag, Location, Retry-After, " + httpio.HeaderFormToken + ", X-Request-Id, " +
		httpio.HeaderOwnComment + ", " + httpio.HeaderOwnReceipt + ", " + httpio.HeaderOwnToken
	maxAge = "600" // seconds; browsers ask again before each request to which it matters
)

// originsLife is how long a change of a site's origins may take to reach all nodes.
const originsLife = 5 * time.Second

// Preflight answers a browser that asks what it may send to a path. Without an allowed origin the answer
// allows nothing.
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

// Origins allows the pages of sites to use the API. It remembers for a moment which origins the sites have.
type Origins struct {
	PublicURL httpio.PublicURL
	Sites     siteLister
	Log       *slog.Logger
	Now       func() time.Time
	// StaleFor is how long origins read earlier are used while the database can't be asked.
	StaleFor time.Duration

	flights singleflight.Group
	last    atomic.Pointer[knownOrigins]
}

// siteLister lists the sites. See moderation.Sites, which is one.
type siteLister interface {
	List(ctx context.Context, viewer moderation.Viewer) ([]moderation.Site, error)
}

// Allow lets pages of the site's origins read the response. It echoes an origin only if it equals one entered
// by an administrator, and never allows cookies. Other pages get a refusal that they can read, so that
// developers who embed a thread learn what is missing.
func (o *Origins) Allow(c *gin.Context) error {
	header := c.Writer.Header()
	header.Add("Vary", "Origin")
	origin := c.GetHeader("Origin")
	if origin == "" {
		return nil
	}
	known, err := o.read(c.Request.Context())
	if err != nil {
		// Then no other origin may read the response. The handler meets the same database, and knows what must
		// not get lost.
		o.Log.WarnContext(c.Request.Context(), "origins not read", "request_id", httpio.RequestID(c), "err", err)
		return nil
	}
	site := c.Param("site")
	if known.allow(site, origin) {
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Expose-Headers", exposedHeaders)
		return nil
	}
	reads := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if site == "" || !reads || o.PublicURL.Owns(origin) || c.GetHeader("Sec-Fetch-Site") == "same-origin" {
		return nil
	}
	header.Set("Access-Control-Allow-Origin", "*")
	if _, ok := known.bySlug[site]; !ok {
		return moderation.ErrSiteUnknown
	}
	return &httpio.OriginUnknown{Origin: origin, Site: site}
}

// exposedValue is the header of every response that another origin may read; sharing it saves making it.
var exposedValue = []string{exposedHeaders}

// AllowKnown is allow for a reader of one site, if the origins are known without asking the database; false
// otherwise.
func (o *Origins) AllowKnown(header http.Header, site string, origin []string) bool {
	if origin == nil {
		return true
	}
	known := o.last.Load()
	if known == nil || o.Now().Sub(known.readAt) >= originsLife || len(origin) != 1 || !known.allow(site, origin[0]) {
		return false
	}
	header["Access-Control-Allow-Origin"] = origin
	header["Access-Control-Expose-Headers"] = exposedValue
	return true
}

// knownOrigins are the origins of every site by slug, as they were read once.
type knownOrigins struct {
	readAt time.Time
	bySlug map[string][]string
}

// read returns the origins as they are now or were a moment ago, or longer while the database can't be asked.
func (o *Origins) read(ctx context.Context) (*knownOrigins, error) {
	now, last := o.Now(), o.last.Load()
	if last != nil && now.Sub(last.readAt) < originsLife {
		return last, nil
	}
	flight := o.flights.DoChan("", func() (any, error) {
		sites, err := o.Sites.List(context.WithoutCancel(ctx), moderation.Viewer{})
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
	var stale <-chan time.Time
	if last != nil && now.Sub(last.readAt) < o.StaleFor {
		timer := time.NewTimer(httpio.StaleAfter)
		defer timer.Stop()
		stale = timer.C
	}
	select {
	case read := <-flight:
		if errors.Is(read.Err, moderation.ErrBusy) && stale != nil {
			return last, nil
		}
		if read.Err != nil {
			return nil, read.Err
		}
		return read.Val.(*knownOrigins), nil
	case <-stale:
		return last, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Forget makes the next request read anew, since this node has just changed a site.
func (o *Origins) Forget() { o.last.Store(nil) }

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
