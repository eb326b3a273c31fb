package db

import (
	"context"

	"rejoinder/moderation"
)

// counterKey names the rows whose counters a comment changes.
type counterKey struct {
	siteID      string
	commentID   string
	articleID   string
	parentID    string // empty for a root
	commenterID string
	createdAt   Time
}

// transition is a change of a comment's status; from is empty for a new comment.
type transition struct{ from, to moderation.Status }

// applyTransition updates every counter when a comment changes its status: those of the article, the
// ancestors, the commenter and the site. Only createComments, which does the same for new comments, and it
// change them. What it changes is locked before, in the order of tx_locks.go.
func applyTransition(ctx context.Context, x executor, c *counterKey, t transition) error {
	if err := applyToThread(ctx, x, c, t); err != nil {
		return err
	}
	if err := applyToCommenter(ctx, x, c.commenterID, t); err != nil {
		return err
	}
	return applyToSite(ctx, x, c, t)
}

func applyToThread(ctx context.Context, x executor, c *counterKey, t transition) error {
	if !affectsThread(t.from, t.to) {
		return nil
	}
	change := countIf(t.to, moderation.StatusApproved) - countIf(t.from, moderation.StatusApproved)
	err := bumpThread(ctx, x,
		moderation.Change{Kind: changeKind(change), ArticleID: c.articleID, CommentID: c.commentID}, change)
	if err != nil || change == 0 || c.parentID == "" {
		return err
	}
	_, err = x.exec(ctx, `
		WITH RECURSIVE above (id, parent_id) AS (
			SELECT id, parent_id FROM comments WHERE id = $1
			UNION ALL
			SELECT c.id, c.parent_id FROM comments c JOIN above ON c.id = above.parent_id
		)
		UPDATE comments SET visible_replies = visible_replies + $2 WHERE id IN (SELECT id FROM above)`,
		ID(c.parentID), change)
	return err
}

// bumpThread increments the version of an article's thread, changes its count, and announces the change.
func bumpThread(ctx context.Context, x executor, change moderation.Change, shift int) error {
	var article struct {
		SiteID  ID    `db:"site_id"`
		Version int64 `db:"version"`
		Count   int   `db:"approved_count"`
	}
	err := x.get(ctx, &article, `
		UPDATE articles SET approved_count = approved_count + $2, version = version + 1 WHERE id = $1
		RETURNING site_id, version, approved_count`, ID(change.ArticleID), shift)
	if err != nil {
		return err
	}
	change.SiteID, change.Version, change.Count = string(article.SiteID), article.Version, article.Count
	return x.announce(ctx, change)
}

// changeKind returns what a change of the count means to readers.
func changeKind(shift int) moderation.ChangeKind {
	switch {
	case shift > 0:
		return moderation.ChangePublished
	case shift < 0:
		return moderation.ChangeRemoved
	}
	return moderation.ChangeEdited
}

// affectsThread reports whether a change of status shows in public, also when one approved text replaces
// another.
func affectsThread(from, to moderation.Status) bool {
	return from == moderation.StatusApproved || to == moderation.StatusApproved
}

func applyToCommenter(ctx context.Context, x executor, id string, t transition) error {
	if t.from == t.to {
		return nil
	}
	by := countsDelta(t)
	_, err := x.exec(ctx, `
		UPDATE commenters SET pending_count = pending_count + $2, approved_count = approved_count + $3,
			rejected_count = rejected_count + $4, spam_count = spam_count + $5
		WHERE id = $1`,
		ID(id), by.Pending, by.Approved, by.Rejected, by.Spam)
	return err
}

func countIf(is, wanted moderation.Status) int {
	if is == wanted {
		return 1
	}
	return 0
}
