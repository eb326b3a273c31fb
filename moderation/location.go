package moderation

import (
	"context"
	"fmt"
)

// CommentLocation is the site and article of a comment. The article's title and URL are empty unless trusted.
type CommentLocation struct {
	Site    Site
	Article Article
}

// locationStore is the storage for locating comments.
type locationStore interface {
	// Site returns ErrNotFound for an unknown ID.
	Site(ctx context.Context, id string) (Site, error)
	// ArticleByID returns ErrNotFound for an unknown ID.
	ArticleByID(ctx context.Context, id string) (Article, error)
}

func locate(ctx context.Context, store locationStore, c Comment) (CommentLocation, error) {
	site, err := store.Site(ctx, c.SiteID)
	if err != nil {
		return CommentLocation{}, err
	}
	article, err := store.ArticleByID(ctx, c.ArticleID)
	return CommentLocation{Site: site, Article: site.publicArticle(article)}, err
}

// Comment returns an approved comment and its location. ErrNotFound for unapproved and unknown comments
// alike.
func (t *Threads) Comment(ctx context.Context, id string) (PublicComment, CommentLocation, error) {
	c, site, err := publicComment(ctx, t.Store, id)
	if err != nil {
		return PublicComment{}, CommentLocation{}, fmt.Errorf("read comment: %w", err)
	}
	place, err := locate(ctx, t.Store, c)
	if err != nil {
		return PublicComment{}, CommentLocation{}, fmt.Errorf("read comment: %w", err)
	}
	return site.publicView(&c), place, nil
}

// Locate returns the location of a comment to the holder of its receipt. ErrReceipt for a wrong receipt and
// an unknown comment alike.
func (o *AuthorService) Locate(ctx context.Context, id, receipt string) (CommentLocation, error) {
	if !validReceipt(o.Keys, id, receipt) {
		return CommentLocation{}, fmt.Errorf("place own comment: %w", ErrReceipt)
	}
	c, _, err := o.Store.CommentText(ctx, id)
	if err != nil {
		return CommentLocation{}, fmt.Errorf("place own comment: %w", err)
	}
	place, err := locate(ctx, o.Store, c)
	if err != nil {
		return CommentLocation{}, fmt.Errorf("place own comment: %w", err)
	}
	return place, nil
}
