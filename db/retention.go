package db

import (
	"context"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/retention"
)

// RetentionStore deletes what is older than the sites' settings permit.
type RetentionStore struct{ *core }

// expired are rejected comments and spam of site $1 on which nothing was decided since $2.
const expired = `
	FROM comments c
	WHERE c.site_id = $1 AND c.status IN ('rejected', 'spam') AND c.created_at < $2
		AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.comment_id = c.id AND d.created_at >= $2)`

// ExpiredComments returns rejected comments and spam of a site on which nothing was decided since then.
func (s *RetentionStore) ExpiredComments(ctx context.Context, siteID string, before time.Time, limit int,
) ([]retention.Expired, error) {
	var rows []struct {
		ID       ID     `db:"id"`
		Version  int    `db:"version"`
		Status   string `db:"status"`
		Revision int    `db:"revision"`
	}
	err := s.selectAll(ctx, &rows, `SELECT c.id, c.version, c.status, c.revision`+expired+` LIMIT $3`, ID(siteID),
		Time(before), limit)
	if err != nil || len(rows) == 0 {
		return nil, wrap("list expired comments", err)
	}
	ids := make([]ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	var submissions []struct {
		ID        ID  `db:"id"`
		CommentID ID  `db:"comment_id"`
		Revision  int `db:"revision"`
	}
	err = s.selectAll(ctx, &submissions, `SELECT id, comment_id, revision FROM submissions WHERE comment_id IN (?)`, ids)
	if err != nil {
		return nil, wrap("list submissions of expired comments", err)
	}
	type revision struct {
		comment ID
		number  int
	}
	of := map[revision]ID{}
	for _, row := range submissions {
		of[revision{row.CommentID, row.Revision}] = row.ID
	}
	comments := make([]retention.Expired, len(rows))
	for i, row := range rows {
		comments[i] = retention.Expired{ID: string(row.ID), Version: row.Version,
			Status: moderation.Status(row.Status), SubmissionID: string(of[revision{row.ID, row.Revision}])}
	}
	return comments, nil
}

// CountExpiredComments counts what ExpiredComments returns without a limit.
func (s *RetentionStore) CountExpiredComments(ctx context.Context, siteID string, before time.Time) (int, error) {
	var n int
	err := s.get(ctx, &n, `SELECT COUNT(*)`+expired, ID(siteID), Time(before))
	return n, wrap("count expired comments", err)
}

// EraseExpired deletes these comments and erases their texts, in one transaction. It leaves out comments that
// have changed meanwhile, and returns how many it erased. The erased data leaves SQLite's log, too.
func (s *RetentionStore) EraseExpired(ctx context.Context, decisions []moderation.Decision) (int, error) {
	var erased []string
	err := s.write(ctx, "erase expired comments", func(tx executor) error {
		refused, err := decideBatch(ctx, tx, decisions)
		if err != nil {
			return err
		}
		erased = nil
		for _, d := range decisions {
			if refused[d.ID] == nil {
				erased = append(erased, d.CommentID)
			}
		}
		if len(erased) == 0 {
			return nil
		}
		_, err = eraseComments(ctx, tx, erased)
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(erased), s.checkpoint(ctx)
}

// inactive are commenters of site $1 who have a name and wrote nothing since $2. A moderator's staff replies keep
// their name.
const inactive = `
	FROM commenters w
	WHERE w.site_id = $1 AND w.last_seen_at < $2 AND w.name <> ''
		AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.commenter_id = w.id AND c.staff)`

// InactiveCommenters returns ids of commenters who wrote nothing since then, without moderators and those who are
// anonymous already.
func (s *RetentionStore) InactiveCommenters(ctx context.Context, siteID string, before time.Time, limit int,
) ([]string, error) {
	ids, err := s.selectIDs(ctx, `SELECT w.id`+inactive+` LIMIT $3`, ID(siteID), Time(before), limit)
	return ids, wrap("list inactive commenters", err)
}

// CountInactiveCommenters counts what InactiveCommenters returns without a limit.
func (s *RetentionStore) CountInactiveCommenters(ctx context.Context, siteID string, before time.Time) (int, error) {
	var n int
	err := s.get(ctx, &n, `SELECT COUNT(*)`+inactive, ID(siteID), Time(before))
	return n, wrap("count inactive commenters", err)
}

// AnonymizeCommenters removes name, email, website, picture, badges and sender (remembered browser or signed-in
// reader) of commenters and of all that they wrote, in one transaction. Their comments are shown under the given
// name. It leaves out those who have written since then, and returns how many it changed.
func (s *RetentionStore) AnonymizeCommenters(ctx context.Context, ids []string, name string, before time.Time,
) (int, error) {
	var anonymized []ID
	err := s.write(ctx, "anonymize commenters", func(tx executor) error {
		var err error
		if anonymized, err = lockInactive(ctx, tx, toIDs(ids), before); err != nil || len(anonymized) == 0 {
			return err
		}
		senders, err := signedSenders(ctx, tx, anonymized)
		if err != nil {
			return err
		}
		if err := anonymizeComments(ctx, tx, anonymized, name); err != nil {
			return err
		}
		if err := forgetSigned(ctx, tx, senders); err != nil {
			return err
		}
		for _, id := range anonymized {
			if err := anonymizeCommenter(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(anonymized), s.checkpoint(ctx)
}

// lockInactive locks commenters with their comments and the threads of these, and returns those who wrote nothing
// since then.
func lockInactive(ctx context.Context, x executor, commenters []ID, before time.Time) (anonymized []ID, err error) {
	for _, lock := range []string{
		`SELECT id FROM articles WHERE id IN (SELECT article_id FROM comments WHERE commenter_id IN (?)) ORDER BY id`,
		`SELECT id FROM comments WHERE commenter_id IN (?) ORDER BY id`,
	} {
		if x.forUpdate == "" {
			break
		}
		if _, err := x.selectIDs(ctx, lock+x.forUpdate, commenters); err != nil {
			return nil, err
		}
	}
	err = x.selectAll(ctx, &anonymized, `
		SELECT id FROM commenters WHERE id IN (?) AND last_seen_at < ? AND name <> '' ORDER BY site_id, email_index`+x.forUpdate,
		commenters, Time(before))
	return anonymized, err
}

func anonymizeCommenter(ctx context.Context, x executor, id ID) error {
	for _, statement := range []string{
		`UPDATE commenters SET name = '', email_index = NULL, email_sealed = NULL, confirmed_at = NULL WHERE id = $1`,
		`UPDATE notes SET body = '' WHERE commenter_id = $1 AND about = 'commenter' AND body <> ''`,
		`UPDATE blocks SET note = '', shown = CASE WHEN kind IN ('domain', 'host') THEN shown ELSE '' END
			WHERE comment_id IN (SELECT id FROM comments WHERE commenter_id = $1)`,
	} {
		if _, err := x.exec(ctx, statement, id); err != nil {
			return err
		}
	}
	return forgetMail(ctx, x, string(id))
}

// anonymizeComments writes a name to the comments of commenters, and announces what readers see of that.
func anonymizeComments(ctx context.Context, x executor, commenters []ID, name string) error {
	comments, err := x.selectIDs(ctx, `SELECT id FROM comments WHERE commenter_id IN (?) AND author_name <> '' ORDER BY id`,
		commenters)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(comments, commentsPerIndexing) {
		if err := redactQuotes(ctx, x, chunk); err != nil { // they may quote the name
			return err
		}
		if err := redactNames(ctx, x, chunk); err != nil {
			return err
		}
	}
	for _, statement := range []string{
		`UPDATE submissions SET author_name = ?, author_url = ''
			WHERE author_name <> '' AND comment_id IN (SELECT id FROM comments WHERE commenter_id IN (?))`,
		`UPDATE comments SET author_name = ?, author_url = '', browser_id = '', badges = '', avatar_url = ''
			WHERE author_name <> '' AND commenter_id IN (?)`,
	} {
		if _, err := x.exec(ctx, statement, name, commenters); err != nil {
			return err
		}
	}
	if err := reindex(ctx, x, comments); err != nil {
		return err
	}
	return announceEdits(ctx, x, comments)
}
