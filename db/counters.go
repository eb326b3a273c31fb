package db

import (
	"context"

	"rejoinder/moderation"
)

// counted is a comment as far as counters depend on it.
type counted struct {
	siteID      string
	commentID   string
	articleID   string
	parentID    string // empty for a root
	commenterID string
	createdAt   Time
}

// move shifts every counter when a comment goes from one status to another: the article's and its version,
// the replies of every comment above, the commenter's, and the site's. Besides createComments, which does the
// same for new comments, it is the only place that changes them, so that they always equal the rows. What it
// changes is locked before, in the order that locks.go tells of.
func (s session) move(ctx context.Context, c *counted, from, to moderation.Status) error {
	if err := s.moveThread(ctx, c, from, to); err != nil {
		return err
	}
	if err := s.moveCommenter(ctx, c.commenterID, from, to); err != nil {
		return err
	}
	return s.moveSite(ctx, c, from, to)
}

func (s session) moveThread(ctx context.Context, c *counted, from, to moderation.Status) error {
	if !concernsThread(from, to) {
		return nil
	}
	change := count(to, moderation.StatusApproved) - count(from, moderation.StatusApproved)
	err := s.touchThread(
		ctx,
		moderation.Change{Kind: changeKind(change), ArticleID: c.articleID, CommentID: c.commentID},
		change,
	)
	if err != nil || change == 0 || c.parentID == "" {
		return err
	}
	_, err = s.exec(ctx, `
		WITH RECURSIVE above (id, parent_id) AS (
			SELECT id, parent_id FROM comments WHERE id = $1
			UNION ALL
			SELECT c.id, c.parent_id FROM comments c JOIN above ON c.id = above.parent_id
		)
		UPDATE comments SET visible_replies = visible_replies + $2 WHERE id IN (SELECT id FROM above)`,
		c.parentID, change)
	return err
}

// touchThread bumps the version of an article's thread, shifts its count, and announces the change.
func (s session) touchThread(ctx context.Context, change moderation.Change, shift int) error {
	var article struct {
		SiteID  string `db:"site_id"`
		Version int64  `db:"version"`
		Count   int    `db:"approved_count"`
	}
	err := s.get(ctx, &article, `
		UPDATE articles SET approved_count = approved_count + $2, version = version + 1 WHERE id = $1
		RETURNING site_id, version, approved_count`, change.ArticleID, shift)
	if err != nil {
		return err
	}
	change.SiteID, change.Version, change.Count = article.SiteID, article.Version, article.Count
	return s.announce(ctx, change)
}

// changeKind says what a shift of the count is to readers.
func changeKind(shift int) moderation.ChangeKind {
	switch {
	case shift > 0:
		return moderation.ChangePublished
	case shift < 0:
		return moderation.ChangeRemoved
	}
	return moderation.ChangeEdited
}

// concernsThread reports whether the change of status shows in public: also when one approved text follows
// another.
func concernsThread(from, to moderation.Status) bool {
	return from == moderation.StatusApproved || to == moderation.StatusApproved
}

func (s session) moveCommenter(ctx context.Context, id string, from, to moderation.Status) error {
	if from == to {
		return nil
	}
	by := statusChange(from, to)
	_, err := s.exec(ctx, `
		UPDATE commenters SET pending_count = pending_count + $2, approved_count = approved_count + $3,
			rejected_count = rejected_count + $4, spam_count = spam_count + $5
		WHERE id = $1`,
		id, by.Pending, by.Approved, by.Rejected, by.Spam)
	return err
}

func count(is, wanted moderation.Status) int {
	if is == wanted {
		return 1
	}
	return 0
}
