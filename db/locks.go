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
//     those that somebody holds (takeFree), or has locked their comments,
//  4. the comments' writers, by site and index of the email, since a new one has no other name that two
//     transactions agree on,
//  5. the counts of sites, by shard and then by site.
//
// SQLite has one writer at a time, and nothing to lock.

// lockThreads makes others wait who would change what the articles' public threads show.
func (s session) lockThreads(ctx context.Context, articleIDs ...string) error {
	if s.forUpdate == "" || len(articleIDs) == 0 {
		return nil
	}
	var locked []string
	return s.allIn(ctx, &locked, `SELECT id FROM articles WHERE id IN (?) ORDER BY id`+s.forUpdate, padded(articleIDs))
}

// lockThreadsOf does the same for the articles of comments.
func (s session) lockThreadsOf(ctx context.Context, commentIDs []string) error {
	if s.forUpdate == "" || len(commentIDs) == 0 {
		return nil
	}
	var locked []string
	return s.allIn(ctx, &locked, `
		SELECT id FROM articles WHERE id IN (SELECT article_id FROM comments WHERE id IN (?)) ORDER BY id`+s.forUpdate,
		padded(commentIDs))
}

// lockComments locks comments alone, and others with all above them, as how says: s.forShare or s.forUpdate.
// It returns id, article and status of each that there is; of those above only where there is something to
// lock.
func (s session) lockComments(ctx context.Context, alone, withAbove []string, how string) ([]commentRow, error) {
	var rows []commentRow
	all := slices.Concat(alone, withAbove)
	if len(all) == 0 {
		return nil, nil
	}
	if len(withAbove) == 0 || how == "" {
		err := s.allIn(ctx, &rows, `SELECT id, article_id, status FROM comments WHERE id IN (?) ORDER BY id`+how, padded(all))
		return rows, err
	}
	err := s.allIn(ctx, &rows, `
		WITH RECURSIVE held (id, next) AS (
			SELECT id, CASE WHEN id IN (?) THEN parent_id END FROM comments WHERE id IN (?)
			UNION
			SELECT c.id, c.parent_id FROM held JOIN comments c ON c.id = held.next
		)
		SELECT id, article_id, status FROM comments WHERE id IN (SELECT id FROM held) ORDER BY id`+how, padded(withAbove), padded(all))
	return rows, err
}

// lockSubjects locks what decisions will change of threads and comments, and the claims on these.
func (s session) lockSubjects(ctx context.Context, decisions ...moderation.Decision) error {
	if s.forUpdate == "" || len(decisions) == 0 {
		return nil
	}
	var hidden, public []string
	ids := make([]string, len(decisions))
	for i, d := range decisions {
		ids[i] = d.CommentID
		if concernsThread(d.From, d.To) {
			public = append(public, d.CommentID)
		} else {
			hidden = append(hidden, d.CommentID)
		}
	}
	if err := s.lockThreadsOf(ctx, public); err != nil {
		return err
	}
	if _, err := s.lockComments(ctx, hidden, public, s.forUpdate); err != nil {
		return err
	}
	var claims []string
	return s.allIn(
		ctx,
		&claims,
		`SELECT comment_id FROM claims WHERE comment_id IN (?) ORDER BY comment_id`+s.forUpdate,
		padded(ids),
	)
}

// lockWriters locks the commenters of comments.
func (s session) lockWriters(ctx context.Context, commentIDs []string) error {
	if s.forUpdate == "" {
		return nil
	}
	var locked []string
	return s.allIn(ctx, &locked, `
		SELECT id FROM commenters WHERE id IN (SELECT commenter_id FROM comments WHERE id IN (?))
		ORDER BY site_id, email_index`+s.forUpdate,
		padded(commentIDs))
}
