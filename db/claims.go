package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// ClaimStore stores claims on comments, and in claim_tabs the browser tabs that made them.
type ClaimStore struct{ *core }

// claimRounds is how often Claim tries again if concurrent claims left it fewer comments than requested.
const claimRounds = 3

// Claim takes the first unclaimed comments of a selection, and returns them in its order. Concurrent callers
// get different comments. The moderator's earlier claims are renewed. ErrTabClosed.
func (s *ClaimStore) Claim(ctx context.Context, q queue.Select, c queue.NewClaims) ([]queue.Row, error) {
	if err := s.deleteExpiredClaims(ctx, c); err != nil {
		return nil, err
	}
	var ids []string
	err := s.write(ctx, "claim comments", func(tx executor) error {
		ids = nil
		if err := checkTab(ctx, tx, c); err != nil {
			return err
		}
		if err := renewClaims(ctx, tx, c.At, c.ExpiresAt, c.ModeratorID); err != nil {
			return err
		}
		for range claimRounds {
			rest := q
			rest.Limit -= len(ids)
			taken, err := claimRound(ctx, tx, rest, c)
			if ids = append(ids, taken...); err != nil || len(ids) >= q.Limit {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows, err := queueRows(ctx, s.prepared, ids)
	if err != nil {
		return nil, fmt.Errorf("claim comments: %w", err)
	}
	order := queueOrders[q.Sort]
	place := func(r queue.Row) queuePosition {
		return queuePosition{ID: ID(r.Comment.ID), CreatedAt: Time(r.Comment.CreatedAt), Risk: r.Comment.Risk,
			Reports: r.Comment.OpenReports}
	}
	slices.SortFunc(rows, func(a, b queue.Row) int { return order.compare(place(a), place(b)) })
	return rows, nil
}

// deleteExpiredClaims removes a moderator's expired claims. The janitor removes those of moderators who stay
// away. It is a transaction of its own that skips locked rows, so it takes part in no deadlock.
func (s *ClaimStore) deleteExpiredClaims(ctx context.Context, c queue.NewClaims) error {
	return s.write(ctx, "clear claims", func(tx executor) error {
		_, err := tx.exec(ctx, `
			DELETE FROM claims WHERE comment_id IN (
				SELECT c.comment_id FROM claims c WHERE c.moderator_id = $1 AND c.expires_at <= $2`+tx.skipLocked+`)`,
			c.ModeratorID, Time(c.At))
		return err
	})
}

// claimRound finds the sites of the next comments and claims as many on each. It skips rows that another
// transaction has locked.
func claimRound(ctx context.Context, x executor, q queue.Select, c queue.NewClaims) ([]string, error) {
	wanted := map[string]int{}
	if len(q.SiteIDs) == 1 {
		wanted[q.SiteIDs[0]] = q.Limit
	} else {
		conditions, err := queueConditions(ctx, x, q)
		if err != nil {
			return nil, err
		}
		places, err := queuePositions(ctx, x, q, conditions)
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			wanted[string(p.SiteID)]++
		}
	}
	var taken []string
	for site, n := range wanted {
		q.Limit = n
		condition, err := conditionFor(ctx, x, q, site)
		if err != nil {
			return nil, err
		}
		query, args := queueBranch(q, condition)
		// A claim that is newer than this snapshot conflicts here, and stays.
		ids, err := x.selectIDs(ctx, `
			INSERT INTO claims (comment_id, site_id, moderator_id, expires_at, tab, tab_seq)
			SELECT id, site_id, ?, ?, ?, ? FROM (`+query+x.skipLocked+`) AS free WHERE TRUE
			ON CONFLICT (comment_id) DO UPDATE SET moderator_id = excluded.moderator_id, expires_at = excluded.expires_at,
				tab = excluded.tab, tab_seq = excluded.tab_seq
				WHERE claims.expires_at <= ?
			RETURNING comment_id`,
			slices.Concat([]any{c.ModeratorID, Time(c.ExpiresAt), c.Tab.ID, c.Tab.Seq}, args, []any{Time(c.At)})...)
		if err != nil {
			return nil, err
		}
		taken = append(taken, ids...)
	}
	return taken, nil
}

// ClaimComment takes one comment, or renews the moderator's own claim on it. *queue.ClaimedError when another
// holds it, ErrNotFound, ErrTransition when the comment is deleted, ErrTabClosed.
func (s *ClaimStore) ClaimComment(ctx context.Context, commentID string, c queue.NewClaims) error {
	return s.write(ctx, "claim a comment", func(tx executor) error {
		if err := checkTab(ctx, tx, c); err != nil {
			return err
		}
		var row commentRow
		// A concurrent decision has locked the comment, and deletes only the claims that it found.
		if err := tx.get(ctx, &row, `SELECT site_id, status FROM comments WHERE id = $1`+tx.forUpdate,
			ID(commentID)); err != nil {
			return err
		}
		if row.Status == string(moderation.StatusDeleted) {
			return moderation.ErrTransition
		}
		n, err := tx.exec(ctx, `
			INSERT INTO claims (comment_id, site_id, moderator_id, expires_at, tab, tab_seq) VALUES ($1, $2, $3, $4, $6, $7)
			ON CONFLICT (comment_id) DO UPDATE SET moderator_id = excluded.moderator_id,
				tab = excluded.tab, tab_seq = excluded.tab_seq,
				expires_at = CASE WHEN claims.moderator_id = excluded.moderator_id AND claims.expires_at > excluded.expires_at
					THEN claims.expires_at ELSE excluded.expires_at END
				WHERE claims.expires_at <= $5 OR claims.moderator_id = excluded.moderator_id`,
			ID(commentID), ID(row.SiteID), c.ModeratorID, Time(c.ExpiresAt), Time(c.At), c.Tab.ID, c.Tab.Seq)
		if err != nil || n > 0 {
			return err
		}
		held, err := heldClaims(ctx, tx, heldSelect{`k.comment_id IN (?)`, []string{commentID}, c.At})
		if err != nil {
			return err
		}
		for _, claim := range held {
			return &queue.ClaimedError{Claim: claim}
		}
		return moderation.ErrBusy
	})
}

// RenewClaims renews the moderator's remaining claims, and returns their number.
func (s *ClaimStore) RenewClaims(ctx context.Context, c queue.NewClaims) (int, error) {
	var n int
	err := s.write(ctx, "renew claims", func(tx executor) error {
		if err := renewClaims(ctx, tx, c.At, c.ExpiresAt, c.ModeratorID); err != nil {
			return err
		}
		return tx.get(ctx, &n, `SELECT COUNT(*) FROM claims WHERE moderator_id = $1 AND expires_at > $2`,
			c.ModeratorID, Time(c.At))
	})
	return n, err
}

// renewClaims extends the claims of moderators; none gets shorter. It skips locked rows: they are being renewed or
// decided on.
func renewClaims(ctx context.Context, x executor, at, until time.Time, moderators ...string) error {
	if len(moderators) == 0 {
		return nil
	}
	_, err := x.exec(ctx, `
		UPDATE claims SET expires_at = CASE WHEN expires_at < ? THEN ? ELSE expires_at END
		WHERE comment_id IN (
			SELECT c.comment_id FROM claims c WHERE c.moderator_id IN (?) AND c.expires_at > ?`+x.skipLocked+`)`,
		Time(until), Time(until), padded(moderators), Time(at))
	return err
}

// ReleaseClaims releases a moderator's claims on these comments, or all if none are given, and returns their
// number. It skips claims that are being renewed or decided on at the moment.
func (s *ClaimStore) ReleaseClaims(ctx context.Context, moderatorID string, commentIDs []string) (int, error) {
	which, args := `c.moderator_id = ?`, []any{moderatorID}
	if len(commentIDs) > 0 {
		which, args = which+` AND c.comment_id IN (?)`, append(args, toIDs(commentIDs))
	}
	var n int64
	err := s.write(ctx, "release claims", func(tx executor) error {
		var err error
		n, err = tx.exec(ctx, `
			DELETE FROM claims WHERE comment_id IN (SELECT c.comment_id FROM claims c WHERE `+which+tx.skipLocked+`)`,
			args...)
		return err
	})
	return int(n), err
}

// Claims returns the claims on those comments that are held at that time.
func (s *ClaimStore) Claims(ctx context.Context, commentIDs []string, at time.Time) (map[string]queue.Claim, error) {
	found := map[string]queue.Claim{}
	if len(commentIDs) == 0 {
		return found, nil
	}
	held, err := heldClaims(ctx, s.executor, heldSelect{`k.comment_id IN (?)`, commentIDs, at})
	if err != nil {
		return nil, fmt.Errorf("find claims: %w", err)
	}
	for _, claim := range held {
		found[claim.CommentID] = claim
	}
	return found, nil
}

// HeldClaims returns all claims on comments of those sites that are held at that time, by comment; none asks
// for all sites.
func (s *ClaimStore) HeldClaims(ctx context.Context, siteIDs []string, at time.Time) ([]queue.Claim, error) {
	where := `k.site_id IN (?)`
	if len(siteIDs) == 0 {
		where, siteIDs = `NOT k.site_id IN (?)`, []string{""}
	}
	held, err := heldClaims(ctx, s.executor, heldSelect{where, siteIDs, at})
	if err != nil {
		return nil, fmt.Errorf("find claims: %w", err)
	}
	return held, nil
}

// heldSelect selects claims that are held at a time.
type heldSelect struct {
	where string // a condition on a claim k and ids
	ids   []string
	at    time.Time
}

// heldClaims returns the claims selected, by comment.
func heldClaims(ctx context.Context, x executor, sel heldSelect) ([]queue.Claim, error) {
	var rows []struct {
		CommentID   ID     `db:"comment_id"`
		ModeratorID string `db:"moderator_id"`
		Name        string `db:"name"`
		ExpiresAt   Time   `db:"expires_at"`
	}
	err := x.selectAll(ctx, &rows, `
		SELECT k.comment_id, k.moderator_id, m.name, k.expires_at
		FROM claims k JOIN moderators m ON m.id = k.moderator_id
		WHERE `+sel.where+` AND k.expires_at > ? ORDER BY k.comment_id`, toIDs(sel.ids), Time(sel.at))
	if err != nil {
		return nil, err
	}
	held := make([]queue.Claim, len(rows))
	for i, r := range rows {
		held[i] = queue.Claim{
			CommentID:   string(r.CommentID),
			ModeratorID: r.ModeratorID,
			Moderator:   r.Name,
			ExpiresAt:   r.ExpiresAt.time(),
		}
	}
	return held, nil
}
