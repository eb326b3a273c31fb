package moderation

import (
	"context"
	"fmt"
)

// ChangeKind says what changed. There may be kinds that a reader of changes does not know; they are none of
// its business.
type ChangeKind string

// The kinds of changes.
const (
	ChangePublished ChangeKind = "published" // a comment is public now
	ChangeRemoved   ChangeKind = "removed"   // a comment is not public any more
	ChangeEdited    ChangeKind = "edited"    // a public comment has another text
	ChangeVotes     ChangeKind = "votes"     // of a public comment
	ChangeArticle   ChangeKind = "article"   // its title, its address, whether it is closed
	ChangeSite      ChangeKind = "site"      // its name, its settings
	ChangeModerator ChangeKind = "moderator" // a moderator or a session of one: what somebody may do, or whether they still may
	ChangeResync    ChangeKind = "missed"    // anything may have changed
)

// Change is news for whoever keeps something that was made from the database. It holds nothing that is not
// public: that something about a moderator changed, but not what.
type Change struct {
	Kind      ChangeKind `json:"kind"`
	SiteID    string     `json:"site,omitempty"`
	ArticleID string     `json:"article,omitempty"`
	Version   int64      `json:"version,omitempty"` // of the article, after the change
	Count     int        `json:"count,omitempty"`   // approved comments of the article, after the change
	CommentID string     `json:"comment,omitempty"` // empty when it is about no single one
}

// ArticleVersion tells whether what was made from an article is still right.
type ArticleVersion struct {
	ArticleID string
	Version   int64
	Count     int // approved comments
}

// Version returns the present version of an article. Errors: ErrSiteUnknown, ErrNotFound when the key is not
// known, *Invalid.
func (t *Threads) Version(ctx context.Context, siteSlug, key string) (ArticleVersion, error) {
	key, err := ParseKey("/article", key)
	if err != nil {
		return ArticleVersion{}, err
	}
	at, err := t.Store.ArticleVersion(ctx, siteSlug, key)
	if err != nil {
		return ArticleVersion{}, fmt.Errorf("read version: %w", err)
	}
	return at, nil
}
