package readers

import (
	"context"
	"errors"
	"fmt"

	"rejoinder/moderation"
)

// CommentsSelect selects comments of a signed-in reader, newest first, that have not been erased.
type CommentsSelect struct {
	SiteID     string
	ReaderID   string
	ArticleKey string                // empty: of every article
	After      *moderation.ThreadKey // nil starts with the newest
	Limit      int
}

// Receipt returns the receipt of a comment for the reader who sent it. It returns ErrReceipt for anybody
// else, for an unknown comment and for one that was sent without signing in, so that IDs cannot be probed.
// Errors: *moderation.IdentityError, moderation.ErrReceipt.
func (r *Readers) Receipt(ctx context.Context, token, commentID string) (string, error) {
	c, _, err := r.Store.CommentText(ctx, commentID)
	if errors.Is(err, moderation.ErrNotFound) || err == nil && !c.SignedIn() {
		err = moderation.ErrReceipt
	}
	if err != nil {
		return "", fmt.Errorf("own comment: %w", err)
	}
	site, err := r.Store.Site(ctx, c.SiteID)
	if err != nil {
		return "", fmt.Errorf("own comment: %w", err)
	}
	reader, err := r.known(ctx, site, token)
	if errors.Is(err, moderation.ErrNotFound) || err == nil && reader.ID != c.ReaderID() {
		err = moderation.ErrReceipt
	}
	if err != nil {
		return "", fmt.Errorf("own comment: %w", err)
	}
	return moderation.Receipt(r.Keys, c.ID), nil
}

// OwnComment is a comment as its author sees it, with its receipt.
type OwnComment struct {
	moderation.AuthorView
	Receipt string
}

// OwnQuery asks for a page of a signed-in reader's own comments.
type OwnQuery struct {
	SiteSlug   string
	Token      string
	ArticleKey string // empty: on every article
	Limit      int
	Cursor     string
}

// Own is a page of a reader's own comments, newest first.
type Own struct {
	Comments   []OwnComment
	NextCursor string
}

// Own returns a page of a reader's own comments. Errors: *moderation.IdentityError, ErrSiteUnknown,
// ErrIdentityOff, ErrCursor, *moderation.Invalid.
func (r *Readers) Own(ctx context.Context, q OwnQuery) (Own, error) {
	site, err := r.Store.SiteBySlug(ctx, q.SiteSlug)
	if err != nil {
		return Own{}, fmt.Errorf("own comments: %w", err)
	}
	reader, err := r.known(ctx, site, q.Token)
	if errors.Is(err, moderation.ErrNotFound) {
		return Own{}, nil // they never commented
	}
	if err != nil {
		return Own{}, fmt.Errorf("own comments: %w", err)
	}
	sel := CommentsSelect{SiteID: site.ID, ReaderID: reader.ID, Limit: q.Limit + 1}
	if q.ArticleKey != "" {
		if sel.ArticleKey, err = moderation.ParseKey("/article", q.ArticleKey); err != nil {
			return Own{}, err
		}
	}
	list := "own/" + reader.ID + "/" + sel.ArticleKey
	if q.Cursor != "" {
		sel.After = new(moderation.ThreadKey)
		if err := moderation.DecodeCursor(q.Cursor, list, sel.After); err != nil {
			return Own{}, fmt.Errorf("own comments: %w", err)
		}
	}
	ids, err := r.Store.ReaderComments(ctx, sel)
	if err != nil {
		return Own{}, fmt.Errorf("own comments: %w", err)
	}
	return r.show(ctx, ids, q.Limit, list)
}

func (r *Readers) show(ctx context.Context, ids []string, limit int, list string) (Own, error) {
	var own Own
	for i, id := range ids {
		if i == limit {
			last := own.Comments[limit-1]
			own.NextCursor = moderation.EncodeCursor(list, moderation.ThreadKey{CreatedAt: last.CreatedAt, ID: last.ID})
			break
		}
		receipt := moderation.Receipt(r.Keys, id)
		view, err := r.Author.Show(ctx, id, receipt)
		if err != nil {
			return Own{}, fmt.Errorf("own comments: %w", err)
		}
		own.Comments = append(own.Comments, OwnComment{view, receipt})
	}
	return own, nil
}

// Commenter returns the ID of the commenter with the email of a verified token, or "" if there is none yet.
func (r *Readers) Commenter(ctx context.Context, site moderation.Site, signed moderation.SignedReader) (string, error) {
	id, err := r.Store.CommenterByEmail(ctx, site.ID, r.Keys.Indexes(signed.Email))
	if errors.Is(err, moderation.ErrNotFound) {
		return "", nil
	}
	return id, err
}
