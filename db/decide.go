package db

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// recordAll takes decisions, except for those that it returns, by their ids, with the reason: ErrVersion,
// ErrNotFound, ErrClaimed or ErrUndo. Those leave no trace.
func (s session) recordAll(ctx context.Context, decisions []moderation.Decision) (refused map[string]error, err error) {
	ordered := slices.SortedStableFunc(slices.Values(decisions), func(a, b moderation.Decision) int {
		return cmp.Or(cmp.Compare(shardOf(a.CommentID), shardOf(b.CommentID)), cmp.Compare(a.SiteID, b.SiteID),
			cmp.Compare(a.CommentID, b.CommentID))
	})
	if err := s.lockSubjects(ctx, ordered...); err != nil {
		return nil, err
	}
	if len(ordered) > 1 { // one is locked when it is written
		ids := make([]string, len(ordered))
		for i, d := range ordered {
			ids[i] = d.CommentID
		}
		if err := s.lockWriters(ctx, ids); err != nil {
			return nil, err
		}
	}
	refused = map[string]error{}
	for len(ordered) > 0 {
		n := together(ordered)
		if n > 0 {
			err = s.decideAll(ctx, ordered[:n], refused)
		} else {
			n, err = 1, s.undo(ctx, ordered[0])
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

// together is how many decisions from the first on are about different comments and take nothing back. Those
// on one comment stand one behind the other.
func together(decisions []moderation.Decision) int {
	for i, d := range decisions {
		if d.Undoes != "" || i > 0 && d.CommentID == decisions[i-1].CommentID {
			return i
		}
	}
	return len(decisions)
}

// decide carries out one decision that leaves the text as it is. ErrVersion, ErrNotFound, ErrClaimed.
func (s session) decide(ctx context.Context, d moderation.Decision) error {
	if err := s.lockSubjects(ctx, d); err != nil {
		return err
	}
	refused := map[string]error{}
	if err := s.decideAll(ctx, []moderation.Decision{d}, refused); err != nil {
		return err
	}
	return refused[d.ID]
}

// decideAll carries out decisions on different comments, which are locked, and adds why to refused for those
// that it does not carry out. What is written to tables without an order is written for all of them at once.
func (s session) decideAll(ctx context.Context, decisions []moderation.Decision, refused map[string]error) error {
	found, err := s.subjects(ctx, decisions)
	if err != nil {
		return err
	}
	var l ledger
	for _, d := range decisions {
		before, ok := found[d.CommentID]
		if !ok {
			refused[d.ID] = moderation.ErrNotFound
			continue
		}
		if why := before.refuses(d); why != nil {
			refused[d.ID] = why
			continue
		}
		if err := s.carryOut(ctx, d, before); err != nil {
			return err
		}
		l.enter(d, before)
	}
	return s.book(ctx, &l)
}

// subject is a comment as a decision finds it.
type subject struct {
	commentRow
	Appealed  bool       `db:"appealed"` // an appeal is open
	Holder    nullString `db:"holder"`   // who has a claim on it, which may have ended; empty for nobody
	Name      nullString `db:"name"`
	HeldUntil NullTime   `db:"held_until"`
}

// subjects reads the comments that decisions are about, after they were locked: nobody claims, reports or
// appeals meanwhile.
func (s session) subjects(ctx context.Context, decisions []moderation.Decision) (map[string]subject, error) {
	ids := make([]string, len(decisions))
	for i, d := range decisions {
		ids[i] = d.CommentID
	}
	var rows []subject
	err := s.allIn(ctx, &rows, `
		SELECT c.id, c.site_id, c.article_id, c.commenter_id, c.parent_id, c.version, c.status,
			c.public_reason, c.open_reports, c.created_at,
			EXISTS (SELECT 1 FROM appeals p WHERE p.comment_id = c.id AND p.resolved_at IS NULL) AS appealed,
			k.moderator_id AS holder, m.name, k.expires_at AS held_until
		FROM comments c LEFT JOIN claims k ON k.comment_id = c.id LEFT JOIN moderators m ON m.id = k.moderator_id
		WHERE c.id IN (?)`, padded(ids))
	if err != nil {
		return nil, err
	}
	found := make(map[string]subject, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}

// refuses says why a decision cannot be carried out: the comment has moved on, or another moderator holds it
// (*queue.ClaimedError). nil when it can.
func (b subject) refuses(d moderation.Decision) error {
	if b.Version != d.Version-1 || b.Status != string(d.From) {
		return moderation.ErrVersion
	}
	held := b.Holder != "" && string(b.Holder) != d.ModeratorID && b.HeldUntil.time().After(d.CreatedAt)
	if !held || d.Actor != moderation.ActorModerator || d.Force {
		return nil
	}
	return &queue.ClaimedError{
		Claim: queue.Claim{CommentID: d.CommentID, ModeratorID: string(b.Holder), Moderator: string(b.Name),
			ExpiresAt: b.HeldUntil.time()},
	}
}

// carryOut changes the comment, its thread and its commenter.
func (s session) carryOut(ctx context.Context, d moderation.Decision, before subject) error {
	n, err := s.exec(ctx, `
		UPDATE comments SET version = $2, status = $3, public_reason = $4,
			open_reports = open_reports * $6, risk = risk - open_reports * $7
		WHERE id = $1 AND version = $5`,
		d.CommentID, d.Version, string(d.To), d.PublicReasonAfter(before.PublicReason), d.Version-1, 1-answers(d),
		answers(d)*moderation.ReportsRisk(1))
	if err == nil && n == 0 {
		err = moderation.ErrVersion
	}
	if err != nil {
		return err
	}
	if err := s.moveThread(ctx, before.counted(), d.From, d.To); err != nil {
		return err
	}
	return s.moveCommenter(ctx, before.CommenterID, d.From, d.To)
}

// answers is 1 for a decision that answers readers' reports and the writer's appeal: a moderator's, or any
// after which there is nothing left to look at. Others are 0.
func answers(d moderation.Decision) int {
	if d.Actor == moderation.ActorModerator || d.To == moderation.StatusDeleted {
		return 1
	}
	return 0
}
