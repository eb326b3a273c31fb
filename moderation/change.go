package moderation

import (
	"context"
	"fmt"
)

// ChangeKind is the kind of a change. Readers must ignore kinds that they do not know.
type ChangeKind string

// Kinds of changes.
const (
	ChangePublished ChangeKind = "published" // a comment is public now
	ChangeRemoved   ChangeKind = "removed"   // a comment is no longer public
	ChangeEdited    ChangeKind = "edited"    // the text or a badge of a public comment changed
	ChangeVotes     ChangeKind = "votes"     // the votes on a public comment changed
	ChangeArticle   ChangeKind = "article"   // its title, URL or closing changed
	ChangeSite      ChangeKind = "site"      // its name or settings changed
	ChangeModerator ChangeKind = "moderator" // a moderator, their rights or one of their sessions changed
	ChangeWebhooks  ChangeKind = "webhooks"  // a webhook of the site was added, changed or removed
	ChangeResync    ChangeKind = "missed"    // anything may have changed
)

// Change notifies processes that cache data from the database. It contains public data only: that a moderator
// changed, for example, but not how.
type Change struct {
	Kind      ChangeKind `json:"kind"`
	SiteID    string     `json:"site,omitempty"`
	ArticleID string     `json:"article,omitempty"`
	Version   int64      `json:"version,omitempty"` // of the article, after the change
	Count     int        `json:"count,omitempty"`   // approved comments of the article, after the change
	CommentID string     `json:"comment,omitempty"` // empty if the change concerns no single comment
}

// ArticleVersion is used to check whether data derived from an article is current.
type ArticleVersion struct {
	ArticleID string
	Version   int64
	Count     int // approved comments
}

// Version returns the current version of an article. Errors: ErrSiteUnknown, ErrNotFound for an unknown key,
// *Invalid.
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
