package queue

import (
	"context"

	"rejoinder/moderation"
)

// Concerns are what readers, writers and other moderators have to do with a comment, for moderators.
type Concerns struct {
	// Reasons counts the open reports by reason; nil when there are none.
	Reasons map[moderation.ReportReason]int
	// Appeal is the writer's objection to a rejection, open or answered; nil when there is none.
	Appeal *moderation.Appeal
	// Claim is the hold that a moderator has on it now; nil when nobody has.
	Claim *Claim
}

// ConcernStore is the storage that showing concerns needs.
type ConcernStore interface {
	// OpenReports counts the open reports about those comments that have some, by reason.
	OpenReports(ctx context.Context, commentIDs []string) (map[string]map[moderation.ReportReason]int, error)
	// Reports returns the reports about one comment, the newest first, at most limit.
	Reports(ctx context.Context, commentID string, limit int) ([]moderation.Report, error)
	// OtherModerators reports whether somebody else may sign in and work on that site.
	OtherModerators(ctx context.Context, siteID, moderatorID string) (bool, error)
	moderation.AppealStore
}

// reportsShown bounds how many reports a case shows.
const reportsShown = 200

// addOpenIssues completes items of the queue, in a few questions for all of them. Of most items there is
// nothing to ask.
func (q *Queue) addOpenIssues(ctx context.Context, rows []QueueRow, items []QueueItem) error {
	reasons, err := q.Store.OpenReports(ctx, idsWhere(rows, func(r QueueRow) bool { return r.Comment.OpenReports > 0 }))
	if err != nil {
		return err
	}
	appeals, err := q.Store.Appeals(ctx, idsWhere(rows, func(r QueueRow) bool { return r.Appealed }))
	if err != nil {
		return err
	}
	claims, err := q.Store.Claims(ctx, idsWhere(rows, func(r QueueRow) bool { return r.Claimed }), q.Now().UTC())
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

func idsWhere(rows []QueueRow, holds func(QueueRow) bool) []string {
	var ids []string
	for _, r := range rows {
		if holds(r) {
			ids = append(ids, r.Comment.ID)
		}
	}
	return ids
}
