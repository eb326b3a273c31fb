package db

import (
	"context"

	"rejoinder/moderation"
)

// BrowserComments returns the ids of a commenter's comments that came from one remembered browser and still
// have a text, oldest first.
func (d *DB) BrowserComments(ctx context.Context, commenterID, browserID string) ([]string, error) {
	var ids []string
	err := d.all(ctx, &ids, `
		SELECT id FROM comments
		WHERE commenter_id = $1 AND browser_id = $2 AND (status <> 'deleted' OR author_name <> '')
		ORDER BY id`, commenterID, browserID)
	return ids, wrap("list a browser's comments", err)
}

// ForgetCommenter names a commenter as the newest comment that is left does. When none is left, name, sealed
// email and what moderators noted of the commenter go; the index stays, so that a moderator's word on whoever
// comes back under that email still counts.
func (d *DB) ForgetCommenter(ctx context.Context, commenterID string) error {
	err := d.write(ctx, "forget commenter", func(tx session) error {
		// A submission under the same email holds this row until it is committed, and is seen by what follows.
		var id string
		if err := tx.get(ctx, &id, `SELECT id FROM commenters WHERE id = $1`+tx.forUpdate, commenterID); err != nil {
			return err
		}
		var names []string
		err := tx.all(ctx, &names, `
			SELECT author_name FROM comments
			WHERE commenter_id = $1 AND (status <> 'deleted' OR author_name <> '')
			ORDER BY created_at DESC, id DESC
			LIMIT 1`, commenterID)
		if err != nil {
			return err
		}
		if len(names) > 0 {
			_, err = tx.exec(ctx, `UPDATE commenters SET name = $2 WHERE id = $1`, commenterID, names[0])
			return err
		}
		_, err = tx.exec(ctx, `
			UPDATE commenters SET name = '', email_sealed = $2, confirmed_at = NULL WHERE id = $1`, commenterID, []byte{})
		if err != nil {
			return err
		}
		_, err = tx.exec(
			ctx,
			`UPDATE notes SET body = '' WHERE commenter_id = $1 AND about = 'commenter' AND body <> ''`,
			commenterID,
		)
		return err
	})
	if err != nil {
		return err
	}
	return d.emptyLog(ctx)
}

// forgetQuotes takes moderators' words about comments that are about to be erased out of the logs where they
// quote them. It is the one change that a log knows: that there was a decision, by whom and what it did,
// stays.
func (s session) forgetQuotes(ctx context.Context, commentIDs []string) error {
	var said []struct {
		CommentID string `db:"comment_id"`
		Name      string `db:"author_name"`
		URL       string `db:"author_url"`
		Body      string `db:"body"`
	}
	err := s.allIn(
		ctx,
		&said,
		`SELECT comment_id, author_name, author_url, body FROM submissions WHERE comment_id IN (?)`,
		commentIDs,
	)
	if err != nil {
		return err
	}
	of := map[string][]string{}
	for _, r := range said {
		of[r.CommentID] = append(of[r.CommentID], r.Name, r.URL, r.Body)
	}
	var notes []struct {
		ID        string `db:"id"`
		CommentID string `db:"comment_id"`
		Reason    string `db:"reason"`
		Note      string `db:"note"`
	}
	err = s.allIn(ctx, &notes, `
		SELECT id, comment_id, reason, note FROM decisions WHERE comment_id IN (?) AND (reason <> '' OR note <> '')`, commentIDs)
	if err != nil {
		return err
	}
	for _, n := range notes {
		reason, note := unquoted(n.Reason, of[n.CommentID]), unquoted(n.Note, of[n.CommentID])
		if reason == n.Reason && note == n.Note {
			continue
		}
		if _, err := s.exec(
			ctx,
			`UPDATE decisions SET reason = $2, note = $3 WHERE id = $1`,
			n.ID,
			reason,
			note,
		); err != nil {
			return err
		}
	}
	if err := s.forgetQuotedReasons(ctx, commentIDs, of); err != nil {
		return err
	}
	return s.forgetQuotingNotes(ctx, commentIDs, of)
}

// forgetQuotingNotes is the same for what was noted, at such a comment, of its commenter.
func (s session) forgetQuotingNotes(ctx context.Context, commentIDs []string, said map[string][]string) error {
	var notes []struct {
		ID        string `db:"id"`
		CommentID string `db:"comment_id"`
		Body      string `db:"body"`
	}
	err := s.allIn(ctx, &notes, `
		SELECT id, comment_id, body FROM notes WHERE comment_id IN (?) AND about = 'commenter' AND body <> ''`, commentIDs)
	if err != nil {
		return err
	}
	for _, n := range notes {
		if unquoted(n.Body, said[n.CommentID]) == n.Body {
			continue
		}
		if _, err := s.exec(ctx, `UPDATE notes SET body = '' WHERE id = $1`, n.ID); err != nil {
			return err
		}
	}
	return nil
}

// forgetQuotedReasons is the same for what was asked for with a reason, as an email.
func (s session) forgetQuotedReasons(ctx context.Context, commentIDs []string, said map[string][]string) error {
	var entries []struct {
		ID        string `db:"id"`
		SubjectID string `db:"subject_id"`
		Reason    string `db:"reason"`
	}
	err := s.allIn(ctx, &entries, `
		SELECT id, subject_id, reason FROM audit_entries WHERE subject_id IN (?) AND reason <> ''`, commentIDs)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if unquoted(e.Reason, said[e.SubjectID]) == e.Reason {
			continue
		}
		if _, err := s.exec(ctx, `UPDATE audit_entries SET reason = '' WHERE id = $1`, e.ID); err != nil {
			return err
		}
	}
	return nil
}

func unquoted(words string, said []string) string {
	if moderation.ContainsQuote(words, said...) {
		return ""
	}
	return words
}

// forgetWords removes what readers, writers and moderators said about comments that are erased, since it may
// quote them or tell who wrote them. A block that was made from one goes on; what it is against is known by
// its index only, save a domain or a host.
func (s session) forgetWords(ctx context.Context, commentIDs []string) error {
	_, err := s.execIn(ctx, `UPDATE reports SET note = '' WHERE comment_id IN (?) AND note <> ''`, commentIDs)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE appeals SET body = '' WHERE comment_id IN (?) AND body <> ''`,
		`UPDATE notes SET body = '' WHERE comment_id IN (?) AND about = 'comment' AND body <> ''`,
		`UPDATE blocks SET note = '', shown = CASE WHEN kind IN ('domain', 'host') THEN shown ELSE '' END WHERE comment_id IN (?)`,
	} {
		if err != nil {
			return err
		}
		_, err = s.execIn(ctx, statement, commentIDs)
	}
	return err
}
