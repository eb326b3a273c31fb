package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/notify"
)

// ReportStore stores reports by readers. Enough of them hold a comment, which is a decision.
type ReportStore struct{ *core }

// errConcurrentReports repeats a transaction that found more reports than when it took its locks.
var errConcurrentReports = &sqlError{domain: moderation.ErrBusy, text: "reports came together", retry: true}

// CreateReport stores a report, unless the same reader reported the comment before, and counts it. With it, a
// comment that has r.HoldAfter open ones becomes pending. ErrNotFound when the comment is not approved.
func (s *ReportStore) CreateReport(ctx context.Context, r moderation.NewReport) error {
	return s.write(ctx, "create report", func(tx executor) error {
		locked, err := lockForHold(ctx, tx, r)
		if err != nil {
			return err
		}
		row, err := lockApproved(ctx, tx, r.Report.CommentID)
		if err != nil {
			return err
		}
		stored, err := insertReport(ctx, tx, r)
		if err != nil || !stored {
			return err
		}
		event := notify.Event{ID: r.Report.ID, Kind: notify.EventReport, SiteID: string(row.SiteID),
			Comment: moderation.Comment{ID: r.Report.CommentID}, CreatedAt: r.Report.CreatedAt}
		if err := insertEvent(ctx, tx, event); err != nil {
			return err
		}
		row.OpenReports++
		_, err = tx.exec(ctx, `UPDATE comments SET open_reports = $2, risk = risk + $3 WHERE id = $1`,
			row.ID, row.OpenReports, moderation.ReportsRisk(1))
		switch {
		case err != nil:
			return err
		case reachesHold(r, row.OpenReports) && !locked:
			return errConcurrentReports
		case reachesHold(r, row.OpenReports):
			err = holdReported(ctx, tx, row, r)
		}
		if err != nil || row.OpenReports > 1 {
			return err
		}
		return addToCounts(ctx, tx, string(row.SiteID), queue.Counts{Reported: 1})
	})
}

func reachesHold(r moderation.NewReport, open int) bool {
	return r.HoldAfter > 0 && open >= r.HoldAfter
}

// lockForHold locks thread and ancestors before the comment, in the common order, if this report is likely to
// make the comment pending. It reports whether it did.
func lockForHold(ctx context.Context, x executor, r moderation.NewReport) (bool, error) {
	var row commentRow
	err := x.get(ctx, &row, `SELECT open_reports FROM comments WHERE id = $1`, ID(r.Report.CommentID))
	if err != nil || !reachesHold(r, row.OpenReports+1) {
		return false, err
	}
	return true, x.lockForDecisions(ctx, moderation.Decision{CommentID: r.Report.CommentID,
		From: moderation.StatusApproved,
		To:   moderation.StatusPending})
}

// insertReport reports false when the reader has reported the comment before. The caller holds the comment.
func insertReport(ctx context.Context, x executor, r moderation.NewReport) (bool, error) {
	before, err := x.selectIDs(ctx, `SELECT id FROM reports WHERE comment_id = ? AND reporter IN (?)`,
		ID(r.Report.CommentID), r.Reporters)
	if err != nil || len(before) > 0 {
		return false, err
	}
	n, err := x.exec(ctx, `
		INSERT INTO reports (id, comment_id, reporter, reason, note, created_at, decision_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		ID(r.Report.ID), ID(r.Report.CommentID), r.Reporters[0], string(r.Report.Reason), r.Report.Note,
		Time(r.Report.CreatedAt),
		ID(""))
	return n > 0, err
}

func holdReported(ctx context.Context, x executor, row commentRow, r moderation.NewReport) error {
	var submission ID
	err := x.get(ctx, &submission, `SELECT id FROM submissions WHERE comment_id = $1 AND revision = $2`,
		row.ID, row.Revision)
	if err != nil {
		return err
	}
	return decideOne(ctx, x, moderation.Decision{
		ID: r.DecisionID, SiteID: string(row.SiteID), CommentID: string(row.ID), Version: row.Version + 1,
		Action: moderation.ActionHold,
		From:   moderation.StatusApproved, To: moderation.StatusPending, Actor: moderation.ActorReaders,
		SubmissionID: string(submission), CreatedAt: r.Report.CreatedAt,
	})
}

// OpenReports counts the open reports about those comments that have some, by reason.
func (s *ReportStore) OpenReports(
	ctx context.Context, commentIDs []string,
) (map[string]map[moderation.ReportReason]int, error) {
	found := map[string]map[moderation.ReportReason]int{}
	if len(commentIDs) == 0 {
		return found, nil
	}
	var rows []struct {
		CommentID ID     `db:"comment_id"`
		Reason    string `db:"reason"`
		N         int    `db:"n"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT comment_id, reason, COUNT(*) AS n FROM reports
		WHERE comment_id IN (?) AND resolved_at IS NULL
		GROUP BY comment_id, reason`, toIDs(commentIDs))
	if err != nil {
		return nil, fmt.Errorf("count open reports: %w", err)
	}
	for _, r := range rows {
		if found[string(r.CommentID)] == nil {
			found[string(r.CommentID)] = map[moderation.ReportReason]int{}
		}
		found[string(r.CommentID)][moderation.ReportReason(r.Reason)] = r.N
	}
	return found, nil
}

// Reports returns the reports about one comment, the newest first.
func (s *ReportStore) Reports(ctx context.Context, commentID string, limit int) ([]moderation.Report, error) {
	var rows []struct {
		ID         ID       `db:"id"`
		Reason     string   `db:"reason"`
		Note       string   `db:"note"`
		CreatedAt  Time     `db:"created_at"`
		ResolvedAt NullTime `db:"resolved_at"`
		DecisionID ID       `db:"decision_id"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT id, reason, note, created_at, resolved_at, decision_id FROM reports
		WHERE comment_id = $1
		ORDER BY created_at DESC, id DESC
		LIMIT $2`, ID(commentID), limit)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	reports := make([]moderation.Report, len(rows))
	for i, r := range rows {
		reports[i] = moderation.Report{
			ID:         string(r.ID),
			CommentID:  commentID,
			Reason:     moderation.ReportReason(r.Reason),
			Note:       r.Note,
			CreatedAt:  r.CreatedAt.time(),
			ResolvedAt: r.ResolvedAt.time(),
			DecisionID: string(r.DecisionID),
		}
	}
	return reports, nil
}
