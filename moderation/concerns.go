package moderation

import "context"

// Concerns are what readers, writers and other moderators have to do with a comment, for moderators.
type Concerns struct {
	// Reasons counts the open reports by reason; nil when there are none.
	Reasons map[ReportReason]int
	// Appeal is the writer's objection to a rejection, open or answered; nil when there is none.
	Appeal *Appeal
	// Claim is the hold that a moderator has on it now; nil when nobody has.
	Claim *Claim
}

// ConcernStore is the storage that showing concerns needs.
type ConcernStore interface {
	// OpenReports counts the open reports about those comments that have some, by reason.
	OpenReports(ctx context.Context, commentIDs []string) (map[string]map[ReportReason]int, error)
	// Reports returns the reports about one comment, the newest first, at most limit.
	Reports(ctx context.Context, commentID string, limit int) ([]Report, error)
	// OtherModerators reports whether somebody else may sign in and work on that site.
	OtherModerators(ctx context.Context, siteID, moderatorID string) (bool, error)
	AppealStore
}

// reportsShown bounds how many reports a case shows.
const reportsShown = 200

// addConcerns completes items of the queue, in a few questions for all of them.
func (q *Queue) addConcerns(ctx context.Context, items []*QueueItem) error {
	if len(items) == 0 {
		return nil
	}
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.Comment.ID
	}
	reasons, err := q.Store.OpenReports(ctx, ids)
	if err != nil {
		return err
	}
	appeals, err := q.Store.Appeals(ctx, ids)
	if err != nil {
		return err
	}
	claims, err := q.Store.Claims(ctx, ids, q.Now().UTC())
	if err != nil {
		return err
	}
	for _, item := range items {
		if claim, ok := claims[item.Comment.ID]; ok {
			item.Concerns.Claim = &claim
		}
		item.Concerns.Reasons = reasons[item.Comment.ID]
		if appeal, ok := appeals[item.Comment.ID]; ok {
			item.Concerns.Appeal = &appeal
		}
	}
	return nil
}
