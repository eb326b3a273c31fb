package db

import (
	"context"

	"rejoinder/moderation/queue"
)

// checkTab locks the claiming tab, so that its page can't be left meanwhile. ErrTabClosed if it was left
// already.
func checkTab(ctx context.Context, x executor, c queue.NewClaims) error {
	if c.Tab.ID == "" {
		return nil
	}
	var left int64
	err := x.get(ctx, &left, `
		INSERT INTO claim_tabs (moderator_id, tab, left_seq, seen_at) VALUES ($1, $2, 0, $3)
		ON CONFLICT (moderator_id, tab) DO UPDATE SET seen_at = excluded.seen_at
		RETURNING left_seq`, c.ModeratorID, c.Tab.ID, Time(c.At))
	if err == nil && c.Tab.Seq < left {
		err = queue.ErrTabClosed
	}
	return err
}

// CloseTab releases what the tab's earlier requests claimed, except what it keeps, and refuses those of them
// that arrive later.
func (s *ClaimStore) CloseTab(ctx context.Context, left queue.ClosedTab) error {
	var held []ID
	err := s.write(ctx, "leave a tab", func(tx executor) error {
		_, err := tx.exec(ctx, `
			INSERT INTO claim_tabs (moderator_id, tab, left_seq, seen_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (moderator_id, tab) DO UPDATE SET seen_at = excluded.seen_at,
				left_seq = CASE WHEN claim_tabs.left_seq > excluded.left_seq THEN claim_tabs.left_seq ELSE excluded.left_seq END`,
			left.ModeratorID, left.Tab.ID, left.Tab.Seq, Time(left.At))
		if err != nil {
			return err
		}
		held = nil
		return tx.selectAll(ctx, &held, `
			SELECT comment_id FROM claims
			WHERE moderator_id = ? AND tab = ? AND tab_seq < ? AND comment_id NOT IN (?)`,
			left.ModeratorID, left.Tab.ID, left.Tab.Seq, toIDs(append([]string{""}, left.Keep...)))
	})
	if err != nil {
		return err
	}
	// One at a time: while waiting for a claim that is being renewed, hold no other claim that somebody waits
	// for.
	for _, id := range held {
		err := s.write(ctx, "release a claim", func(tx executor) error {
			_, err := tx.exec(ctx, `
				DELETE FROM claims WHERE comment_id = $1 AND moderator_id = $2 AND tab = $3 AND tab_seq < $4`,
				id, left.ModeratorID, left.Tab.ID, left.Tab.Seq)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
