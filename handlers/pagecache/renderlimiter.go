package pagecache

import (
	"context"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

const (
	// largePage is the minimum size of a page whose memory counts while it is being sent.
	largePage = 32 << 10
	// clientWaits is the maximum number of one client's requests that wait for a page to be rendered, and of
	// renderings that go on for them.
	clientWaits = 128
	// renderRetry is the retry delay for a client that exceeds its share.
	renderRetry = time.Second
)

// RenderLimiter limits the pages that must be rendered: how many of one client at once, and the memory of
// large pages that are read slowly. Only rendering is refused. A kept page is always sent, since it takes no
// more memory than the cache until a new page displaces it.
type RenderLimiter struct {
	most  int64 // bytes being sent; 0: no limit
	share int64 // of one client
	turns int   // pages of one client being rendered

	mu       sync.Mutex
	sending  int64 // bytes; a kept page counts once, however many clients read it
	ofClient map[netip.Prefix]*clientPages
	refused  struct{ total, client uint64 }
}

// clientPages are the pages of one client.
type clientPages struct {
	turns   chan struct{} // one for each page being rendered
	waits   int           // see clientWaits
	sending int64         // bytes
}

// NewRenderLimiter returns room for as many bytes as bodies may take, beside what is in the cache.
func NewRenderLimiter(bodies, cache int64) *RenderLimiter {
	r := &RenderLimiter{turns: max(4, 2*runtime.GOMAXPROCS(0)), ofClient: map[netip.Prefix]*clientPages{}}
	if bodies > 0 {
		r.most, r.share = bodies+cache, bodies/httpio.ClientShare
	}
	return r
}

// admit counts a client's request that waits for a page until leave. Errors: errOverload,
// *moderation.RateLimitError. Clients without a known address have no limits of their own.
func (r *RenderLimiter) admit(client netip.Prefix) (leave func(), err error) {
	_, leave, err = r.wait(client)
	return leave, err
}

// enter waits for the client's turn to render a page; leave ends it and may be called twice. Errors as admit.
func (r *RenderLimiter) enter(ctx context.Context, client netip.Prefix) (leave func(), err error) {
	pages, done, err := r.wait(client)
	if err != nil {
		return nil, err
	}
	select {
	case pages.turns <- struct{}{}:
	case <-ctx.Done():
		done()
		return nil, context.Cause(ctx)
	}
	leave = sync.OnceFunc(func() {
		<-pages.turns
		done()
	})
	r.mu.Lock()
	err = r.full(pages)
	r.mu.Unlock()
	if err != nil { // it became full during the wait
		leave()
		return nil, err
	}
	return leave, nil
}

func (r *RenderLimiter) wait(client netip.Prefix) (pages *clientPages, done func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pages = r.pagesOf(client)
	pages.waits++
	if err := r.full(pages); err != nil {
		pages.waits--
		r.forget(client, pages)
		return nil, nil, err
	}
	return pages, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		pages.waits--
		r.forget(client, pages)
	}, nil
}

// full returns why no page may be rendered now.
func (r *RenderLimiter) full(pages *clientPages) error {
	switch {
	case r.most > 0 && r.sending >= r.most:
		r.refused.total++
		return httpio.ErrOverload
	case pages.waits > clientWaits, r.most > 0 && pages.sending >= r.share:
		r.refused.client++
		return &moderation.RateLimitError{RetryAfter: renderRetry}
	}
	return nil
}

func (r *RenderLimiter) pagesOf(client netip.Prefix) *clientPages {
	pages := r.ofClient[client]
	if pages == nil {
		pages = &clientPages{turns: make(chan struct{}, r.turns)}
	}
	if client.IsValid() {
		r.ofClient[client] = pages
	}
	return pages
}

func (r *RenderLimiter) forget(client netip.Prefix, pages *clientPages) {
	if pages.waits == 0 && pages.sending == 0 {
		delete(r.ofClient, client)
	}
}

// Send counts a page until sent. readers counts the clients to which a kept page is being sent; nil: the
// page is for one client.
func (r *RenderLimiter) Send(client netip.Prefix, size int, readers *int) (sent func()) {
	if size < largePage {
		return func() {}
	}
	if readers == nil {
		readers = new(int)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	pages, n := r.pagesOf(client), int64(size)
	pages.sending += n
	if *readers++; *readers == 1 {
		r.sending += n
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		pages.sending -= n
		r.forget(client, pages)
		if *readers--; *readers == 0 {
			r.sending -= n
		}
	}
}

// renderCounts are the numbers of a renderLimiter.
type renderCounts struct {
	Sending       int64  // bytes of large pages being sent
	Refused       uint64 // pages not rendered because too many large ones were being sent
	RefusedClient uint64 // pages not rendered because one client exceeded its share
}

// Counts returns the numbers now.
func (r *RenderLimiter) Counts() renderCounts {
	r.mu.Lock()
	defer r.mu.Unlock()
	return renderCounts{Sending: r.sending, Refused: r.refused.total, RefusedClient: r.refused.client}
}

// Start waits for the client's turn to render a page. endRendering ends it, at the latest after the request's
// step.
func (r *RenderLimiter) Start(c *gin.Context) error {
	if _, started := c.Get(httpio.KeyRendering); started {
		return nil
	}
	leave, err := r.enter(c.Request.Context(), httpio.ClientSource(c))
	if err == nil {
		c.Set(httpio.KeyRendering, leave)
	}
	return err
}

func EndRendering(c *gin.Context) {
	if leave, started := c.Get(httpio.KeyRendering); started {
		leave.(func())()
	}
}
