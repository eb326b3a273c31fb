package pagecache

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// Cache-Control of pages.
const (
	// ThreadCaching makes browsers revalidate a thread before each use: a stale one could show a comment that
	// was just removed. Shared caches may serve it for five seconds.
	ThreadCaching = "public, max-age=0, must-revalidate, s-maxage=5"
	// revalidatedCaching makes all caches revalidate before each use.
	revalidatedCaching = "public, max-age=0, must-revalidate"
	// cdnCaching is for CDNs that support headerCDN (RFC 9213): they may serve a page for a minute longer while
	// they revalidate it.
	cdnCaching = "public, max-age=5, stale-while-revalidate=60"
	headerCDN  = "Cdn-Cache-Control"
	// longestStale is how long shared caches may serve a page at most, as cdnCaching says.
	longestStale = 65 * time.Second
)

// Constant header values, shared by all responses to avoid allocations.
var (
	encodingValues  = [Encodings][]string{{EncodingNames[EncodingBrotli]}, {EncodingNames[encodingGzip]}, nil}
	cdnCachingValue = []string{cdnCaching}
	revalidated     = []string{revalidatedCaching}
)

// Responder serves pages that are the same for every reader.
type Responder struct {
	RenderLimiter *RenderLimiter
	Threads       *moderation.Threads
	Now           func() time.Time
	Cache         *Cache    // nil: off
	FastPath      *FastPath // nil without a cache
}

// ThreadKey returns the key of a page of a thread.
func ThreadKey(kind string, q moderation.ThreadQuery) Key {
	rest := []string{string(q.Sort), strconv.Itoa(q.Limit), strconv.Quote(q.RootID), strconv.Quote(q.Focus), q.Cursor}
	return Key{Kind: kind, Site: q.SiteSlug, Article: q.ArticleKey, Rest: strings.Join(rest, " ")}
}

// Serve serves a page from the cache if it is cacheable. render must use only what the key contains. It may
// run for several requests, so it gets its own context.
func (rs *Responder) Serve(c *gin.Context, key Key, render renderFunc) error {
	client := httpio.ClientPrefix(c)
	page, err := rs.Cache.get(c.Request.Context(), key, client, render)
	if err != nil {
		return err
	}
	if page == nil {
		return rs.ServeUncached(c, render)
	}
	header := c.Writer.Header()
	header["Vary"] = []string{strings.Join(append(header["Vary"], "Accept-Encoding"), ", ")}
	rs.send(c.Writer, c.Request, page, delivery{client, rs.Now()})
	c.Writer.WriteHeaderNow()
	rs.FastPath.remember(c, key)
	return nil
}

// ServeUncached renders a page for one request.
func (rs *Responder) ServeUncached(c *gin.Context, render renderFunc) error {
	if err := rs.RenderLimiter.StartRendering(c); err != nil {
		return err
	}
	rendering, err := render(c.Request.Context())
	EndRendering(c)
	if err != nil {
		return err
	}
	rendering = rendering.compact()
	defer rendering.release()
	defer rs.RenderLimiter.CountSending(httpio.ClientPrefix(c), len(rendering.Body), nil)()
	if rendering.SiteID != "" {
		c.Header(httpio.HeaderFormToken, moderation.FormToken(rs.Threads.Keys, rendering.SiteID, rs.Now()))
	}
	writeRendering(c, rendering, rs.Now())
	return nil
}

// WriteCacheable writes a JSON response that is the same for every reader, for caches that revalidate it by
// its ETag.
func WriteCacheable(c *gin.Context, body any) {
	writeRendering(c, Rendering{
		ContentType: httpio.JSONType, Caching: revalidatedCaching, Body: httpio.EncodeJSON(body),
	}, time.Time{})
}

// writeRendering writes a page uncompressed: compressing it for a single response costs more than it saves,
// and a proxy can do it.
func writeRendering(c *gin.Context, r Rendering, now time.Time) {
	tag := bodyTag(r.Body)
	c.Header("ETag", tag)
	c.Header("Cache-Control", r.Caching)
	c.Header(headerCDN, cdnCaching)
	if endsSoon(r.Until, now) {
		c.Header("Cache-Control", revalidatedCaching)
		c.Header(headerCDN, revalidatedCaching)
	}
	if httpio.NotModified(c.Writer, c.Request, tag) {
		c.Writer.WriteHeaderNow()
		return
	}
	if r.Policy != "" {
		c.Header("Content-Security-Policy", r.Policy)
	}
	c.Data(http.StatusOK, r.ContentType, r.Body)
}

// delivery is to whom a page is sent, and when.
type delivery struct {
	client netip.Prefix
	now    time.Time
}

// send writes a cached page in the best encoding that the client accepts. It returns the status and the
// body's size.
func (rs *Responder) send(
	w http.ResponseWriter, r *http.Request, p *cachedPage, to delivery,
) (status, size int) {
	status, chosen := p.writeHeader(w, r, to.now, rs.formToken(p, to.now))
	if status == http.StatusNotModified || r.Method == http.MethodHead {
		return status, 0
	}
	body := p.bodies[chosen]
	defer rs.RenderLimiter.CountSending(to.client, len(body), &p.senders[chosen])()
	size, _ = w.Write(body) // an error means that the client has disconnected
	return status, size
}

// endsSoon reports whether a page becomes wrong while shared caches may still serve it. They must then revalidate it
// each time, so that the form does not outlive the hour at which comments close.
func endsSoon(until, now time.Time) bool {
	return !until.IsZero() && until.Sub(now) < longestStale
}

// writeHeader writes the header of the page with 200, or with 304 if the client has the page.
func (p *cachedPage) writeHeader(
	w http.ResponseWriter, r *http.Request, now time.Time, token []string,
) (status int, chosen Encoding) {
	header := w.Header()
	header["Etag"] = p.tag
	header["Cache-Control"], header[headerCDN] = p.caching, cdnCachingValue
	if p.until != 0 && endsSoon(time.Unix(0, p.until), now) {
		header["Cache-Control"], header[headerCDN] = revalidated, revalidated
	}
	if token != nil {
		header[httpio.HeaderFormToken] = token
	}
	if httpio.NotModified(w, r, p.tag[0]) {
		return http.StatusNotModified, 0
	}
	httpio.SetSecureHeaders(header)
	if p.policy != nil {
		header["Content-Security-Policy"] = p.policy
	}
	chosen = NegotiateEncoding(r.Header["Accept-Encoding"])
	header["Content-Type"] = p.contentType
	header["Content-Length"] = p.lengths[chosen]
	if value := encodingValues[chosen]; value != nil {
		header["Content-Encoding"] = value
	}
	w.WriteHeader(http.StatusOK)
	return http.StatusOK, chosen
}

// formToken returns the token of the page's form; nil without a form. Requests in the same second share a
// token: it only proves when the page was loaded.
func (rs *Responder) formToken(page *cachedPage, now time.Time) []string {
	if page.siteID == "" {
		return nil
	}
	if token := page.token.Load(); token != nil && token.second == now.Unix() {
		return token.value
	}
	value := moderation.FormToken(rs.Threads.Keys, page.siteID, now)
	token := &formToken{second: now.Unix(), value: []string{value}}
	page.token.Store(token)
	return token.value
}
