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
		var id string
		err := tx.get(ctx, &id, `SELECT id FROM comments WHERE id = $1 AND author_name <> ''`+tx.forUpdate, n.CommentID)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `
			INSERT INTO notes (id, comment_id, commenter_id, about, moderator_id, body, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			n.ID, n.CommentID, n.CommenterID, string(n.About), n.ModeratorID, n.Body, Time(n.CreatedAt))
		return err
	})
}

// Notes returns the newest notes of a comment and of its commenter, oldest first.
func (s *NoteStore) Notes(ctx context.Context, c moderation.Comment, limit int) ([]queue.Note, error) {
	var rows []struct {
		ID            string `db:"id"`
		CommentID     string `db:"comment_id"`
		CommenterID   string `db:"commenter_id"`
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
		LIMIT $3`, c.ID, c.CommenterID, limit)
	if err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	notes := make([]queue.Note, 0, len(rows))
	for _, r := range slices.Backward(rows) {
		notes = append(
			notes,
			queue.Note{ID: r.ID, CommentID: r.CommentID, CommenterID: r.CommenterID, About: queue.NoteAbout(r.About),
				ModeratorID: r.ModeratorID, ModeratorName: r.ModeratorName, Body: r.Body, CreatedAt: r.CreatedAt.time()},
		)
	}
	return notes, nil
}
