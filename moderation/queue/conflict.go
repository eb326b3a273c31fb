package queue

import (
	"context"
	"errors"

	"rejoinder/moderation"
)

// ConflictError is ErrVersion with the decision that changed the comment.
type ConflictError struct {
	Decision  moderation.Decision // the latest
	Moderator string              // the name of who took it; empty when it was no moderator
}

// Error implements error.
func (s *ConflictError) Error() string { return moderation.ErrVersion.Error() }

// Unwrap returns ErrVersion.
func (s *ConflictError) Unwrap() error { return moderation.ErrVersion }

// conflict turns ErrVersion into a *ConflictError with the latest decision. It returns any other error
// unchanged, and ErrVersion too when the log cannot be read.
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
