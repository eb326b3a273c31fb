package pagecache

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/moderation"
)

// testCache is a cache over articles that are known when their key begins with "known".
func testCache(limit int64) *Cache {
	version := func(_ context.Context, _, key string) (moderation.ArticleVersion, error) {
		if !strings.HasPrefix(key, "known") {
			return moderation.ArticleVersion{}, moderation.ErrNotFound
		}
		return moderation.ArticleVersion{ArticleID: key, Version: 1}, nil
	}
	p := New(Config{Bytes: limit, Generations: NewGenerations(), Limiter: NewRenderLimiter(0, 0), Version: version,
		Now: func() time.Time { return time.Unix(0, 0) }})
	p.generations.Advance(moderation.Change{Kind: moderation.ChangeResync})
	return p
}

// anyClient is the client of tests in which the client does not matter.
var anyClient = netip.MustParsePrefix("192.0.2.1/32")

func rendered(body string) func(context.Context) (Rendering, error) {
	return func(context.Context) (Rendering, error) { return Rendering{Body: []byte(body)}, nil }
}

func TestManyUnknownArticlesTakeNoMemoryAndEvictNothing(t *testing.T) {
	p, hot := testCache(1<<20), Key{Article: "known"}
	if page, err := p.get(t.Context(), hot, anyClient, rendered("hot")); page == nil || err != nil {
		t.Fatal(page, err)
	}
	for i := range 200_000 {
		if page, err := p.get(t.Context(), Key{Article: fmt.Sprint("nobody knows ", i)}, anyClient, rendered("cold")); page != nil || err != nil {
			t.Fatal(page, err)
		}
	}
	p.pages.CleanUp()
	if n := p.pages.EstimatedSize(); n != 1 || p.getFresh(hot, p.now()) == nil {
		t.Errorf("%d pages are cached; the hot one: %t", n, p.getFresh(hot, p.now()) != nil)
	}
}

func TestTheCacheHoldsNoMoreThanItsBytes(t *testing.T) {
	const limit = 1 << 20
	p, hot := testCache(limit), Key{Article: "known", Rest: "hot"}
	for i := range 2_000 {
		body := strings.Repeat(fmt.Sprint(i), 2_000)
		if _, err := p.get(t.Context(), Key{Article: fmt.Sprint("known", i)}, anyClient, rendered(body)); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			p.get(t.Context(), hot, anyClient, rendered("hot"))
		}
		if i%100 == 0 {
			p.pages.CleanUp()
			if size := p.pages.WeightedSize(); size > limit {
				t.Fatalf("after %d pages the cache takes %d bytes", i, size)
			}
		}
	}
	p.pages.CleanUp()
	if p.getFresh(hot, p.now()) == nil {
		t.Error("the page that everybody reads was evicted")
	}
}

func TestAPageThatChangedWhileItWasReadIsNotCached(t *testing.T) {
	for _, kind := range []moderation.ChangeKind{moderation.ChangeRemoved, moderation.ChangeEdited, moderation.ChangeSite, moderation.ChangeResync} {
		p, key, reads := testCache(1<<20), Key{Article: "known"}, 0
		render := func(context.Context) (Rendering, error) {
			reads++
			if reads == 1 {
				p.generations.Advance(moderation.Change{Kind: kind, ArticleID: "known"})
				return Rendering{Body: []byte("old")}, nil
			}
			return Rendering{Body: []byte("new")}, nil
		}
		page, err := p.get(t.Context(), key, anyClient, render)
		if err != nil || page == nil || string(page.bodies[EncodingIdentity]) != "new" || reads != 2 {
			t.Errorf("%s: after %d reads: %+v, %v", kind, reads, page, err)
		}
	}
	p := testCache(1 << 20)
	page, err := p.get(t.Context(), Key{Article: "known"}, anyClient, func(context.Context) (Rendering, error) {
		p.generations.Advance(moderation.Change{Kind: moderation.ChangeVotes, ArticleID: "known"})
		return Rendering{}, nil
	})
	if page != nil || err != nil {
		t.Errorf("a page that changes all the time is cached: %+v, %v", page, err)
	}
}

func TestWithoutADatabaseStalePagesShowNoRemovedComments(t *testing.T) {
	for kind, served := range map[moderation.ChangeKind]bool{
		moderation.ChangePublished: true, moderation.ChangeVotes: true, moderation.ChangeRemoved: false,
		moderation.ChangeEdited: false, moderation.ChangeArticle: false, moderation.ChangeSite: false,
		moderation.ChangeResync: true,
	} {
		for _, article := range []string{"known", ""} {
			p, key := testCache(1<<20), Key{Article: article}
			p.staleFor = time.Minute
			if _, err := p.get(t.Context(), key, anyClient, rendered("kept")); err != nil {
				t.Fatal(err)
			}
			p.generations.Advance(moderation.Change{Kind: kind, ArticleID: "known"})
			page, err := p.get(t.Context(), key, anyClient,
				func(context.Context) (Rendering, error) { return Rendering{}, moderation.ErrBusy })
			if (page != nil) != served || (err == nil) != served {
				t.Errorf("%s, page of %q: %v, %v", kind, article, page != nil, err)
			}
		}
	}
}

func TestOtherArticlesAndOtherKindsLeaveAPageAlone(t *testing.T) {
	p, key := testCache(1<<20), Key{Article: "known"}
	if _, err := p.get(t.Context(), key, anyClient, rendered("x")); err != nil {
		t.Fatal(err)
	}
	p.generations.Advance(moderation.Change{Kind: "ruleset", ArticleID: "known"})
	other := "another"
	slot := func(id string) *atomic.Uint64 {
		changes, _ := p.generations.counters(id)
		return changes
	}
	for slot(other) == slot("known") {
		other += "!"
	}
	p.generations.Advance(moderation.Change{Kind: moderation.ChangeRemoved, ArticleID: other})
	if p.getFresh(key, p.now()) == nil {
		t.Error("the page was dropped")
	}
	if p.getFresh(key, p.now().Add(verifyAfter)) != nil {
		t.Error("a page needs no verification after two seconds")
	}
}

func TestARenderingThatPanicsFailsForItsRequestsOnly(t *testing.T) {
	p, key := testCache(1<<20), Key{Article: "known"}
	if page, err := p.get(t.Context(), key, anyClient, func(context.Context) (Rendering, error) { panic("oh") }); page != nil || err == nil {
		t.Errorf("%+v, %v", page, err)
	}
	if page, err := p.get(t.Context(), key, anyClient, rendered("x")); page == nil || err != nil {
		t.Errorf("afterwards: %+v, %v", page, err)
	}
}
