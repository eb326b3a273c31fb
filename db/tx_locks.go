package db

import (
	"context"
	"slices"

	"rejoinder/moderation"
)

// Every transaction locks in one order, so that none waits for another in a circle:
//
//  0. the moderator's tab that claims, or whose page is left,
//  1. the articles whose public threads change, by id (lockThreads),
//  2. the comments that change or must not change, by id, and with a change in public all those above them,
//     whose counts of replies change with it (lockComments),
//  3. the claims on comments that are decided on, by comment; whoever changes claims on others passes over
//     those that somebody holds (skipLocked), or has locked their comments,
//  4. the comments' writers, by site and index of the email, since a new one has no other name that two
//     transactions agree on,
//  5. the counts of sites, by site.
//
// SQLite has one writer at a time, and nothing to lock.

// lockThreads locks articles, in the order of their ids, against changes of their public threads.
func (x executor) lockThreads(ctx context.Context, articleIDs ...string) error {
	if x.forUpdate == "" || len(articleIDs) == 0 {
		return nil
	}
	_, err := x.selectIDs(ctx, `SELECT id FROM articles WHERE id IN (?) ORDER BY id`+x.forUpdate,
		padded(toIDs(articleIDs)))
	return err
}

// lockThreadsOfComments locks the articles of comments.
func (x executor) lockThreadsOfComments(ctx context.Context, commentIDs []string) error {
	if x.forUpdate == "" || len(commentIDs) == 0 {
		return nil
	}
	_, err := x.selectIDs(ctx, `
		SELECT id FROM articles WHERE id IN (SELECT article_id FROM comments WHERE id IN (?)) ORDER BY id`+x.forUpdate,
		padded(toIDs(commentIDs)))
	return err
}

// lockComments locks comments alone, and others with all above them, as how says: s.forShare or s.forUpdate.
// It returns id, article and status of each that there is; of those above only where there is something to
// lock.
func (x executor) lockComments(ctx context.Context, alone, withAbove []string, how string) ([]commentRow, error) {
	var rows []commentRow
	all := slices.Concat(alone, withAbove)
	if len(all) == 0 {
		return nil, nil
	}
	if len(withAbove) == 0 || how == "" {
		err := x.selectAll(ctx, &rows, `SELECT id, article_id, status FROM comments WHERE id IN (?) ORDER BY id`+how,
			padded(toIDs(all)))
		return rows, err
	}
	err := x.selectAll(ctx, &rows, `
		WITH RECURSIVE held (id, next) AS (
			SELECT id, CASE WHEN id IN (?) THEN parent_id END FROM comments WHERE id IN (?)
			UNION
			SELECT c.id, c.parent_id FROM held JOIN comments c ON c.id = held.next
		)
		SELECT id, article_id, status FROM comments WHERE id IN (SELECT id FROM held) ORDER BY id`+how,
		padded(toIDs(withAbove)), padded(toIDs(all)))
	return rows, err
}

// lockForDecisions locks the threads, comments and claims that decisions change.
func (x executor) lockForDecisions(ctx context.Context, decisions ...moderation.Decision) error {
	if x.forUpdate == "" || len(decisions) == 0 {
		return nil
	}
	var hidden, public []string
	ids := make([]string, len(decisions))
	for i, d := range decisions {
		ids[i] = d.CommentID
		if affectsThread(d.From, d.To) {
			public = append(public, d.CommentID)
		} else {
			hidden = append(hidden, d.CommentID)
		}
	}
	if err := x.lockThreadsOfComments(ctx, public); err != nil {
		return err
	}
	if _, err := x.lockComments(ctx, hidden, public, x.forUpdate); err != nil {
		return err
	}
	_, err := x.selectIDs(ctx,
		`SELECT comment_id FROM claims WHERE comment_id IN (?) ORDER BY comment_id`+x.forUpdate, padded(toIDs(ids)))
	return err
}

// lockCommenters locks the authors of comments.
func (x executor) lockCommenters(ctx context.Context, commentIDs []string) error {
	if x.forUpdate == "" {
		return nil
	}
	_, err := x.selectIDs(ctx, `
		SELECT id FROM commenters WHERE id IN (SELECT commenter_id FROM comments WHERE id IN (?))
		ORDER BY site_id, email_index`+x.forUpdate,
		padded(toIDs(commentIDs)))
	return err
}
