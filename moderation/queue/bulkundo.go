package queue

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

// UndoAll undoes a bulk of the viewer. The result lists the skipped comments, which have changed since.
// Errors: ErrNotFound, ErrUndo if the bulk belongs to another moderator or is too old.
func (q *Queue) UndoAll(ctx context.Context, v moderation.Viewer, bulkID string) (BulkResult, error) {
	run := bulkRun{queue: q, viewer: v, id: q.NewID()}
	if !moderation.ValidID(bulkID) {
		return BulkResult{}, fmt.Errorf("undo many: %w", moderation.ErrNotFound)
	}
	for after := ""; ; {
		batch, err := q.Store.BulkDecisions(ctx, bulkID, after, bulkBatch)
		if err == nil && after == "" {
			err = q.mayUndo(v, batch)
		}
		if err == nil {
			err = run.undo(ctx, batch)
		}
		if err != nil {
			return run.result, fmt.Errorf("undo many: %w", err)
		}
		if len(batch) < bulkBatch {
			return run.result, nil
		}
		after = batch[len(batch)-1].ID
	}
}

func (q *Queue) mayUndo(v moderation.Viewer, first []moderation.Decision) error {
	switch {
	case len(first) == 0 || !v.MaySee(first[0].SiteID):
		return moderation.ErrNotFound
	case first[0].ModeratorID != v.ModeratorID || q.Now().Sub(first[0].CreatedAt) > UndoWindow:
		return ErrUndo
	}
	return nil
}

func (r *bulkRun) undo(ctx context.Context, batch []moderation.Decision) error {
	ids := make([]string, len(batch))
	for i, d := range batch {
		ids[i] = d.CommentID
	}
	logs, err := r.queue.Store.Logs(ctx, ids)
	if err != nil {
		return err
	}
	var undos []moderation.Decision
	for _, d := range batch {
		undo, err := r.queue.undoDecision(r.viewer, d, logs[d.CommentID])
		if err == nil && !r.viewer.MaySee(d.SiteID) {
			err = moderation.ErrNotFound
		}
		if err != nil {
			r.skip(d.CommentID, err)
			continue
		}
		undo.BulkID = r.id
		undos = append(undos, undo)
	}
	return r.record(ctx, undos)
}
