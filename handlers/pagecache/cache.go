package pagecache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"rejoinder/moderation"
)

// How long a kept page is used.
const (
	// pageUnchecked is how long a page is used without asking the database for its article's version. Changes
	// are announced; this is how soon a page heals whose announcement was lost.
	pageUnchecked = 2 * time.Second
	// pageLife bounds all else that may age in a page, as an article that closes by its age.
	pageLife = 10 * time.Minute
	// renderTime bounds one rendering. It goes on when the client leaves that asked first, since others may wait
	// for it.
	renderTime = 20 * time.Second
	// renderTries is how often a page is made for keeping while its article changes under it.
	renderTries = 3
)

// pageKey is everything that shapes a page: its kind, site and article, and the rest in one fixed spelling.
type Key struct {
	Kind    string
	Site    string
	Article string // empty: of all articles of the site
	Rest    string
}

// flight spells the key in one string. Slugs have no blank, and the article's length keeps it apart from the
// rest.
func (k Key) flight() string {
	return k.Kind + " " + k.Site + " " + strconv.Itoa(len(k.Article)) + " " + k.Article + k.Rest
}

// Rendering is a page as it was made: the same for every reader who asks for it.
type Rendering struct {
	ContentType string
	Caching     string    // Cache-Control
	Policy      string    // Content-Security-Policy; empty: the one of every answer
	SiteID      string    // of the form below the page, which needs a token; empty: none
	Until       time.Time // when it is not right any more by itself; zero: never
	Body        []byte
}

// renderFunc makes a page. It may run on behalf of several requests.
type renderFunc func(context.Context) (Rendering, error)

// keptPage is a page ready to be sent. Header values are slices, as http.Header has them, so that sending
// makes none.
type keptPage struct {
	bodies      [Encodings][]byte
	readers     *[Encodings]int // of each body; of renderLimiter. A pointer, so that a reader keeps only one body in memory.
	lengths     [Encodings][]string
	contentType []string
	caching     []string
	policy      []string // nil: the one of every answer
	tag         []string
	siteID      string
	token       atomic.Pointer[madeToken]

	version    int64
	generation generation
	bornAt     int64 // nanoseconds since 1970, as the next ones
	until      int64 // 0: it does not end by itself
	checkedAt  atomic.Int64
}

// madeToken is a form's token with its header value.
type madeToken struct {
	second int64
	value  []string
}

// weight is what the page takes in memory, about.
func (p *keptPage) weight(key Key) uint32 {
	const fixed = int(unsafe.Sizeof(keptPage{})) + 512 // and what headers and the cache itself need for it
	sum := fixed + len(key.Kind) + len(key.Site) + len(key.Article) + len(key.Rest)
	for _, body := range p.bodies {
		sum += cap(body)
	}
	return uint32(min(sum, 1<<31))
}

// pageCache keeps pages that are the same for every reader. It holds what Threads gave out as public, never
// more bytes than it may, and no page after its article changed. nil keeps nothing.
type Cache struct {
	Pages       *otter.Cache[Key, *keptPage]
	flights     singleflight.Group
	generations *Generations
	limiter     *RenderLimiter
	version     func(ctx context.Context, siteSlug, key string) (moderation.ArticleVersion, error)
	now         func() time.Time
	// staleFor is how long after the last check a page may be sent because the database can't be asked.
	staleFor time.Duration

	Hits, Misses, Stale atomic.Uint64 // a miss renders a page, for everybody who waits for it
}

// cacheConfig is what a pageCache needs.
type Config struct {
	Bytes       int64 // maximum size of all pages; 0: no cache
	StaleFor    time.Duration
	Generations *Generations
	Limiter     *RenderLimiter
	Version     func(ctx context.Context, siteSlug, key string) (moderation.ArticleVersion, error)
	Now         func() time.Time
}

// newPageCache returns a cache; nil without room for one.
func New(config Config) *Cache {
	if config.Bytes <= 0 {
		return nil
	}
	return &Cache{
		Pages: otter.Must(&otter.Options[Key, *keptPage]{
			MaximumWeight: uint64(config.Bytes),
			Weigher:       func(key Key, page *keptPage) uint32 { return page.weight(key) },
			// As long as it may be of use; when it is checked or made anew is decided where it is looked up.
			ExpiryCalculator: otter.ExpiryWriting[Key, *keptPage](pageLife + config.StaleFor),
		}),
		generations: config.Generations, limiter: config.Limiter, version: config.Version, now: config.Now,
		staleFor: config.StaleFor,
	}
}

// errPanicked is a rendering that ended in a panic on behalf of several requests.
var errPanicked = errors.New("rendering panicked")

// errFirstRefused ends a rendering that began for a client that has used up its share. Other clients may wait
// for it.
var errFirstRefused = errors.New("the client that asked first may not render")

// find returns the page to send, from memory or made by render, however many ask at once. nil: it is none to
// be kept (the article is unknown, or changes too fast), and the caller renders it for itself. While the
// database can't be asked it is the page as it was when it last could be, up to a bound.
func (p *Cache) find(ctx context.Context, key Key, client netip.Prefix, render renderFunc) (*keptPage, error) {
	if p == nil || !p.generations.ready.Load() {
		return nil, nil
	}
	page, err := p.current(ctx, key, client, render)
	if !errors.Is(err, moderation.ErrBusy) {
		return page, err
	}
	if old := p.outdated(key); old != nil {
		p.Stale.Add(1)
		return old, nil
	}
	return nil, err
}

