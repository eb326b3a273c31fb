package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// AppealStore stores appeals against decisions. An appeal is a decision, too: it makes the comment pending.
type AppealStore struct{ *core }

// CreateAppeal returns a comment to the queue and stores the appeal, with the moderator whose decision it is
// against. ErrVersion, ErrNoAppeal if there was an appeal before.
func (s *AppealStore) CreateAppeal(ctx context.Context, a moderation.Appeal, decision moderation.Decision) error {
	return s.write(ctx, "create appeal", func(tx executor) error {
		if err := decideOne(ctx, tx, decision); err != nil {
			return err
		}
		var appealed string
		err := tx.get(ctx, &appealed, `SELECT moderator_id FROM decisions WHERE comment_id = $1 AND version = $2`,
			ID(a.CommentID), decision.Version-1)
		if err != nil {
			return err
		}
		n, err := tx.exec(ctx, `
			INSERT INTO appeals (comment_id, body, moderator_id, created_at, outcome) VALUES ($1, $2, $3, $4, '')
			ON CONFLICT (comment_id) DO NOTHING`, ID(a.CommentID), a.Body, appealed, Time(a.CreatedAt))
		if err == nil && n == 0 {
			err = moderation.ErrNoAppeal
		}
		if err != nil {
			return err
		}
		return addToCounts(ctx, tx, decision.SiteID, queue.Counts{Appealed: 1})
	})
}

// Appeals returns the appeals about those comments that have one.
func (s *AppealStore) Appeals(ctx context.Context, commentIDs []string) (map[string]moderation.Appeal, error) {
	found := map[string]moderation.Appeal{}
	if len(commentIDs) == 0 {
		return found, nil
	}
	var rows []struct {
		CommentID   ID       `db:"comment_id"`
		Body        string   `db:"body"`
		ModeratorID string   `db:"moderator_id"`
		CreatedAt   Time     `db:"created_at"`
		ResolvedAt  NullTime `db:"resolved_at"`
		Outcome     string   `db:"outcome"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT comment_id, body, moderator_id, created_at, resolved_at, outcome FROM appeals WHERE comment_id IN (?)`,
		toIDs(commentIDs))
	if err != nil {
		return nil, fmt.Errorf("find appeals: %w", err)
	}
	for _, r := range rows {
		found[string(r.CommentID)] = moderation.Appeal{CommentID: string(r.CommentID), Body: r.Body,
			ModeratorID: r.ModeratorID,
			CreatedAt:   r.CreatedAt.time(), ResolvedAt: r.ResolvedAt.time(), Outcome: moderation.Status(r.Outcome)}
	}
	return found, nil
}

// OtherModerators reports whether another moderator can sign in and work on the site.
func (s *AppealStore) OtherModerators(ctx context.Context, siteID, moderatorID string) (bool, error) {
	var others []string
	err := s.selectAll(ctx, &others, `
		SELECT m.id FROM moderators m
		WHERE m.id <> $2 AND m.disabled_at IS NULL AND m.`+deciding+` AND `+canSignIn+`
			AND (NOT EXISTS (SELECT 1 FROM moderator_sites x WHERE x.moderator_id = m.id)
			     OR EXISTS (SELECT 1 FROM moderator_sites x WHERE x.moderator_id = m.id AND x.site_id = $1))
		LIMIT 1`, ID(siteID), moderatorID)
	return len(others) > 0, wrap("look for other moderators", err)
}
