package db

import (
	"context"

	"rejoinder/moderation"
)

// BrowserComments returns the ids of a commenter's comments that came from one remembered browser and still
// have a text, oldest first.
func (s *CommenterStore) BrowserComments(ctx context.Context, commenterID, browserID string) ([]string, error) {
	ids, err := s.selectIDs(ctx, `
		SELECT id FROM comments
		WHERE commenter_id = $1 AND browser_id = $2 AND (status <> 'deleted' OR author_name <> '')
		ORDER BY id`, ID(commenterID), browserID)
	return ids, wrap("list a browser's comments", err)
}

// ForgetCommenter sets a commenter's name to that of their newest remaining comment. If none remains, it
// removes the name, the sealed email and moderators' notes about the commenter. The index stays, so that
// decisions of moderators still count if somebody returns under that email.
func (s *CommenterStore) ForgetCommenter(ctx context.Context, commenterID string) error {
	err := s.write(ctx, "forget commenter", func(tx executor) error {
		// A submission under the same email holds this row until it is committed, and is seen by what
		// follows.
		var id ID
		if err := tx.get(ctx, &id, `SELECT id FROM commenters WHERE id = $1`+tx.forUpdate, ID(commenterID)); err != nil {
			return err
		}
		if err := forgetReaders(ctx, tx, commenterID); err != nil {
			return err
		}
		var names []string
		err := tx.selectAll(ctx, &names, `
			SELECT author_name FROM comments
			WHERE commenter_id = $1 AND (status <> 'deleted' OR author_name <> '')
			ORDER BY created_at DESC, id DESC
			LIMIT 1`, ID(commenterID))
		if err != nil {
			return err
		}
		if len(names) > 0 {
			_, err = tx.exec(ctx, `UPDATE commenters SET name = $2 WHERE id = $1`, ID(commenterID), names[0])
			return err
		}
		_, err = tx.exec(ctx, `
			UPDATE commenters SET name = '', email_sealed = $2, confirmed_at = NULL WHERE id = $1`, ID(commenterID), []byte{})
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx,
			`UPDATE notes SET body = '' WHERE commenter_id = $1 AND about = 'commenter' AND body <> ''`,
			ID(commenterID))
		if err != nil {
			return err
		}
		return forgetMail(ctx, tx, commenterID)
	})
	if err != nil {
		return err
	}
	return s.checkpoint(ctx)
}

// forgetReaders deletes the records of signed-in readers who commented as this commenter, unless they have other
// comments.
func forgetReaders(ctx context.Context, x executor, commenterID string) error {
	senders, err := signedSenders(ctx, x, []ID{ID(commenterID)})
	if err != nil {
		return err
	}
	return forgetSigned(ctx, x, senders)
}

// signedSenders returns the signed-in readers who sent comments as these commenters, as in comments.browser_id.
func signedSenders(ctx context.Context, x executor, commenters []ID) ([]string, error) {
	var senders []string
	err := x.selectAll(ctx, &senders, `
		SELECT DISTINCT browser_id FROM comments WHERE commenter_id IN (?) AND browser_id LIKE 'reader:%'`, commenters)
	return senders, err
}

// forgetSigned deletes the records of those signed-in readers who have no comments any more.
func forgetSigned(ctx context.Context, x executor, senders []string) error {
	for _, sender := range senders {
		_, err := x.exec(ctx, `
			DELETE FROM signed_readers WHERE id = $1
				AND NOT EXISTS (SELECT 1 FROM comments
					WHERE browser_id = $2 AND `+keepsReader+`)`,
			ID(moderation.Comment{BrowserID: sender}.ReaderID()), sender)
		if err != nil {
			return err
		}
	}
	return nil
}

// CommenterComments returns the ids of a commenter's comments that have a text, newest first.
func (s *CommenterStore) CommenterComments(
	ctx context.Context, commenterID string, after *moderation.ThreadKey, limit int,
) ([]string, error) {
	at, last := keysetStart(after, maxTime)
	ids, err := s.selectIDs(ctx, `
		SELECT id FROM comments
		WHERE commenter_id = $1 AND (status <> 'deleted' OR author_name <> '') AND (created_at, id) < ($2, $3)
		ORDER BY created_at DESC, id DESC
		LIMIT $4`, ID(commenterID), at, ID(last), limit)
	return ids, wrap("list a commenter's comments", err)
}

// CommenterByEmail returns the id of the commenter with one of the indexes of an email. ErrNotFound.
func (s *CommenterStore) CommenterByEmail(ctx context.Context, siteID string, indexes [][]byte) (string, error) {
	var ids []ID
	err := s.selectAll(ctx, &ids, `
		SELECT id FROM commenters WHERE email_index IN (?) AND site_id = ? AND length(email_sealed) > 0
		ORDER BY first_seen_at, id LIMIT 1`, indexes, ID(siteID))
	if err == nil && len(ids) == 0 {
		err = moderation.ErrNotFound
	}
	if err != nil {
		return "", wrap("find commenter by email", err)
	}
	return string(ids[0]), nil
}

