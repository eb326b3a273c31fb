package pagecache

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"rejoinder/moderation"
)

const (
	// verifyAfter is how long a page is served without comparing its article's version in the database. Changes
	// are announced; this bounds the effect of a lost announcement.
	verifyAfter = 2 * time.Second
	// maxAge bounds how old anything in a page may become that no change announces.
	maxAge = 10 * time.Minute
	// renderTimeout bounds a rendering, which goes on when the first client disconnects, since others may wait
	// for it.
	renderTimeout = 20 * time.Second
	// renderAttempts bounds how often a page is rendered again because its article changed meanwhile.
	renderAttempts = 3
)

// Cache holds pages that are the same for every reader. A nil Cache holds none.
type Cache struct {
	pages       *otter.Cache[Key, *cachedPage]
	flights     singleflight.Group
	generations *Generations
	limiter     *RenderLimiter
	version     versionFunc
	now         func() time.Time
	staleFor    time.Duration

	hits, misses, staleHits atomic.Uint64
}

// versionFunc returns the version of an article, as moderation.Threads.Version does.
type versionFunc func(ctx context.Context, siteSlug, key string) (moderation.ArticleVersion, error)

// Config is what a Cache needs.
type Config struct {
	Bytes       int64 // maximum size of all pages; 0: no cache
	Generations *Generations
	Limiter     *RenderLimiter
	Version     versionFunc
	Now         func() time.Time
	// StaleFor is how long after its last verification a page may be served because the database is unavailable.
	StaleFor time.Duration
}

// New returns a cache, or nil if it may hold no bytes.
func New(config Config) *Cache {
	if config.Bytes <= 0 {
		return nil
	}
	return &Cache{
		pages: otter.Must(&otter.Options[Key, *cachedPage]{
			MaximumWeight: uint64(config.Bytes),
			Weigher:       func(key Key, page *cachedPage) uint32 { return page.weight(key) },
			// When a page can no longer be of any use; state decides what may be served.
			ExpiryCalculator: otter.ExpiryWriting[Key, *cachedPage](maxAge + config.StaleFor),
		}),
		generations: config.Generations, limiter: config.Limiter, version: config.Version, now: config.Now,
		staleFor: config.StaleFor,
	}
}

// pageState says how a cached page may be used.
type pageState int

const (
	invalid    pageState = iota // must not be served: its content has changed
	expired                     // must be rendered again
	unverified                  // must be verified
	fresh                       // may be served as it is
)

// state returns the state of a page at a time, in nanoseconds.
func (c *Cache) state(page *cachedPage, now int64) pageState {
	switch {
	case !c.generations.isCurrent(page.generation), page.ended(now):
		return invalid
	case now-page.verifiedAt.Load() < int64(verifyAfter):
		return fresh
	case page.generation.articleID == "", now-page.renderedAt >= int64(maxAge):
		return expired
	}
	return unverified
}

// getFresh returns a page that may be served as it is; nil if there is none.
func (c *Cache) getFresh(key Key, now time.Time) *cachedPage {
	page, ok := c.pages.GetIfPresent(key)
	if !ok || c.state(page, now.UnixNano()) != fresh {
		return nil
	}
	c.hits.Add(1)
	return page
}

// getStale returns a page that may be served because the database is unavailable (stale-if-error, RFC 5861);
// nil if there is none. It may lack the newest comments, but shows none that is known to be removed.
func (c *Cache) getStale(key Key) *cachedPage {
	page, ok := c.pages.GetIfPresent(key)
	now := c.now().UnixNano()
	if !ok || !c.generations.isHarmless(page.generation) || page.ended(now) ||
		now-page.verifiedAt.Load() >= int64(c.staleFor) {
		return nil
	}
	return page
}

// errFirstRefused ends a shared rendering because the client that started it has exceeded its share. Other
// clients may be waiting for it.
var errFirstRefused = errors.New("first client may not render")

// get returns a page from the cache, or renders it, once for all concurrent requests. nil means that the page
// is not cacheable, because the article is unknown or changes too fast: the caller renders it. While the
// database is unavailable, get may return a stale page.
func (c *Cache) get(ctx context.Context, key Key, client netip.Prefix, render renderFunc) (*cachedPage, error) {
	if c == nil || !c.generations.ready.Load() {
		return nil, nil
	}
	page, err := c.getCurrent(ctx, key, client, render)
	if !errors.Is(err, moderation.ErrBusy) {
		return page, err
	}
	if stale := c.getStale(key); stale != nil {
		c.staleHits.Add(1)
		return stale, nil
	}
	return nil, err
}

