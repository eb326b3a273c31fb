package pagecache

import (
	"hash/maphash"
	"sync/atomic"

	"rejoinder/moderation"
)

// generationSlots is how many counters the articles share. A change of an article also invalidates the pages
// of the others with the same counter, which only costs a rendering.
const generationSlots = 4096

// Generations counts public changes. Code that caches something takes the generation before it reads the
// database; the cached value is valid as long as that generation is current. This also detects a change
// between reading and caching, and takes the same few kilobytes for any number of articles.
type Generations struct {
	seed maphash.Seed
	// all counts every change, global those that affect all pages.
	all, global atomic.Uint64
	slots       [generationSlots]atomic.Uint64
	// ready is set once changes are announced. Before, no generation is current.
	ready atomic.Bool
}

// NewGenerations returns generations that become ready with the first moderation.ChangeResync.
func NewGenerations() *Generations { return &Generations{seed: maphash.MakeSeed()} }

// generation is a point between changes of one article, or of all if the id is empty.
type generation struct {
	articleID       string
	article, global uint64
}

// current returns the present generation of one article, or of all if the id is empty.
func (g *Generations) current(articleID string) generation {
	return generation{articleID: articleID, article: g.counter(articleID).Load(), global: g.global.Load()}
}

// isCurrent reports whether nothing relevant has changed since.
func (g *Generations) isCurrent(since generation) bool {
	return g.ready.Load() && since.global == g.global.Load() && since.article == g.counter(since.articleID).Load()
}

func (g *Generations) counter(articleID string) *atomic.Uint64 {
	if articleID == "" {
		return &g.all
	}
	return &g.slots[maphash.String(g.seed, articleID)%generationSlots]
}

// Advance starts a new generation for what a change affects. Changes that readers do not see start none.
func (g *Generations) Advance(change moderation.Change) {
	switch change.Kind {
	case moderation.ChangePublished,
		moderation.ChangeRemoved,
		moderation.ChangeEdited,
		moderation.ChangeVotes,
		moderation.ChangeArticle:
		g.all.Add(1)
		g.counter(change.ArticleID).Add(1)
	case moderation.ChangeSite:
		g.all.Add(1)
		g.global.Add(1)
	case moderation.ChangeResync:
		g.all.Add(1)
		g.global.Add(1)
		g.ready.Store(true)
	}
}
