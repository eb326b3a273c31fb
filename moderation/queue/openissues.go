package queue

import (
	"context"

	"rejoinder/moderation"
)

// OpenIssues are the open reports, the appeal and the claim of a comment.
type OpenIssues struct {
	// Reasons counts the open reports by reason. Nil if there are none.
	Reasons map[moderation.ReportReason]int
	// Appeal is the author's appeal against a rejection, open or resolved. Nil if there is none.
	Appeal *moderation.Appeal
	// Claim is the current claim. Nil if there is none.
	Claim *Claim
}

// OpenIssuesStore is the storage for open issues.
type OpenIssuesStore interface {
	// OpenReports counts the open reports by comment and reason. Comments without open reports are omitted.
	OpenReports(ctx context.Context, commentIDs []string) (map[string]map[moderation.ReportReason]int, error)
	// Reports returns the reports on one comment, newest first, at most limit.
	Reports(ctx context.Context, commentID string, limit int) ([]moderation.Report, error)
	// OtherModerators reports whether another active moderator works on the site.
	OtherModerators(ctx context.Context, siteID, moderatorID string) (bool, error)
	moderation.AppealStore
}

// reportsShown is the maximum number of reports of a case.
const reportsShown = 200

// addOpenIssues sets the open issues of items, with one query per kind. Most lists have none and need no
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
