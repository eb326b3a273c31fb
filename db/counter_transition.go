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

// applyTransition updates every counter when a comment changes its status: those of the article, the
// ancestors, the commenter and the site. Only createComments, which does the same for new comments, and it
// change them. What it changes is locked before, in the order of tx_locks.go.
func (x executor) applyTransition(ctx context.Context, c *counterKey, from, to moderation.Status) error {
	if err := x.applyToThread(ctx, c, from, to); err != nil {
		return err
	}
	if err := x.applyToCommenter(ctx, c.commenterID, from, to); err != nil {
		return err
	}
	return x.applyToSite(ctx, c, from, to)
}

func (x executor) applyToThread(ctx context.Context, c *counterKey, from, to moderation.Status) error {
	if !affectsThread(from, to) {
		return nil
	}
	change := countIf(to, moderation.StatusApproved) - countIf(from, moderation.StatusApproved)
	err := x.bumpThread(ctx,
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
		c.parentID, change)
	return err
}

// bumpThread increments the version of an article's thread, changes its count, and announces the change.
func (x executor) bumpThread(ctx context.Context, change moderation.Change, shift int) error {
	var article struct {
		SiteID  string `db:"site_id"`
		Version int64  `db:"version"`
		Count   int    `db:"approved_count"`
	}
	err := x.get(ctx, &article, `
		UPDATE articles SET approved_count = approved_count + $2, version = version + 1 WHERE id = $1
		RETURNING site_id, version, approved_count`, change.ArticleID, shift)
	if err != nil {
		return err
	}
	change.SiteID, change.Version, change.Count = article.SiteID, article.Version, article.Count
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

func (x executor) applyToCommenter(ctx context.Context, id string, from, to moderation.Status) error {
	if from == to {
		return nil
	}
	by := countsDelta(from, to)
	_, err := x.exec(ctx, `
		UPDATE commenters SET pending_count = pending_count + $2, approved_count = approved_count + $3,
			rejected_count = rejected_count + $4, spam_count = spam_count + $5
		WHERE id = $1`,
		id, by.Pending, by.Approved, by.Rejected, by.Spam)
	return err
}

func countIf(is, wanted moderation.Status) int {
	if is == wanted {
		return 1
	}
	return 0
}