// ReaderCommenters returns the ids of the commenters as whom a signed-in reader commented: one for each
// email.
func (s *CommenterStore) ReaderCommenters(ctx context.Context, browserID string) ([]string, error) {
	ids, err := s.selectIDs(ctx, `SELECT DISTINCT commenter_id FROM comments
		WHERE browser_id = $1 AND browser_id LIKE 'reader:%' ORDER BY commenter_id`, browserID)
	return ids, wrap("list a reader's commenters", err)
}

// redactQuotes removes moderators' texts from the log if they quote comments that are about to be erased. The
// decisions themselves stay. It is the only change that the log permits.
func redactQuotes(ctx context.Context, x executor, commentIDs []string) error {
	var said []struct {
		CommentID ID     `db:"comment_id"`
		Name      string `db:"author_name"`
		URL       string `db:"author_url"`
		Body      string `db:"body"`
	}
	err := x.selectAll(ctx, &said,
		`
		SELECT comment_id, author_name, author_url, `+bodyLookup("s")+` AS body
		FROM submissions s WHERE comment_id IN (?)`,
		toIDs(commentIDs))
	if err != nil {
		return err
	}
	of := map[string][]string{}
	for _, r := range said {
		of[string(r.CommentID)] = append(of[string(r.CommentID)], r.Name, r.URL, r.Body)
	}
	var notes []struct {
		ID        ID     `db:"id"`
		CommentID ID     `db:"comment_id"`
		Reason    string `db:"reason"`
		Note      string `db:"note"`
	}
	err = x.selectAll(ctx, &notes, `
		SELECT id, comment_id, reason, note FROM decisions WHERE comment_id IN (?) AND (reason <> '' OR note <> '')`,
		toIDs(commentIDs))
	if err != nil {
		return err
	}
	for _, n := range notes {
		reason, note := redactIfQuoting(n.Reason, of[string(n.CommentID)]), redactIfQuoting(n.Note, of[string(n.CommentID)])
		if reason == n.Reason && note == n.Note {
			continue
		}
		if _, err := x.exec(ctx, `UPDATE decisions SET reason = $2, note = $3 WHERE id = $1`, n.ID, reason,
			note); err != nil {
			return err
		}
	}
	if err := redactAuditReasons(ctx, x, commentIDs, of); err != nil {
		return err
	}
	if err := redactPublicReasons(ctx, x, commentIDs, of); err != nil {
		return err
	}
	return redactQuotingNotes(ctx, x, commentIDs, of)
}

// redactQuotingNotes does the same for notes about the commenter.
func redactQuotingNotes(ctx context.Context, x executor, commentIDs []string, said map[string][]string) error {
	var notes []struct {
		ID        ID     `db:"id"`
		CommentID ID     `db:"comment_id"`
		Body      string `db:"body"`
	}
	err := x.selectAll(ctx, &notes, `
		SELECT id, comment_id, body FROM notes WHERE comment_id IN (?) AND about = 'commenter' AND body <> ''`,
		toIDs(commentIDs))
	if err != nil {
		return err
	}
	for _, n := range notes {
		if redactIfQuoting(n.Body, said[string(n.CommentID)]) == n.Body {
			continue
		}
		if _, err := x.exec(ctx, `UPDATE notes SET body = '' WHERE id = $1`, n.ID); err != nil {
			return err
		}
	}
	return nil
}

// redactAuditReasons does the same for reasons in the audit log.
func redactAuditReasons(ctx context.Context, x executor, commentIDs []string, said map[string][]string) error {
	var entries []struct {
		ID        string `db:"id"`
		SubjectID string `db:"subject_id"`
		Reason    string `db:"reason"`
	}
	err := x.selectAll(ctx, &entries, `
		SELECT id, subject_id, reason FROM audit_entries WHERE subject_id IN (?) AND reason <> ''`, commentIDs)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if redactIfQuoting(e.Reason, said[e.SubjectID]) == e.Reason {
			continue
		}
		if _, err := x.exec(ctx, `UPDATE audit_entries SET reason = '' WHERE id = $1`, e.ID); err != nil {
			return err
		}
	}
	return nil
}

func redactIfQuoting(words string, said []string) string {
	if moderation.ContainsQuote(words, said...) {
		return ""
	}
	return words
}

// redactNotes removes texts by readers, authors and moderators about erased comments, since they may quote or
// identify them. Blocks made from these comments stay in force under their index; of their values, only
// domains and hosts remain readable.
func redactNotes(ctx context.Context, x executor, commentIDs []string) error {
	_, err := x.exec(ctx, `UPDATE reports SET note = '' WHERE comment_id IN (?) AND note <> ''`, toIDs(commentIDs))
	if err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE appeals SET body = '' WHERE comment_id IN (?) AND body <> ''`,
		`UPDATE notes SET body = '' WHERE comment_id IN (?) AND about = 'comment' AND body <> ''`,
		`UPDATE blocks SET note = '', shown = CASE WHEN kind IN ('domain', 'host') THEN shown ELSE '' END
			WHERE comment_id IN (?)`,
	} {
		if err != nil {
			return err
		}
		_, err = x.exec(ctx, statement, toIDs(commentIDs))
	}
	return err
}
