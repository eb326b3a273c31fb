package db

import (
	"context"
	"slices"

	"rejoinder/moderation"
)

// Lock order. Every transaction locks rows in this order, which prevents deadlocks:
//
//  0. the browser tab whose claims change
//  1. the articles whose public threads change, by id (lockThreads)
//  2. the comments that change or must stay unchanged, by id. If a comment's visibility changes, also its
//     ancestors, because their counts of replies change (lockComments)
//  3. the claims on comments that are decided on, by comment. Transactions that change other claims skip
//     locked rows (skipLocked) or have locked the comments
//  4. the commenters, by site and index of the email: concurrent transactions may give a new commenter
//     different ids
//  5. the counts of sites, by site
//
// SQLite has one writer at a time and needs no locks.

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

// lockComments locks the comments in alone, and those in withAbove with all their ancestors. how is the
// locking clause: s.forShare or s.forUpdate. It returns id, article and status of the comments that exist; of
// ancestors only if how is not empty.
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