// getCurrent is get without stale pages.
func (c *Cache) getCurrent(
	ctx context.Context, key Key, client netip.Prefix, render renderFunc,
) (*cachedPage, error) {
	for range renderAttempts {
		page, err := c.lookUp(ctx, key)
		if page != nil {
			c.hits.Add(1)
		}
		if page != nil || err != nil {
			return page, err
		}
		page, err = c.renderShared(ctx, key, client, render)
		switch {
		case errors.Is(err, errFirstRefused): // the next attempt checks this client's share
		case err != nil:
			return nil, err
		case page == nil, c.generations.isCurrent(page.generation):
			return page, nil
		}
		// The article has changed since the rendering started.
	}
	return nil, nil
}

// lookUp returns a current page from the cache, after verifying it if necessary; nil if there is none.
func (c *Cache) lookUp(ctx context.Context, key Key) (*cachedPage, error) {
	page, ok := c.pages.GetIfPresent(key)
	if !ok {
		return nil, nil
	}
	now := c.now().UnixNano()
	switch c.state(page, now) {
	case fresh:
		return page, nil
	case invalid, expired:
		return nil, nil
	}
	verified, err := c.shared(ctx, key, "verify", func(ctx context.Context) (any, error) {
		at, err := c.version(ctx, key.Site, key.Article)
		if errors.Is(err, moderation.ErrNotFound) || errors.Is(err, moderation.ErrSiteUnknown) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("verify page: %w", err)
		}
		if at.ArticleID != page.generation.articleID || at.Version != page.version {
			return false, nil
		}
		page.verifiedAt.Store(now)
		return true, nil
	})
	if err != nil || !verified.(bool) || !c.generations.isCurrent(page.generation) {
		return nil, err
	}
	return page, nil
}

// renderShared renders a page for all concurrent requests.
func (c *Cache) renderShared(
	ctx context.Context, key Key, client netip.Prefix, render renderFunc,
) (*cachedPage, error) {
	release, err := c.limiter.admit(client)
	if err != nil {
		return nil, err
	}
	defer release()
	page, err := c.shared(ctx, key, "render", func(ctx context.Context) (any, error) {
		release, err := c.limiter.acquire(ctx, client)
		var rateLimit *moderation.RateLimitError
		if errors.As(err, &rateLimit) {
			return nil, errFirstRefused
		}
		if err != nil {
			return nil, err
		}
		defer release()
		return c.fill(ctx, key, render)
	})
	if err != nil {
		return nil, err
	}
	return page.(*cachedPage), nil
}

// fill renders a page into the cache; nil if it is not cacheable. It takes version and generation before it
// renders, so that it notices every change in between.
func (c *Cache) fill(ctx context.Context, key Key, render renderFunc) (*cachedPage, error) {
	var at moderation.ArticleVersion
	if key.Article != "" {
		var err error
		at, err = c.version(ctx, key.Site, key.Article)
		switch {
		case errors.Is(err, moderation.ErrNotFound),
			errors.Is(err, moderation.ErrSiteUnknown),
			isInvalid(err),
			err == nil && at.ArticleID == "":
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("fill page: %w", err)
		}
	}
	now, generation := c.now().UnixNano(), c.generations.current(at.ArticleID)
	c.misses.Add(1)
	rendering, err := render(ctx)
	if err != nil {
		return nil, err
	}
	defer rendering.release()
	page := newCachedPage(rendering)
	page.version, page.generation, page.renderedAt = at.Version, generation, now
	page.verifiedAt.Store(now)
	c.pages.Set(key, page)
	return page, nil
}

func isInvalid(err error) bool {
	var invalid *moderation.Invalid
	return errors.As(err, &invalid)
}

// CacheStats are the numbers of a Cache.
type CacheStats struct {
	Hits   uint64 // requests served from the cache
	Misses uint64 // pages rendered into the cache
	Stale  uint64 // requests served with a stale page because the database was unavailable
	Bytes  uint64
	Pages  int
}

// Stats returns the current numbers.
func (c *Cache) Stats() CacheStats {
	if c == nil {
		return CacheStats{}
	}
	return CacheStats{Hits: c.hits.Load(), Misses: c.misses.Load(), Stale: c.staleHits.Load(),
		Bytes: c.pages.WeightedSize(), Pages: c.pages.EstimatedSize()}
}
