package handlers

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

// threadCaching lets readers keep a thread but ask before each use: what a browser may show while it asks is
// a comment that was just removed. A shared cache may answer without asking for five seconds; one that is a
// CDN's, which knows the header made for it (RFC 9213), for a minute more while it asks.
const (
	threadCaching = "public, max-age=0, must-revalidate, s-maxage=5"
	cdnCaching    = "public, max-age=5, stale-while-revalidate=60"
	headerCDN     = "Cdn-Cache-Control"
)

// threadKey names a page of a thread in the cache.
func threadKey(kind string, q moderation.ThreadQuery) pageKey {
	return pageKey{
		kind:    kind,
		site:    q.SiteSlug,
		article: q.ArticleKey,
		rest: strings.Join(
			[]string{string(q.Sort), strconv.Itoa(q.Limit), strconv.Quote(q.RootID), strconv.Quote(q.Focus), q.Cursor},
			" ",
		),
	}
}

// answerPublic writes a page that is the same for every reader, from the cache when it may be kept. render
// must read only what the key names; it may run on behalf of other requests, so it gets a context of its own.
func (s *Server) answerPublic(c *gin.Context, key pageKey, render renderFunc) error {
	ctx := c.Request.Context()
	client := clientSource(c)
	page, err := s.pages.find(ctx, key, client, render)
	if err != nil {
		return err
	}
	if page != nil {
		header := c.Writer.Header()
		header["Vary"] = []string{strings.Join(append(header["Vary"], "Accept-Encoding"), ", ")}
		s.sendPage(c.Writer, c.Request, page, client)
		c.Writer.WriteHeaderNow()
		s.quick.learn(c, key)
		return nil
	}
	return s.answerOnce(c, render)
}

// answerOnce renders a page for one request, and writes it.
func (s *Server) answerOnce(c *gin.Context, render renderFunc) error {
	if err := s.startRendering(c); err != nil {
		return err
	}
	made, err := render(c.Request.Context())
	endRendering(c)
	if err != nil {
		return err
	}
	defer s.pageRoom.send(clientSource(c), len(made.body), nil)()
	if made.siteID != "" {
		c.Header(headerFormToken, moderation.FormToken(s.Threads.Keys, made.siteID, s.Now()))
	}
	answerMade(c, made)
	return nil
}

// answerMade writes a page as it was made, uncompressed: compressing for one reader costs more than it saves,
// and a proxy does it better.
func answerMade(c *gin.Context, made rendering) {
	tag := bodyTag(made.body)
	c.Header("ETag", tag)
	c.Header("Cache-Control", made.caching)
	c.Header(headerCDN, cdnCaching)
	if made.policy != "" {
		c.Header("Content-Security-Policy", made.policy)
	}
	if hasCurrent(c.Request.Header.Values("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Data(http.StatusOK, made.contentType, made.body)
}

// Header values that never change; sharing them saves making them for each answer.
var (
	encodingValues  = [encodings][]string{{encodingNames[encodingBrotli]}, {encodingNames[encodingGzip]}, nil}
	cdnCachingValue = []string{cdnCaching}
	exposedHeaders  = []string{corsAnswerHeaders}
)

// sendPage writes a kept page in the coding that the client likes best, and returns status and bytes of the
// body.
func (s *Server) sendPage(w http.ResponseWriter, r *http.Request, p *keptPage, client netip.Prefix) (status, size int) {
	status, chosen := p.sendHeader(w, r, s.formToken(p, s.Now()))
	if status == http.StatusNotModified || r.Method == http.MethodHead {
		return status, 0
	}
	body := p.bodies[chosen]
	defer s.pageRoom.send(client, len(body), &p.readers[chosen])()
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
		header[headerFormToken] = token
	}
	if match := r.Header["If-None-Match"]; match != nil && hasCurrent(match, p.tag[0]) {
		for _, name := range fixedHeaders {
			delete(header, name)
		}
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, 0
	}
	setSecureHeaders(header)
	if p.policy != nil {
		header["Content-Security-Policy"] = p.policy
	}
	chosen = acceptedEncoding(r.Header["Accept-Encoding"])
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
func (s *Server) formToken(page *keptPage, now time.Time) []string {
	if page.siteID == "" {
		return nil
	}
	if made := page.token.Load(); made != nil && made.second == now.Unix() {
		return made.value
	}
	made := &madeToken{second: now.Unix(), value: []string{moderation.FormToken(s.Threads.Keys, page.siteID, now)}}
	page.token.Store(made)
	return made.value
}
