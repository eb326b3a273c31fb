package db

import (
	"context"
	"maps"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// counterKey names the rows whose counters a comment changes.
type counterKey struct {
	siteID      string
	commentID   string
	articleID   string
	parentID    string // empty for a root
	commenterID string
	createdAt   Time
}

// transition is a change of a comment's status; from is empty for a new comment.
type transition struct{ from, to moderation.Status }

// applyTransition updates every counter when a comment's status changes: those of the article, the ancestors,
// the commenter and the site. Only this function and createComments, which does the same for new comments,
// change them. The caller has locked the rows, in the order of tx_locks.go.
func applyTransition(ctx context.Context, x executor, c *counterKey, t transition) error {
	if err := applyToThread(ctx, x, c, t); err != nil {
		return err
	}
	if err := applyToCommenter(ctx, x, c.commenterID, t); err != nil {
		return err
	}
	return applyToSite(ctx, x, c, t)
}

func applyToThread(ctx context.Context, x executor, c *counterKey, t transition) error {
	var w threadWrites
	w.add(c, t)
	return w.flush(ctx, x)
}

func applyToCommenter(ctx context.Context, x executor, id string, t transition) error {
	return addToCommenters(ctx, x, map[string]queue.Counts{id: countsDelta(t)})
}

var commenterCounts = newUpdateStmt(
	`id UUID, pending INTEGER, approved INTEGER, rejected INTEGER, spam INTEGER`, `
	UPDATE commenters SET pending_count = pending_count + v.pending, approved_count = approved_count + v.approved,
		rejected_count = rejected_count + v.rejected, spam_count = spam_count + v.spam
	FROM v WHERE commenters.id = v.id`)

// addToCommenters adds to the counts of commenters.
func addToCommenters(ctx context.Context, x executor, byID map[string]queue.Counts) error {
	var values [][]any
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		n := byID[id]
		if n.Pending != 0 || n.Approved != 0 || n.Rejected != 0 || n.Spam != 0 {
			values = append(values, []any{ID(id), n.Pending, n.Approved, n.Rejected, n.Spam})
		}
	}
	_, err := x.execRows(ctx, commenterCounts, values)
	return err
}

func countIf(is, wanted moderation.Status) int {
	if is == wanted {
		return 1
	}
	return 0
}
