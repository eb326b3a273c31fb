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
	// allRemovals, globalRemovals and removals count those changes after which an older page must not be served at all.
	allRemovals, globalRemovals atomic.Uint64
	removals                    [generationSlots]atomic.Uint64
	// ready is set once changes are announced. Before, no generation is current.
	ready atomic.Bool
}

// NewGenerations returns generations that become ready with the first moderation.ChangeResync.
func NewGenerations() *Generations { return &Generations{seed: maphash.MakeSeed()} }

// generation is a point between changes of one article, or of all if the id is empty.
type generation struct {
	articleID                string
	article, global          uint64
	removals, globalRemovals uint64
}

// current returns the present generation of one article, or of all if the id is empty.
func (g *Generations) current(articleID string) generation {
	changes, removals := g.counters(articleID)
	return generation{
		articleID: articleID, article: changes.Load(), global: g.global.Load(),
		removals: removals.Load(), globalRemovals: g.globalRemovals.Load(),
	}
}

// isCurrent reports whether nothing relevant has changed since.
func (g *Generations) isCurrent(since generation) bool {
	changes, _ := g.counters(since.articleID)
	return g.ready.Load() && since.global == g.global.Load() && since.article == changes.Load()
}

// isHarmless reports whether a page of that generation shows nothing that is known to have been removed or edited
// since. It may lack what was added.
func (g *Generations) isHarmless(since generation) bool {
	_, removals := g.counters(since.articleID)
	return g.ready.Load() && since.globalRemovals == g.globalRemovals.Load() && since.removals == removals.Load()
}

func (g *Generations) counters(articleID string) (changes, removals *atomic.Uint64) {
	if articleID == "" {
		return &g.all, &g.allRemovals
	}
	slot := maphash.String(g.seed, articleID) % generationSlots
	return &g.slots[slot], &g.removals[slot]
}

// Advance starts a new generation for what a change affects. Changes that readers do not see start none.
func (g *Generations) Advance(change moderation.Change) {
	changes, removals := g.counters(change.ArticleID)
	switch change.Kind {
	case moderation.ChangeRemoved, moderation.ChangeEdited, moderation.ChangeArticle:
		g.allRemovals.Add(1)
		removals.Add(1)
		g.all.Add(1)
		changes.Add(1)
	case moderation.ChangePublished, moderation.ChangeVotes:
		g.all.Add(1)
		changes.Add(1)
	case moderation.ChangeSite:
		g.globalRemovals.Add(1)
		g.all.Add(1)
		g.global.Add(1)
	case moderation.ChangeResync:
		g.all.Add(1)
		g.global.Add(1)
		g.ready.Store(true)
	}
}