func (p *Cache) current(
	ctx context.Context,
	key Key,
	client netip.Prefix,
	render renderFunc,
) (*keptPage, error) {
	for range renderTries {
		page, err := p.kept(ctx, key)
		if page != nil {
			p.Hits.Add(1)
		}
		if page != nil || err != nil {
			return page, err
		}
		page, err = p.rendered(ctx, key, client, render)
		switch {
		case errors.Is(err, errFirstRefused): // the next try checks this client's own share
		case err != nil:
			return nil, err
		case page == nil, p.generations.fresh(page.generation):
			return page, nil
		}
		// Whoever joined a flight may have come after a change that it did not see.
	}
	return nil, nil
}

// rendered returns a page made by render for all who ask for it now.
func (p *Cache) rendered(
	ctx context.Context,
	key Key,
	client netip.Prefix,
	render renderFunc,
) (*keptPage, error) {
	leave, err := p.limiter.admit(client)
	if err != nil {
		return nil, err
	}
	defer leave()
	made, err := p.together(ctx, key, "", func(ctx context.Context) (any, error) {
		end, err := p.limiter.enter(ctx, client)
		var tooMany *moderation.RateLimitError
		if errors.As(err, &tooMany) {
			return nil, errFirstRefused
		}
		if err != nil {
			return nil, err
		}
		defer end()
		return p.fill(ctx, key, render)
	})
	if err != nil {
		return nil, err
	}
	return made.(*keptPage), nil
}

// ready returns a page from memory that needs no check now, nil when there is none.
func (p *Cache) ready(key Key, now time.Time) *keptPage {
	page, ok := p.Pages.GetIfPresent(key)
	if !ok || !p.generations.fresh(page.generation) || now.UnixNano()-page.checkedAt.Load() >= int64(pageUnchecked) ||
		page.over(now.UnixNano()) {
		return nil
	}
	p.Hits.Add(1)
	return page
}

func (p *keptPage) over(now int64) bool { return p.until != 0 && now >= p.until }

// kept returns a page from memory that is right now, nil when there is none.
func (p *Cache) kept(ctx context.Context, key Key) (*keptPage, error) {
	page, ok := p.Pages.GetIfPresent(key)
	if !ok || !p.generations.fresh(page.generation) {
		return nil, nil
	}
	now := p.now().UnixNano()
	switch {
	case page.over(now):
		return nil, nil
	case now-page.checkedAt.Load() < int64(pageUnchecked):
		return page, nil
	case now-page.bornAt >= int64(pageLife), key.Article == "":
		return nil, nil
	}
	same, err := p.together(ctx, key, "version ", func(ctx context.Context) (any, error) {
		v, err := p.version(ctx, key.Site, key.Article)
		if errors.Is(err, moderation.ErrNotFound) || errors.Is(err, moderation.ErrSiteUnknown) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("check page: %w", err)
		}
		if same := v.ArticleID == page.generation.articleID && v.Version == page.version; !same {
			return false, nil
		}
		page.checkedAt.Store(now)
		return true, nil
	})
	if err != nil || !same.(bool) || !p.generations.fresh(page.generation) {
		return nil, err
	}
	return page, nil
}

// fill makes a page and keeps it. The version is asked for and the stamp taken before the page is read, so
// that no change between can be missed.
func (p *Cache) fill(ctx context.Context, key Key, render renderFunc) (*keptPage, error) {
	var at moderation.ArticleVersion
	if key.Article != "" {
		var err error
		at, err = p.version(ctx, key.Site, key.Article)
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
	now, moment := p.now().UnixNano(), p.generations.current(at.ArticleID)
	p.Misses.Add(1)
	made, err := render(ctx)
	if err != nil {
		return nil, err
	}
	page := newKeptPage(made)
	page.version, page.generation, page.bornAt = at.Version, moment, now
	page.checkedAt.Store(now)
	p.Pages.Set(key, page)
	return page, nil
}

func isInvalid(err error) bool {
	var invalid *moderation.Invalid
	return errors.As(err, &invalid)
}

func newKeptPage(made Rendering) *keptPage {
	page := &keptPage{
		readers:     new([Encodings]int),
		bodies:      Compressed(made.Body),
		contentType: []string{made.ContentType},
		caching:     []string{made.Caching},
		siteID:      made.SiteID,
	}
	for e, body := range page.bodies {
		page.lengths[e] = []string{strconv.Itoa(len(body))}
	}
	if made.Policy != "" {
		page.policy = []string{made.Policy}
	}
	page.tag = []string{bodyTag(made.Body)}
	if !made.Until.IsZero() {
		page.until = made.Until.UnixNano()
	}
	return page
}

// bodyTag is a weak ETag: it names what an answer says, in whichever coding it is sent.
func bodyTag(body []byte) string {
	sum := sha256.Sum256(body)
	return `W/"` + hex.EncodeToString(sum[:16]) + `"`
}
