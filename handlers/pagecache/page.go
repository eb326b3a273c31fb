package pagecache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync/atomic"
	"time"
	"unsafe"
)

// Key identifies a page by everything that determines its content.
type Key struct {
	Kind    string
	Site    string
	Article string // empty: a page about all articles of the site
	Rest    string // all other parameters, in a canonical form
}

// String returns an unambiguous text: neither kinds nor slugs have blanks, and the length delimits the
// article.
func (k Key) String() string {
	return k.Kind + " " + k.Site + " " + strconv.Itoa(len(k.Article)) + " " + k.Article + k.Rest
}

// Rendering is a rendered page.
type Rendering struct {
	ContentType string
	Caching     string    // Cache-Control
	Policy      string    // Content-Security-Policy; empty: the default
	SiteID      string    // of the page's form, which needs a token; empty: no form
	Until       time.Time // when the page becomes wrong without a change; zero: never
	Body        []byte
	Release     func() // lets others use the memory of Body; nil: it is not reused
}

// release must be called when nothing uses the body any more.
func (r Rendering) release() {
	if r.Release != nil {
		r.Release()
	}
}

// compact copies a body that takes less than half of its memory. So a slow client holds at most about twice
// what RenderLimiter counts.
func (r Rendering) compact() Rendering {
	if cap(r.Body) <= 2*len(r.Body) {
		return r
	}
	defer r.release()
	r.Body = bytes.Clone(r.Body)
	r.Release = nil
	return r
}

// renderFunc renders a page, perhaps for several requests.
type renderFunc func(context.Context) (Rendering, error)

// cachedPage is a page ready to be sent. Header values are slices, as http.Header needs them, to avoid
// allocations.
type cachedPage struct {
	bodies      [Encodings][]byte
	senders     *[Encodings]int // responses that are sending each body; guarded by RenderLimiter
	lengths     [Encodings][]string
	contentType []string
	caching     []string
	policy      []string // nil: the default
	tag         []string
	siteID      string
	token       atomic.Pointer[formToken]

	version    int64 // of the article
	generation generation
	renderedAt int64 // Unix time in nanoseconds, like the next two
	until      int64 // 0: never
	verifiedAt atomic.Int64
}

// ended reports whether the page ceased to be right by itself, at a time in nanoseconds.
func (p *cachedPage) ended(now int64) bool { return p.until != 0 && now >= p.until }

// formToken is a form's token as a header value.
type formToken struct {
	second int64
	value  []string
}

func newCachedPage(r Rendering) *cachedPage {
	page := &cachedPage{
		senders:     new([Encodings]int), // not in the page, so that a slow response keeps only its body in memory
		bodies:      Compress(r.Body),
		contentType: []string{r.ContentType},
		caching:     []string{r.Caching},
		siteID:      r.SiteID,
	}
	for e, body := range page.bodies {
		page.lengths[e] = []string{strconv.Itoa(len(body))}
	}
	if r.Policy != "" {
		page.policy = []string{r.Policy}
	}
	page.tag = []string{bodyTag(r.Body)}
	if !r.Until.IsZero() {
		page.until = r.Until.UnixNano()
	}
	return page
}

// weight estimates the memory that the page takes in the cache.
func (p *cachedPage) weight(key Key) uint32 {
	const overhead = int(unsafe.Sizeof(cachedPage{})) + 512 // and for header values and the cache's own structures
	sum := overhead + len(key.Kind) + len(key.Site) + len(key.Article) + len(key.Rest)
	for _, body := range p.bodies {
		sum += cap(body)
	}
	return uint32(min(sum, 1<<31))
}

// bodyTag returns a weak ETag, which is the same for every encoding of the body.
func bodyTag(body []byte) string {
	sum := sha256.Sum256(body)
	return `W/"` + hex.EncodeToString(sum[:16]) + `"`
}
