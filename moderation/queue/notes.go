package queue

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// NoteAbout is the subject of a note.
type NoteAbout string

// Subjects of notes.
const (
	NoteComment   NoteAbout = "comment"
	NoteCommenter NoteAbout = "commenter" // shown with every comment from that email
)

// Note is a moderator's note for other moderators. Notes can't be edited. A note on a comment is erased with
// the comment's text. A note on a commenter is erased once nothing of the commenter is left, or if it quotes
// erased text.
type Note struct {
	ID            string
	CommentID     string // where it was written, whatever its subject
	CommenterID   string
	About         NoteAbout
	ModeratorID   string
	ModeratorName string // set by storage on read
	Body          string // empty once erased
	CreatedAt     time.Time
}

// notesShown is the maximum number of notes of a case. Older ones are omitted.
const notesShown = 100

// NoteStore is the storage for notes.
type NoteStore interface {
	// CreateNote stores a note. Errors: ErrNotFound if the comment's text, or all of its commenter's data, is
	// erased.
	CreateNote(ctx context.Context, n Note) error
	// Notes returns the newest notes on a comment and on its commenter, oldest first.
	Notes(ctx context.Context, c moderation.Comment, limit int) ([]Note, error)
}

// NewNote is a request to create a note.
type NewNote struct {
	About NoteAbout // empty: NoteComment
	Body  string
}

// AddNote adds a note to a comment or to its commenter. Errors: *Invalid, ErrNotFound.
func (q *Queue) AddNote(ctx context.Context, v moderation.Viewer, commentID string, n NewNote) (Note, error) {
	var faults moderation.Invalid
	if n.About == "" {
		n.About = NoteComment
	}
	if n.About != NoteComment && n.About != NoteCommenter {
		faults.Add("/about", "unknown", "A note is about the comment or the commenter.")
	}
	if n.Body = moderation.CleanReason(&faults, "/body", n.Body); n.Body == "" {
		faults.Add("/body", "required", "Write something.")
	}
	if err := faults.Err(); err != nil {
		return Note{}, err
	}
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return Note{}, fmt.Errorf("add note: %w", err)
	}
	note := Note{ID: q.NewID(), CommentID: commentID, CommenterID: row.Comment.CommenterID, About: n.About,
		ModeratorID: v.ModeratorID, Body: n.Body, CreatedAt: q.Now().UTC()}
	if err := q.Store.CreateNote(ctx, note); err != nil {
		return Note{}, fmt.Errorf("add note: %w", err)
	}
	return note, nil
}
