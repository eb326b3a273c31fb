package db

import (
	"context"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// HighlightStore stores which comments moderators pin and feature.
type HighlightStore struct{ *core }

// Highlight changes how an approved comment is highlighted. ErrNotFound if it is not approved.
func (s *HighlightStore) Highlight(ctx context.Context, c moderation.Comment, h queue.Highlight) error {
	return s.write(ctx, "highlight comment", func(tx executor) error {
		row, err := lockApproved(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if h.Featured != nil {
			now := row.comment()
			now.Featured = *h.Featured
			_, err = tx.exec(ctx, `UPDATE comments SET featured = $2, rank = $3 WHERE id = $1`,
				row.ID, now.Featured, now.BestKey())
			if err != nil {
				return err
			}
		}
		if h.Pinned != nil {
			if err := pin(ctx, tx, row, *h.Pinned); err != nil {
				return err
			}
		}
		change := moderation.Change{Kind: moderation.ChangeEdited, ArticleID: string(row.ArticleID), CommentID: c.ID}
		return bumpThreads(ctx, tx, threadShift{Change: change})
	})
}

// pin puts a comment on top of its article, or takes it away if it is there.
func pin(ctx context.Context, x executor, row commentRow, pinned bool) error {
	query := `UPDATE articles SET pinned_id = NULL WHERE id = $2 AND pinned_id = $1`
	if pinned {
		query = `UPDATE articles SET pinned_id = $1 WHERE id = $2`
	}
	_, err := x.exec(ctx, query, row.ID, row.ArticleID)
	return err
}
