package queue

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// NoteAbout is what a note is about.
type NoteAbout string

// What notes are about.
const (
	NoteComment   NoteAbout = "comment"
	NoteCommenter NoteAbout = "commenter" // shown with every comment under that email
)

// Note is what a moderator tells the others. Notes are never changed. One of a comment loses its words with
// the comment's text; one of a commenter when nothing of the commenter is left, or when it quotes what is
// erased.
type Note struct {
	ID            string
	CommentID     string // where it was written, whatever it is about
	CommenterID   string
	About         NoteAbout
	ModeratorID   string
	ModeratorName string // set by storage when it is read
	Body          string // empty once erased
	CreatedAt     time.Time
}

// notesShown bounds how many notes a case has: the newest.
const notesShown = 100

// NoteStore is the storage of notes.
type NoteStore interface {
	// CreateNote returns ErrNotFound when the comment's text, or what is left of its commenter, is erased.
	CreateNote(ctx context.Context, n Note) error
	// Notes returns the newest notes of a comment and of its commenter, oldest first.
	Notes(ctx context.Context, c moderation.Comment, limit int) ([]Note, error)
}

// NewNote is what a moderator writes.
type NewNote struct {
	About NoteAbout // empty: NoteComment
	Body  string
}

// AddNote notes something of a comment or of its commenter. Errors: *Invalid, ErrNotFound.
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
