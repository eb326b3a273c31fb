package db

import "context"

// BrowserComments returns the ids of a commenter's comments that came from one remembered browser and still have a text,
// oldest first.
func (d *DB) BrowserComments(ctx context.Context, commenterID, browserID string) ([]string, error) {
	var ids []string
	err := d.all(ctx, &ids, `
		SELECT id FROM comments
		WHERE commenter_id = $1 AND browser_id = $2 AND (status <> 'deleted' OR author_name <> '')
		ORDER BY id`, commenterID, browserID)
	return ids, wrap("list a browser's comments", err)
}

// ForgetCommenter names a commenter as the newest comment that is left does. When none is left, name and sealed email go;
// the index stays, so that a moderator's word on whoever comes back under that email still counts.
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
		return err
	})
	if err != nil {
		return err
	}
	return d.emptyLog(ctx)
}

// forgetWords removes what readers and writers said about comments that are erased, since it may quote them.
func (s session) forgetWords(ctx context.Context, commentIDs []string) error {
	_, err := s.execIn(ctx, `UPDATE reports SET note = '' WHERE comment_id IN (?) AND note <> ''`, commentIDs)
	if err != nil {
		return err
	}
	_, err = s.execIn(ctx, `UPDATE appeals SET body = '' WHERE comment_id IN (?) AND body <> ''`, commentIDs)
	return err
}
