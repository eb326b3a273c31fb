package moderation

import (
	"context"
	"fmt"
)

// CommentPlace is where a comment stands. Title and URL of the article are there only when somebody vouches
// for them.
type CommentPlace struct {
	Site    Site
	Article Article
}

// locationStore finds where a comment stands.
type locationStore interface {
	// Site returns ErrNotFound when there is none with that id.
	Site(ctx context.Context, id string) (Site, error)
	// ArticleByID returns ErrNotFound.
	ArticleByID(ctx context.Context, id string) (Article, error)
}

func locate(ctx context.Context, store locationStore, c Comment) (CommentPlace, error) {
	site, err := store.Site(ctx, c.SiteID)
	if err != nil {
		return CommentPlace{}, err
	}
	article, err := store.ArticleByID(ctx, c.ArticleID)
	return CommentPlace{Site: site, Article: site.publicArticle(article)}, err
}

// Comment returns one approved comment and where it stands. ErrNotFound for any other, as for one that does
// not exist.
func (t *Threads) Comment(ctx context.Context, id string) (PublicComment, CommentPlace, error) {
	c, site, err := publicComment(ctx, t.Store, id)
	if err != nil {
		return PublicComment{}, CommentPlace{}, fmt.Errorf("read comment: %w", err)
	}
	place, err := locate(ctx, t.Store, c)
	if err != nil {
		return PublicComment{}, CommentPlace{}, fmt.Errorf("read comment: %w", err)
	}
	return site.publicView(c), place, nil
}

// Place returns where the comment stands to the holder of its receipt. ErrReceipt for a wrong receipt as for
// an unknown comment.
func (o *Own) Place(ctx context.Context, id, receipt string) (CommentPlace, error) {
	if !validReceipt(o.Keys, id, receipt) {
		return CommentPlace{}, fmt.Errorf("place own comment: %w", ErrReceipt)
	}
	c, _, err := o.Store.CommentText(ctx, id)
	if err != nil {
		return CommentPlace{}, fmt.Errorf("place own comment: %w", err)
	}
	place, err := locate(ctx, o.Store, c)
	if err != nil {
		return CommentPlace{}, fmt.Errorf("place own comment: %w", err)
	}
	return place, nil
}
