package db

import (
	"context"
	"maps"
	"slices"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/notify"
)

// decisionWrites collects the pending writes of a batch of decisions.
type decisionWrites struct {
	comments  [][]any                 // values for commentUpdate
	thread    threadWrites            // public changes
	writers   map[string]queue.Counts // by commenter
	log       [][]any                 // rows of decisions
	resolving []moderation.Decision   // on comments with open reports or appeals
	claimed   []string                // comments whose claim ends
	active    map[string]bool         // moderators whose claims are renewed
	decidedAt time.Time               // of their latest decision
	renewed   time.Time               // the new end of their claims
	unindexed []string                // comments that wait no more, or under other keys
	indexed   []*counterKey           // comments that wait now
	counts    map[string]queue.Counts // by site
}

// add collects the writes of a decision.
func (l *decisionWrites) add(d moderation.Decision, before commentState) {
	l.comments = append(l.comments, []any{before.ID, d.Version, string(d.To), d.PublicReasonAfter(before.PublicReason),
		1 - resolvesReports(d), resolvesReports(d) * moderation.ReportsRisk(1)})
	t := transition{d.From, d.To}
	l.thread.add(before.counterKey(), t)
	l.log = append(l.log, newDecisionRow(d, string(before.CommenterID)).values())
	if resolvesReports(d) > 0 && (before.OpenReports > 0 || before.Appealed) {
		l.resolving = append(l.resolving, d)
	}
	if before.HolderID != "" {
		l.claimed = append(l.claimed, string(before.ID))
	}
	if !d.ClaimsUntil.IsZero() && string(before.HolderID) == d.ModeratorID {
		if l.active == nil {
			l.active = map[string]bool{}
		}
		l.active[d.ModeratorID] = true
		if d.ClaimsUntil.After(l.renewed) {
			l.decidedAt, l.renewed = d.CreatedAt, d.ClaimsUntil
		}
	}
	if d.From == moderation.StatusPending {
		l.unindexed = append(l.unindexed, string(before.ID))
	}
	if d.To == moderation.StatusPending {
		l.indexed = append(l.indexed, before.counterKey())
	}
	if d.From != d.To {
		l.count(string(before.SiteID), countsDelta(t))
		if l.writers == nil {
			l.writers = map[string]queue.Counts{}
		}
		writer := string(before.CommenterID)
		l.writers[writer] = addCounts(l.writers[writer], countsDelta(t))
	}
}

var commentUpdate = newUpdateStmt(
	`id UUID, version INTEGER, status TEXT, public_reason TEXT, reports_left INTEGER, risk_per_report INTEGER`, `
	UPDATE comments SET version = v.version, status = v.status, public_reason = v.public_reason,
		open_reports = open_reports * v.reports_left, risk = risk - open_reports * v.risk_per_report
	FROM v WHERE comments.id = v.id AND comments.version = v.version - 1`)

// updateComments updates the comments, their threads and their writers.
func (l *decisionWrites) updateComments(ctx context.Context, x executor) error {
	n, err := x.execRows(ctx, commentUpdate, l.comments)
	if err == nil && n != int64(len(l.comments)) {
		err = moderation.ErrVersion
	}
	if err != nil {
		return err
	}
	if err := l.thread.flush(ctx, x); err != nil {
		return err
	}
	return addToCommenters(ctx, x, l.writers)
}

// count adds to a site's counts.
func (l *decisionWrites) count(siteID string, by queue.Counts) {
	if l.counts == nil {
		l.counts = map[string]queue.Counts{}
	}
	l.counts[siteID] = addCounts(l.counts[siteID], by)
}

// flush writes the collected changes.
func (l *decisionWrites) flush(ctx context.Context, x executor) error {
	if err := l.updateComments(ctx, x); err != nil {
		return err
	}
	if err := l.deleteClaims(ctx, x); err != nil {
		return err
	}
	for _, d := range l.resolving {
		if err := l.resolveReports(ctx, x, d); err != nil {
			return err
		}
	}
	if err := unindexPending(ctx, x, l.unindexed); err != nil {
		return err
	}
	for _, c := range l.indexed {
		if err := indexPending(ctx, x, c, moderation.StatusPending); err != nil {
			return err
		}
	}
	return insertDecisions(ctx, x, notify.EventDecision, l.log, countRows(l.counts))
}

// deleteClaims removes the claims on decided comments and renews the others of their holders.
func (l *decisionWrites) deleteClaims(ctx context.Context, x executor) error {
	if len(l.claimed) == 0 {
		return nil
	}
	if _, err := x.exec(ctx, `DELETE FROM claims WHERE comment_id IN (?)`, padded(toIDs(l.claimed))); err != nil {
		return err
	}
	return renewClaims(ctx, x, l.decidedAt, l.renewed, slices.Sorted(maps.Keys(l.active))...)
}

// resolveReports resolves a comment's reports and appeal.
func (l *decisionWrites) resolveReports(ctx context.Context, x executor, d moderation.Decision) error {
	reports, err := x.exec(ctx, `
		UPDATE reports SET resolved_at = $2, decision_id = $3 WHERE comment_id = $1 AND resolved_at IS NULL`,
		ID(d.CommentID), Time(d.CreatedAt), ID(d.ID))
	if err != nil {
		return err
	}
	appeals, err := x.exec(ctx, `
		UPDATE appeals SET resolved_at = $2, outcome = $3 WHERE comment_id = $1 AND resolved_at IS NULL`,
		ID(d.CommentID), Time(d.CreatedAt), string(d.To))
	if err != nil || reports == 0 && appeals == 0 {
		return err
	}
	l.count(d.SiteID, queue.Counts{Reported: -int(min(reports, 1)), Appealed: -int(appeals)})
	return nil
}
