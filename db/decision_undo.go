package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// Decision returns one entry of the log. ErrNotFound.
func (s *DecisionStore) Decision(ctx context.Context, id string) (moderation.Decision, error) {
	var row decisionRow
	if err := s.get(ctx, &row, `SELECT `+decisionColumns+` FROM decisions WHERE id = $1`, ID(id)); err != nil {
		return moderation.Decision{}, fmt.Errorf("find decision: %w", err)
	}
	return row.decision(), nil
}

// undoDecision carries out a decision that undoes another: status and public reason are restored, and reports
// and appeal are open again. ErrVersion if something happened since, ErrUndo if the text is erased.
func undoDecision(ctx context.Context, x executor, d moderation.Decision) error {
	before, err := checkVersionAndLock(ctx, x, d)
	if err != nil {
		return err
	}
	n, err := x.exec(ctx, `
		UPDATE comments SET version = $2, status = $3, public_reason = $4
		WHERE id = $1 AND version = $5 AND (status <> 'deleted' OR author_name <> '')`,
		ID(d.CommentID), d.Version, string(d.To), d.Reason, d.Version-1)
	switch {
	case err != nil:
		return err
	case n == 0 && d.From == moderation.StatusDeleted:
		return queue.ErrUndo
	case n == 0:
		return moderation.ErrVersion
	}
	t := transition{d.From, d.To}
	if err := applyTransition(ctx, x, before.counterKey(), t); err != nil {
		return err
	}
	if err := reindexPending(ctx, x, before.counterKey(), t); err != nil {
		return err
	}
	if err := reopen(ctx, x, d); err != nil {
		return err
	}
	return insertDecision(ctx, x, d, string(before.CommenterID))
}

// reopen reopens the reports and the appeal that the undone decision resolved. The caller has locked the
// comment.
func reopen(ctx context.Context, x executor, d moderation.Decision) error {
	reports, err := x.exec(ctx, `
		UPDATE reports SET resolved_at = NULL, decision_id = $3 WHERE comment_id = $1 AND decision_id = $2`,
		ID(d.CommentID), ID(d.Undoes), ID(""))
	if err != nil {
		return err
	}
	appeals, err := x.exec(ctx, `
		UPDATE appeals SET resolved_at = NULL, outcome = ''
		WHERE comment_id = $1 AND resolved_at = (SELECT created_at FROM decisions WHERE id = $2)`, ID(d.CommentID),
		ID(d.Undoes))
	if err != nil || reports == 0 && appeals == 0 {
		return err
	}
	var open int64
	err = x.get(ctx, &open, `
		UPDATE comments SET open_reports = open_reports + $2, risk = risk + $3 WHERE id = $1 RETURNING open_reports`,
		ID(d.CommentID), reports, moderation.ReportsRisk(int(reports)))
	if err != nil {
		return err
	}
	by := queue.Counts{Appealed: int(appeals)}
	if reports > 0 && open == reports {
		by.Reported = 1
	}
	return addToCounts(ctx, x, d.SiteID, by)
}
