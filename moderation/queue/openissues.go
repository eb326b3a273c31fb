package queue

import (
	"context"

	"rejoinder/moderation"
)

// OpenIssues are the reports, the appeal and the claim of a comment.
type OpenIssues struct {
	// Reasons counts the open reports by reason; nil when there are none.
	Reasons map[moderation.ReportReason]int
	// Appeal is the author's appeal against a rejection, open or answered; nil when there is none.
	Appeal *moderation.Appeal
	// Claim is the current claim; nil when there is none.
	Claim *Claim
}

// OpenIssuesStore is the storage of open issues.
type OpenIssuesStore interface {
	// OpenReports counts the open reports about those comments that have some, by reason.
	OpenReports(ctx context.Context, commentIDs []string) (map[string]map[moderation.ReportReason]int, error)
	// Reports returns the reports about one comment, the newest first, at most limit.
	Reports(ctx context.Context, commentID string, limit int) ([]moderation.Report, error)
	// OtherModerators reports whether another active moderator works on that site.
	OtherModerators(ctx context.Context, siteID, moderatorID string) (bool, error)
	moderation.AppealStore
}

// reportsShown bounds how many reports a case shows.
const reportsShown = 200

// addOpenIssues sets the open issues of items, with one query per kind. Most items have none and need no
// query.
func (q *Queue) addOpenIssues(ctx context.Context, rows []Row, items []Item) error {
	reasons, err := q.Store.OpenReports(ctx, idsWhere(rows, func(r Row) bool { return r.Comment.OpenReports > 0 }))
	if err != nil {
		return err
	}
	appeals, err := q.Store.Appeals(ctx, idsWhere(rows, func(r Row) bool { return r.Appealed }))
	if err != nil {
		return err
	}
	claims, err := q.Store.Claims(ctx, idsWhere(rows, func(r Row) bool { return r.Claimed }), q.Now().UTC())
	if err != nil {
		return err
	}
	for i := range items {
		id := items[i].Comment.ID
		items[i].Reasons = reasons[id]
		if appeal, ok := appeals[id]; ok {
			items[i].Appeal = &appeal
		}
		if claim, ok := claims[id]; ok {
			items[i].Claim = &claim
		}
	}
	return nil
}

func idsWhere(rows []Row, holds func(Row) bool) []string {
	var ids []string
	for _, r := range rows {
		if holds(r) {
			ids = append(ids, r.Comment.ID)
		}
	}
	return ids
}
