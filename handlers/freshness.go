package handlers

import (
	"hash/maphash"
	"sync/atomic"

	"rejoinder/moderation"
)

// changeSlots is how many counters the changes of all articles share. Two articles on one counter only make
// each other's pages be rendered once more often than needed.
const changeSlots = 4096

// changes counts what changed in public. Whoever keeps something made from the database takes a stamp before
// reading; it is fresh as long as the same question gives the same stamp. So a change is seen even when it
// happens between reading and keeping, and however many articles there are, this takes the same few
// kilobytes.
type changes struct {
	seed maphash.Seed
	// every counts all changes, far those that concern all pages.
	every, far atomic.Uint64
	slots      [changeSlots]atomic.Uint64
	// heard: changes are being told. Before, nothing can be said about what is fresh.
	heard atomic.Bool
}

func newChanges() *changes { return &changes{seed: maphash.MakeSeed()} }

// stamp is a moment between changes. The zero article stands for all.
type stamp struct {
	articleID string
	near, far uint64
}

// stamp returns the present moment of one article, or of all when the id is empty.
func (c *changes) stamp(articleID string) stamp {
	return stamp{articleID: articleID, near: c.near(articleID).Load(), far: c.far.Load()}
}

// fresh reports whether nothing that matters has changed since.
func (c *changes) fresh(s stamp) bool {
	return c.heard.Load() && s.far == c.far.Load() && s.near == c.near(s.articleID).Load()
}

func (c *changes) near(articleID string) *atomic.Uint64 {
	if articleID == "" {
		return &c.every
	}
	return &c.slots[maphash.String(c.seed, articleID)%changeSlots]
}

// note takes a change in. Kinds that do not show in public are passed over.
func (c *changes) note(change moderation.Change) {
	switch change.Kind {
	case moderation.ChangePublished,
		moderation.ChangeRemoved,
		moderation.ChangeEdited,
		moderation.ChangeVotes,
		moderation.ChangeArticle:
		c.every.Add(1)
		c.near(change.ArticleID).Add(1)
	case moderation.ChangeSite:
		c.every.Add(1)
		c.far.Add(1)
	case moderation.ChangeMissed:
		c.every.Add(1)
		c.far.Add(1)
		c.heard.Store(true)
	}
}
