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

// threadCaching lets readers keep a thread but ask before each use: what a browser may show while it asks is
// a comment that was just removed. A shared cache may answer without asking for five seconds; one that is a
// CDN's, which knows the header made for it (RFC 9213), for a minute more while it asks.
const (
	ThreadCaching = "public, max-age=0, must-revalidate, s-maxage=5"
	cdnCaching    = "public, max-age=5, stale-while-revalidate=60"
	headerCDN     = "Cdn-Cache-Control"
)

// ThreadKey names a page of a thread in the cache.
func ThreadKey(kind string, q moderation.ThreadQuery) Key {
	return Key{
		Kind:    kind,
		Site:    q.SiteSlug,
		Article: q.ArticleKey,
		Rest: strings.Join(
			[]string{string(q.Sort), strconv.Itoa(q.Limit), strconv.Quote(q.RootID), strconv.Quote(q.Focus), q.Cursor},
			" ",
		),
	}
}

// Serve writes a page that is the same for every reader, from the cache when it may be kept. render
// must read only what the key names; it may run on behalf of other requests, so it gets a context of its own.
func (rs *Responder) Serve(c *gin.Context, key Key, render renderFunc) error {
	ctx := c.Request.Context()
	client := httpio.ClientSource(c)
	page, err := rs.Pages.find(ctx, key, client, render)
	if err != nil {
		return err
	}
	if page != nil {
		header := c.Writer.Header()
		header["Vary"] = []string{strings.Join(append(header["Vary"], "Accept-Encoding"), ", ")}
		rs.send(c.Writer, c.Request, page, client)
		c.Writer.WriteHeaderNow()
		rs.FastPath.remember(c, key)
		return nil
	}
	return rs.ServeOnce(c, render)
}

// ServeOnce renders a page for one request, and writes it.
func (rs *Responder) ServeOnce(c *gin.Context, render renderFunc) error {
	if err := rs.RenderLimiter.Start(c); err != nil {
		return err
	}
	made, err := render(c.Request.Context())
	EndRendering(c)
	if err != nil {
		return err
	}
	defer rs.RenderLimiter.Send(httpio.ClientSource(c), len(made.Body), nil)()
	if made.SiteID != "" {
		c.Header(httpio.HeaderFormToken, moderation.FormToken(rs.Threads.Keys, made.SiteID, rs.Now()))
	}
	answerMade(c, made)
	return nil
}

// answerMade writes a page as it was made, uncompressed: compressing for one reader costs more than it saves,
// and a proxy does it better.
func answerMade(c *gin.Context, made Rendering) {
	tag := bodyTag(made.Body)
	c.Header("ETag", tag)
	c.Header("Cache-Control", made.Caching)
	c.Header(headerCDN, cdnCaching)
	if made.Policy != "" {
		c.Header("Content-Security-Policy", made.Policy)
	}
	if httpio.HasCurrent(c.Request.Header.Values("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Data(http.StatusOK, made.ContentType, made.Body)
}

// Header values that never change; sharing them saves making them for each answer.
var (
	encodingValues  = [Encodings][]string{{EncodingNames[EncodingBrotli]}, {EncodingNames[encodingGzip]}, nil}
	cdnCachingValue = []string{cdnCaching}
)

// send writes a kept page in the coding that the client likes best, and returns status and bytes of the
// body.
func (rs *Responder) send(w http.ResponseWriter, r *http.Request, p *keptPage, client netip.Prefix) (status, size int) {
	status, chosen := p.sendHeader(w, r, rs.formToken(p, rs.Now()))
	if status == http.StatusNotModified || r.Method == http.MethodHead {
		return status, 0
	}
	body := p.bodies[chosen]
	defer rs.RenderLimiter.Send(client, len(body), &p.readers[chosen])()
	size, _ = w.Write(body) // a client that left is nobody to tell
	return status, size
}

// sendHeader writes the header of the page in the coding that the client likes best, or tells it that it has
// the page already. A 304 leaves out what the client keeps of the answer that it has (RFC 9110, section
// 15.4.5).
func (p *keptPage) sendHeader(w http.ResponseWriter, r *http.Request, token []string) (status int, chosen encoding) {
	header := w.Header()
	header["Etag"] = p.tag
	header["Cache-Control"] = p.caching
	header[headerCDN] = cdnCachingValue
	if token != nil {
		header[httpio.HeaderFormToken] = token
	}
	if match := r.Header["If-None-Match"]; match != nil && httpio.HasCurrent(match, p.tag[0]) {
		for _, name := range httpio.SecureHeaders {
			delete(header, name)
		}
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, 0
	}
	httpio.SetSecureHeaders(header)
	if p.policy != nil {
		header["Content-Security-Policy"] = p.policy
	}
	chosen = AcceptedEncoding(r.Header["Accept-Encoding"])
	header["Content-Type"] = p.contentType
	header["Content-Length"] = p.lengths[chosen]
	if value := encodingValues[chosen]; value != nil {
		header["Content-Encoding"] = value
	}
	w.WriteHeader(http.StatusOK)
	return http.StatusOK, chosen
}

// formToken returns the token of the form below a page, nil without one. One is made at most each second: it
// says how long a writer took, and nobody is counted by it.
func (rs *Responder) formToken(page *keptPage, now time.Time) []string {
	if page.siteID == "" {
		return nil
	}
	if made := page.token.Load(); made != nil && made.second == now.Unix() {
		return made.value
	}
	made := &madeToken{second: now.Unix(), value: []string{moderation.FormToken(rs.Threads.Keys, page.siteID, now)}}
	page.token.Store(made)
	return made.value
}

// readersCaching lets caches of readers and CDNs keep an answer, but ask before each use whether it is still
// right.
const readersCaching = "public, max-age=0, must-revalidate"

// answerCacheable writes what is the same for every reader, or tells a client that it has it already. The
// ETag is a hash of the answer itself, so it is right whatever the answer was made from.
func WriteCacheable(c *gin.Context, body any) {
	answerMade(c, Rendering{ContentType: httpio.JsonType, Caching: readersCaching, Body: httpio.EncodeJSON(body)})
}

// Closing is when the article closes by age, which no change tells of; zero when it is closed, or never does.
func Closing(thread moderation.Thread) time.Time {
	closes, ok := thread.Article.ClosesAt(thread.Site.Settings)
	if !ok || thread.Closed || thread.Article.ID == "" {
		return time.Time{}
	}
	return closes
}

// Responder serves pages that are the same for every reader, from a cache where it may.
type Responder struct {
	RenderLimiter *RenderLimiter
	Threads       *moderation.Threads
	Now           func() time.Time
	Pages         *Cache    // nil: off
	FastPath      *FastPath // nil without pages
}
