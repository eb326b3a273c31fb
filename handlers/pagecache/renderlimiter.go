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
	// maxClientWaits bounds a client's requests that wait for a page, plus the renderings started by them.
	maxClientWaits = 128
	// renderRetry is the retry delay for a client that exceeds its share.
	renderRetry = time.Second
)

// RenderLimiter limits renderings: how many of one client run at once, and how much memory pages take that
// are sent to slow clients. It never refuses to send a cached page, which takes no memory of its own until a
// newer page replaces it.
type RenderLimiter struct {
	maxSending          int64 // bytes; 0: no limit
	maxSendingPerClient int64
	slots               int // concurrent renderings of one client

	mu      sync.Mutex
	sending int64 // bytes; a cached page counts once, however many clients read it
	clients map[netip.Prefix]*clientLoad
	refused struct{ total, client uint64 }
}

// clientLoad is what the limiter counts for one client.
type clientLoad struct {
	slots   chan struct{} // one for each running rendering
	waits   int           // see maxClientWaits
	sending int64         // bytes
}

// NewRenderLimiter returns a limiter for a server that may hold so many bytes of request bodies and of cached
// pages. Pages being sent may take as much as both together; 0 bytes of bodies means no limit.
func NewRenderLimiter(bodies, cache int64) *RenderLimiter {
	r := &RenderLimiter{slots: max(4, 2*runtime.GOMAXPROCS(0)), clients: map[netip.Prefix]*clientLoad{}}
	if bodies > 0 {
		r.maxSending, r.maxSendingPerClient = bodies+cache, httpio.ClientShare(bodies)
	}
	return r
}

// StartRendering waits until the client may render a page. EndRendering must be called after it, at the
// latest at the end of the request.
func (r *RenderLimiter) StartRendering(c *gin.Context) error {
	if _, started := c.Get(keyRelease); started {
		return nil
	}
	release, err := r.acquire(c.Request.Context(), httpio.ClientPrefix(c))
	if err == nil {
		c.Set(keyRelease, release)
	}
	return err
}

// EndRendering ends what StartRendering started. It may be called twice, and without StartRendering.
func EndRendering(c *gin.Context) {
	if release, started := c.Get(keyRelease); started {
		release.(func())()
	}
}

// keyRelease is the key of a request's release function in gin's context.
const keyRelease = "rejoinder.release_rendering"

// acquire waits for one of the client's slots; release may be called twice. Errors: as admit.
func (r *RenderLimiter) acquire(ctx context.Context, client netip.Prefix) (release func(), err error) {
	load, leave, err := r.wait(client)
	if err != nil {
		return nil, err
	}
	select {
	case load.slots <- struct{}{}:
	case <-ctx.Done():
		leave()
		return nil, context.Cause(ctx)
	}
	release = sync.OnceFunc(func() {
		<-load.slots
		leave()
	})
	r.mu.Lock()
	err = r.check(load) // limits may have been exceeded during the wait
	r.mu.Unlock()
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// admit counts a request that waits for a shared rendering. Errors: httpio.ErrOverload,
// *moderation.RateLimitError. Clients without a known address have no limits of their own.
func (r *RenderLimiter) admit(client netip.Prefix) (release func(), err error) {
	_, release, err = r.wait(client)
	return release, err
}

func (r *RenderLimiter) wait(client netip.Prefix) (load *clientLoad, leave func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	load = r.load(client)
	load.waits++
	if err := r.check(load); err != nil {
		load.waits--
		r.forgetIdle(client, load)
		return nil, nil, err
	}
	return load, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		load.waits--
		r.forgetIdle(client, load)
	}, nil
}

// check returns the error for a client that may not render now.
func (r *RenderLimiter) check(load *clientLoad) error {
	switch {
	case r.maxSending > 0 && r.sending >= r.maxSending:
		r.refused.total++
		return httpio.ErrOverload
	case load.waits > maxClientWaits, r.maxSending > 0 && load.sending >= r.maxSendingPerClient:
		r.refused.client++
		return &moderation.RateLimitError{RetryAfter: renderRetry}
	}
	return nil
}

func (r *RenderLimiter) load(client netip.Prefix) *clientLoad {
	load := r.clients[client]
	if load == nil {
		load = &clientLoad{slots: make(chan struct{}, r.slots)}
	}
	if client.IsValid() {
		r.clients[client] = load
	}
	return load
}

func (r *RenderLimiter) forgetIdle(client netip.Prefix, load *clientLoad) {
	if load.waits == 0 && load.sending == 0 {
		delete(r.clients, client)
	}
}

// CountSending counts the bytes of a page until done is called. senders is the number of responses that are
// sending the same cached page; nil for a page that is not cached.
func (r *RenderLimiter) CountSending(client netip.Prefix, size int, senders *int) (done func()) {
	if size < largePage {
		return func() {}
	}
	if senders == nil {
		senders = new(int)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	load, n := r.load(client), int64(size)
	load.sending += n
	if *senders++; *senders == 1 {
		r.sending += n
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		load.sending -= n
		r.forgetIdle(client, load)
		if *senders--; *senders == 0 {
			r.sending -= n
		}
	}
}

// RenderStats are the numbers of a RenderLimiter.
type RenderStats struct {
	Sending       int64  // bytes of large pages being sent
	Refused       uint64 // renderings refused because too many large pages were being sent
	RefusedClient uint64 // renderings refused because one client exceeded its share
}

// Stats returns the current numbers.
func (r *RenderLimiter) Stats() RenderStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return RenderStats{Sending: r.sending, Refused: r.refused.total, RefusedClient: r.refused.client}
}
