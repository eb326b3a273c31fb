package queue

import (
	"context"
	"errors"

	"rejoinder/moderation"
)

// ConflictError wraps ErrVersion and adds the decision that changed the comment.
type ConflictError struct {
	Decision  moderation.Decision // the latest
	Moderator string              // name of its moderator; empty if not made by one
}

// Error implements error.
func (s *ConflictError) Error() string { return moderation.ErrVersion.Error() }

// Unwrap returns ErrVersion.
func (s *ConflictError) Unwrap() error { return moderation.ErrVersion }

// conflict turns ErrVersion into a *ConflictError with the latest decision. It returns other errors
// unchanged, and ErrVersion too if the log can't be read.
func (q *Queue) conflict(ctx context.Context, commentID string, err error) error {
	if !errors.Is(err, moderation.ErrVersion) {
		return err
	}
	log, wrong := q.Store.Decisions(ctx, commentID)
	if wrong != nil || len(log) == 0 {
		return err
	}
	s := &ConflictError{Decision: log[len(log)-1]}
	if id := s.Decision.ModeratorID; id != "" {
		if s.Moderator, wrong = q.Store.ModeratorName(ctx, id); wrong != nil && !errors.Is(wrong, moderation.ErrNotFound) {
			return err
		}
	}
	return s
}
