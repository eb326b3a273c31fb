package queue

import (
	"context"
	"errors"

	"rejoinder/moderation"
)

// Stale is ErrVersion with what happened to the comment meanwhile.
type Stale struct {
	Decision  moderation.Decision // the latest
	Moderator string              // the name of who took it; empty when it was no moderator
}

// Error says that the comment changed.
func (s *Stale) Error() string { return moderation.ErrVersion.Error() }

// Unwrap returns ErrVersion.
func (s *Stale) Unwrap() error { return moderation.ErrVersion }

// conflict completes ErrVersion with the latest decision. Any other error, and one that can't be completed,
// stays as it is.
func (q *Queue) conflict(ctx context.Context, commentID string, err error) error {
	if !errors.Is(err, moderation.ErrVersion) {
		return err
	}
	log, wrong := q.Store.Decisions(ctx, commentID)
	if wrong != nil || len(log) == 0 {
		return err
	}
	s := &Stale{Decision: log[len(log)-1]}
	if id := s.Decision.ModeratorID; id != "" {
		if s.Moderator, wrong = q.Store.ModeratorName(ctx, id); wrong != nil && !errors.Is(wrong, moderation.ErrNotFound) {
			return err
		}
	}
	return s
}
