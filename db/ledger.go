package db

import (
	"context"
	"maps"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// ledger is what decisions that were carried out leave to be written for all of them at once.
type ledger struct {
	log      [][]any                    // rows of decisions
	answered []moderation.Decision      // on comments with open reports or appeals
	claimed  []string                   // comments whose claim ends
	active   map[string]queue.NewClaims // by moderator who decided on what they held: what they hold besides, renewed
	unlisted []string                   // comments that wait no more, or under other keys
	listed   []*counted                 // comments that wait now
	counts   map[string]queue.Counts    // by site
	shards   map[string]string          // by site: the comment in whose shard they are counted
}

// enter notes what a decision leaves to be written.
func (l *ledger) enter(d moderation.Decision, before subject) {
	l.log = append(l.log, newDecisionRow(d, before.CommenterID).values())
	if answers(d) > 0 && (before.OpenReports > 0 || before.Appealed) {
		l.answered = append(l.answered, d)
	}
	if before.Holder != "" {
		l.claimed = append(l.claimed, before.ID)
	}
	if !d.ClaimsUntil.IsZero() && string(before.Holder) == d.ModeratorID {
		if l.active == nil {
			l.active = map[string]queue.NewClaims{}
		}
		l.active[d.ModeratorID] = queue.NewClaims{ModeratorID: d.ModeratorID, At: d.CreatedAt, ExpiresAt: d.ClaimsUntil}
	}
	if d.From == moderation.StatusPending {
		l.unlisted = append(l.unlisted, before.ID)
	}
	if d.To == moderation.StatusPending {
		l.listed = append(l.listed, before.counted())
	}
	if d.From != d.To {
		l.count(before.SiteID, before.ID, statusChange(d.From, d.To))
	}
}

// count adds to a site's counts. They go to the shard of its last comment, so that shards are locked in their
// order.
func (l *ledger) count(siteID, commentID string, by queue.Counts) {
	if l.counts == nil {
		l.counts, l.shards = map[string]queue.Counts{}, map[string]string{}
	}
	l.counts[siteID] = sum(l.counts[siteID], by)
	if shardOf(commentID) >= shardOf(l.shards[siteID]) || l.shards[siteID] == "" {
		l.shards[siteID] = commentID
	}
}

// book writes what was entered.
func (s session) book(ctx context.Context, l *ledger) error {
	if err := s.endClaims(ctx, l); err != nil {
		return err
	}
	for _, d := range l.answered {
		if err := s.answer(ctx, l, d); err != nil {
			return err
		}
	}
	if err := s.unlist(ctx, l.unlisted); err != nil {
		return err
	}
	for _, c := range l.listed {
		if err := s.list(ctx, c, moderation.StatusPending); err != nil {
			return err
		}
	}
	if _, err := s.execRows(ctx, decisionInsert, l.log); err != nil {
		return err
	}
	for _, site := range slices.SortedFunc(maps.Keys(l.counts), inShards(l.shards)) {
		if err := s.shiftCounts(ctx, site, l.shards[site], l.counts[site]); err != nil {
			return err
		}
	}
	return nil
}

// endClaims takes the claims off comments that were decided on, and renews what else their holders have.
func (s session) endClaims(ctx context.Context, l *ledger) error {
	if len(l.claimed) == 0 {
		return nil
	}
	if _, err := s.execIn(ctx, `DELETE FROM claims WHERE comment_id IN (?)`, padded(l.claimed)); err != nil {
		return err
	}
	for _, moderator := range slices.Sorted(maps.Keys(l.active)) {
		if err := s.renewClaims(ctx, l.active[moderator]); err != nil {
			return err
		}
	}
	return nil
}

// answer closes a comment's reports and appeal.
func (s session) answer(ctx context.Context, l *ledger, d moderation.Decision) error {
	reports, err := s.exec(ctx, `
		UPDATE reports SET resolved_at = $2, decision_id = $3 WHERE comment_id = $1 AND resolved_at IS NULL`,
		d.CommentID, Time(d.CreatedAt), d.ID)
	if err != nil {
		return err
	}
	appeals, err := s.exec(ctx, `
		UPDATE appeals SET resolved_at = $2, outcome = $3 WHERE comment_id = $1 AND resolved_at IS NULL`,
		d.CommentID, Time(d.CreatedAt), string(d.To))
	if err != nil || reports == 0 && appeals == 0 {
		return err
	}
	l.count(d.SiteID, d.CommentID, queue.Counts{Reported: -int(min(reports, 1)), Appealed: -int(appeals)})
	return nil
}
