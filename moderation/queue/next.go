package queue

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// Next returns the id of the comment that comes after another in a list, leaving out those that other moderators
// have claimed; empty if there is none. The other need not be in the list. Errors: as of List, and ErrNotFound.
func (q *Queue) Next(ctx context.Context, v moderation.Viewer, query Query, commentID string) (string, error) {
	row, err := q.visible(ctx, v, commentID)
	if err != nil {
		return "", fmt.Errorf("find next comment: %w", err)
	}
	query.Free, query.Cursor, query.Limit = true, "", 1
	sel, err := q.selection(ctx, v, query)
	if err != nil {
		return "", fmt.Errorf("find next comment: %w", err)
	}
	sel.After = new(keyOf(row.Comment))
	rows, err := q.Store.Queue(ctx, sel)
	if err != nil {
		return "", fmt.Errorf("find next comment: %w", err)
	}
	if len(rows) == 0 {
		return "", nil
	}
	return rows[0].Comment.ID, nil
}
