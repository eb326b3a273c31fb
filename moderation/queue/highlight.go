package queue

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// HighlightStore is the storage for pinned and featured comments.
type HighlightStore interface {
	// Highlight changes how an approved comment is highlighted, and the version of its article. Errors:
	// ErrNotFound if the comment is not approved.
	Highlight(ctx context.Context, c moderation.Comment, h Highlight) error
}

// Highlight says how a comment is highlighted in its thread. A nil field is left as it is.
type Highlight struct {
	Pinned   *bool // on top of the thread, in place of the comment that was there
	Featured *bool // marked as recommended, and first in the order ThreadBest
}

// Highlighted is how a comment is highlighted.
type Highlighted struct {
	Pinned   bool
	Featured bool
}

// Highlight pins or features an approved comment, or takes that back, and returns the result. Only a root can be
// pinned. Errors: *Invalid, ErrNotFound, ErrTransition if the comment is not approved.
func (q *Queue) Highlight(
	ctx context.Context, v moderation.Viewer, commentID string, h Highlight,
) (Highlighted, error) {
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return Highlighted{}, fmt.Errorf("highlight comment: %w", err)
	}
	if err := h.validate(row.Comment); err != nil {
		return Highlighted{}, err
	}
	if !row.Comment.Public() {
		return Highlighted{}, fmt.Errorf("highlight a comment that is %s: %w", row.Comment.Status, moderation.ErrTransition)
	}
	if err := q.Store.Highlight(ctx, row.Comment, h); err != nil {
		return Highlighted{}, fmt.Errorf("highlight comment: %w", err)
	}
	after := Item{Comment: row.Comment, Article: row.Article}.Highlighted()
	if h.Pinned != nil {
		after.Pinned = *h.Pinned
	}
	if h.Featured != nil {
		after.Featured = *h.Featured
	}
	return after, nil
}

// Highlighted returns how the item's comment is highlighted.
func (i Item) Highlighted() Highlighted {
	return Highlighted{Pinned: i.Article.PinnedID == i.Comment.ID, Featured: i.Comment.Featured}
}

func (h Highlight) validate(c moderation.Comment) error {
	var faults moderation.Invalid
	if h.Pinned == nil && h.Featured == nil {
		faults.Add("/pinned", "required", "Say whether the comment is pinned, featured or both.")
	}
	if h.Pinned != nil && *h.Pinned && c.ParentID != "" {
		faults.Add("/pinned", "reply", "A reply stays below the comment that it answers. Pin that comment, or feature the reply.")
	}
	return faults.Err()
}
