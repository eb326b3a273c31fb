package queue

import (
	"context"
	"time"

	"rejoinder/moderation"
)

// bulkPosition is where a bulk that is carried out in parts continues.
type bulkPosition struct {
	BulkID string    `json:"b"`
	Began  time.Time `json:"t"`
	Seen   int       `json:"n"` // comments looked at
	After  *Key      `json:"k"` // the last of them, if they match a filter
}

// Valid implements moderation.CursorKey.
func (p bulkPosition) Valid() bool {
	return moderation.ValidID(p.BulkID) && p.Seen > 0 && p.Seen <= MaxBulk && !p.Began.IsZero() &&
		(p.After == nil || p.After.Valid())
}

// list names the bulk in its cursors.
func (b Bulk) list(v moderation.Viewer) string {
	return "bulk/" + v.ModeratorID + "/" + string(b.Action)
}

// resume continues a bulk at its cursor. ErrCursor if another moderator began it, or too long ago to undo it as a
// whole.
func (r *bulkRun) resume(ctx context.Context) error {
	if r.bulk.Cursor == "" {
		return nil
	}
	var p bulkPosition
	if err := moderation.DecodeCursor(r.bulk.Cursor, r.bulk.list(r.viewer), &p); err != nil {
		return err
	}
	first, err := r.queue.Store.BulkDecisions(ctx, p.BulkID, "", 1)
	if err != nil {
		return err
	}
	if len(first) > 0 && first[0].ModeratorID != r.viewer.ModeratorID || r.queue.Now().Sub(p.Began) > UndoWindow {
		return moderation.ErrCursor
	}
	r.id, r.began, r.seen, r.after, r.bulk.Expected = p.BulkID, p.Began, p.Seen, p.After, nil
	return nil
}

// stop ends this part of the bulk, if it has looked at as many comments as it may.
func (r *bulkRun) stop() bool {
	if r.bulk.Limit == 0 || r.seen-r.from < r.bulk.Limit {
		return false
	}
	p := bulkPosition{BulkID: r.id, Began: r.began, Seen: r.seen, After: r.after}
	r.result.NextCursor = moderation.EncodeCursor(r.bulk.list(r.viewer), p)
	return true
}
