package db

import (
	"context"
	"fmt"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// NoteStore stores moderators' notes on comments and commenters.
type NoteStore struct{ *core }

// CreateNote writes a note. ErrNotFound when the comment's text is erased: nothing personal may come after
// it.
func (s *NoteStore) CreateNote(ctx context.Context, n queue.Note) error {
	return s.write(ctx, "create note", func(tx executor) error {
		// An erasure changes this row, so it either comes first and is seen here, or finds the note.
		var id ID
		err := tx.get(ctx, &id, `SELECT id FROM comments WHERE id = $1 AND author_name <> ''`+tx.forUpdate, ID(n.CommentID))
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `
			INSERT INTO notes (id, comment_id, commenter_id, about, moderator_id, body, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			ID(n.ID), ID(n.CommentID), ID(n.CommenterID), string(n.About), n.ModeratorID, n.Body, Time(n.CreatedAt))
		return err
	})
}

// Notes returns the newest notes of a comment and of its commenter, oldest first.
func (s *NoteStore) Notes(ctx context.Context, c moderation.Comment, limit int) ([]queue.Note, error) {
	var rows []struct {
		ID            ID     `db:"id"`
		CommentID     ID     `db:"comment_id"`
		CommenterID   ID     `db:"commenter_id"`
		About         string `db:"about"`
		ModeratorID   string `db:"moderator_id"`
		ModeratorName string `db:"moderator_name"`
		Body          string `db:"body"`
		CreatedAt     Time   `db:"created_at"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT n.id, n.comment_id, n.commenter_id, n.about, n.moderator_id, m.name AS moderator_name, n.body, n.created_at
		FROM (SELECT * FROM notes WHERE comment_id = $1 AND about = 'comment'
		      UNION ALL
		      SELECT * FROM notes WHERE commenter_id = $2 AND about = 'commenter') AS n
		JOIN moderators m ON m.id = n.moderator_id
		ORDER BY n.created_at DESC, n.id DESC
		LIMIT $3`, ID(c.ID), ID(c.CommenterID), limit)
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	notes := make([]queue.Note, 0, len(rows))
	for _, r := range slices.Backward(rows) {
		notes = append(
			notes,
			queue.Note{ID: string(r.ID), CommentID: string(r.CommentID), CommenterID: string(r.CommenterID),
				About:       queue.NoteAbout(r.About),
				ModeratorID: r.ModeratorID, ModeratorName: r.ModeratorName, Body: r.Body, CreatedAt: r.CreatedAt.time()},
		)
	}
	return notes, nil
}
