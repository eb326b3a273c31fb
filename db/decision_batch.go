package db

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// decideBatch carries out decisions. Those that it refuses are returned with the reason, by their ids:
// ErrVersion, ErrNotFound, ErrClaimed or ErrUndo. They leave no trace.
func decideBatch(ctx context.Context, x executor, decisions []moderation.Decision,
) (refused map[string]error, err error) {
	ordered := slices.SortedStableFunc(slices.Values(decisions), func(a, b moderation.Decision) int {
		return cmp.Or(cmp.Compare(a.SiteID, b.SiteID), cmp.Compare(a.CommentID, b.CommentID))
	})
	if err := x.lockForDecisions(ctx, ordered...); err != nil {
		return nil, err
	}
	if len(ordered) > 1 { // one is locked when it is written
		ids := make([]string, len(ordered))
		for i, d := range ordered {
			ids[i] = d.CommentID
		}
		if err := x.lockCommenters(ctx, ids); err != nil {
			return nil, err
		}
	}
	refused = map[string]error{}
	for len(ordered) > 0 {
		n := independentPrefix(ordered)
		if n > 0 {
			err = applyDecisions(ctx, x, ordered[:n], refused)
		} else {
			n, err = 1, undoDecision(ctx, x, ordered[0])
			if errors.Is(err, moderation.ErrVersion) || errors.Is(err, moderation.ErrNotFound) ||
				errors.Is(err, queue.ErrUndo) {
				refused[ordered[0].ID], err = err, nil // found out before anything was written
			}
		}
		if err != nil {
			return nil, err
		}
		ordered = ordered[n:]
	}
	return refused, nil
}

// independentPrefix counts the first decisions that are about different comments and undo nothing. The order
// keeps decisions on one comment together.
func independentPrefix(decisions []moderation.Decision) int {
	for i, d := range decisions {
		if d.Undoes != "" || i > 0 && d.CommentID == decisions[i-1].CommentID {
			return i
		}
	}
	return len(decisions)
}

// decideOne carries out one decision that does not change the text. ErrVersion, ErrNotFound, ErrClaimed.
func decideOne(ctx context.Context, x executor, d moderation.Decision) error {
	if err := x.lockForDecisions(ctx, d); err != nil {
		return err
	}
	refused := map[string]error{}
	if err := applyDecisions(ctx, x, []moderation.Decision{d}, refused); err != nil {
		return err
	}
	return refused[d.ID]
}

// applyDecisions carries out decisions on different comments, which are locked, and adds the reason of each
// that it refuses to refused. Rows that need no lock order are written for all decisions at once.
func applyDecisions(ctx context.Context, x executor, decisions []moderation.Decision, refused map[string]error) error {
	found, err := loadStates(ctx, x, decisions)
	if err != nil {
		return err
	}
	var l decisionWrites
	for _, d := range decisions {
		before, ok := found[d.CommentID]
		if !ok {
			refused[d.ID] = moderation.ErrNotFound
			continue
		}
		if why := before.conflict(d); why != nil {
			refused[d.ID] = why
			continue
		}
		l.add(d, before)
	}
	return l.flush(ctx, x)
}

// commentState is the comment that a decision is about, before the decision.
type commentState struct {
	commentRow
	Appealed  bool       `db:"appealed"` // an appeal is open
	HolderID  nullString `db:"holder"`   // holder of a claim, which may have expired; empty: none
	Name      nullString `db:"name"`
	HeldUntil NullTime   `db:"held_until"`
}

// loadStates reads the comments of decisions after locking them, so that no claim, report or appeal comes in
// between.
func loadStates(ctx context.Context, x executor, decisions []moderation.Decision) (map[string]commentState, error) {
	ids := make([]string, len(decisions))
	for i, d := range decisions {
		ids[i] = d.CommentID
	}
	var rows []commentState
	err := x.selectAll(ctx, &rows, `
		SELECT `+columnsOf("c", stateColumns)+`,
			EXISTS (SELECT 1 FROM appeals p WHERE p.comment_id = c.id AND p.resolved_at IS NULL) AS appealed,
			k.moderator_id AS holder, m.name, k.expires_at AS held_until
		FROM comments c LEFT JOIN claims k ON k.comment_id = c.id LEFT JOIN moderators m ON m.id = k.moderator_id
		WHERE c.id IN (?)`, padded(toIDs(ids)))
	if err != nil {
		return nil, err
	}
	found := make(map[string]commentState, len(rows))
	for _, row := range rows {
		found[string(row.ID)] = row
	}
	return found, nil
}

// conflict returns why a decision cannot be carried out: the comment has another version, or another
// moderator holds it (*queue.ClaimedError). nil if it can.
func (b commentState) conflict(d moderation.Decision) error {
	if b.Version != d.Version-1 || b.Status != string(d.From) {
		return moderation.ErrVersion
	}
	held := b.HolderID != "" && string(b.HolderID) != d.ModeratorID && b.HeldUntil.time().After(d.CreatedAt)
	if !held || d.Actor != moderation.ActorModerator || d.Force {
		return nil
	}
	return &queue.ClaimedError{
		Claim: queue.Claim{CommentID: d.CommentID, ModeratorID: string(b.HolderID), Moderator: string(b.Name),
			ExpiresAt: b.HeldUntil.time()},
	}
}

// resolvesReports is 1 for a decision that resolves reports and an appeal, otherwise 0: one by a moderator,
// or a deletion.
func resolvesReports(d moderation.Decision) int {
	if d.Actor == moderation.ActorModerator || d.To == moderation.StatusDeleted {
		return 1
	}
	return 0
}
