package pagecache

import (
	"hash/maphash"
	"sync/atomic"

	"rejoinder/moderation"
)

// generationSlots is how many counters the changes of all articles share. Two articles on one counter only
// make each other's pages be rendered once more often than needed.
const generationSlots = 4096

// Generations counts public changes. Code that caches something from the database takes the generation before
// it reads; the cached value is fresh as long as the generation is the current one. This also detects a
// change that happens between reading and caching, and takes the same few kilobytes for any number of
// articles.
type Generations struct {
	seed maphash.Seed
	// every counts all changes, global those that affect all pages.
	every, global atomic.Uint64
	slots         [generationSlots]atomic.Uint64
	// ready is set once changes are announced. Before, nothing is known to be fresh.
	ready atomic.Bool
}

func NewGenerations() *Generations { return &Generations{seed: maphash.MakeSeed()} }

// generation is a point between changes of one article, or of all if the id is empty.
type generation struct {
	articleID       string
	article, global uint64
}

// current returns the present generation of one article, or of all if the id is empty.
func (g *Generations) current(articleID string) generation {
	return generation{articleID: articleID, article: g.article(articleID).Load(), global: g.global.Load()}
}

// fresh reports whether nothing relevant has changed since.
func (g *Generations) fresh(since generation) bool {
	return g.ready.Load() && since.global == g.global.Load() && since.article == g.article(since.articleID).Load()
}

func (g *Generations) article(articleID string) *atomic.Uint64 {
	if articleID == "" {
		return &g.every
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
		g.every.Add(1)
		g.article(change.ArticleID).Add(1)
	case moderation.ChangeSite:
		g.every.Add(1)
		g.global.Add(1)
	case moderation.ChangeResync:
		g.every.Add(1)
		g.global.Add(1)
		g.ready.Store(true)
	}
}
