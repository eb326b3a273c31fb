package db

import (
	"context"
	"fmt"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// RelatedComments returns the comments related to one: its siblings, its replies, and the author's others. At
// most limit of each, the newest first.
func (s *QueueStore) RelatedComments(ctx context.Context, c moderation.Comment, limit int) (queue.RelatedRows, error) {
	var around queue.RelatedRows
	var err error
	if around.Siblings, err = s.replyRows(ctx, c.ParentID, c.ID, limit); err != nil {
		return around, fmt.Errorf("read siblings: %w", err)
	}
	if around.Replies, err = s.replyRows(ctx, c.ID, c.ID, limit); err != nil {
		return around, fmt.Errorf("read replies: %w", err)
	}
	// A commenter's submissions are sorted by an index; edits are several of one comment.
	ids, err := s.selectIDs(ctx, `
		SELECT k.id
		FROM submissions s JOIN comments k ON k.id = s.comment_id AND k.revision = s.revision
		WHERE s.commenter_id = $1 AND k.id <> $2 AND k.status <> 'deleted'
		ORDER BY s.created_at DESC LIMIT $3`, ID(c.CommenterID), ID(c.ID), limit)
	if err != nil {
		return around, fmt.Errorf("find a commenter's others: %w", err)
	}
	if around.Others, err = queueRows(ctx, s.prepared, ids); err != nil {
		return around, fmt.Errorf("read a commenter's others: %w", err)
	}
	if around.Moderators, err = s.moderatorNamesFor(ctx, c.ID); err != nil {
		return around, fmt.Errorf("read moderators' names: %w", err)
	}
	return around, nil
}

// replyRows reads the replies to a comment except one.
func (s *QueueStore) replyRows(ctx context.Context, parentID, butID string, limit int) ([]queue.Row, error) {
	if parentID == "" {
		return nil, nil
	}
	ids, err := s.selectIDs(ctx, `
		SELECT id FROM comments WHERE parent_id = $1 AND id <> $2 AND status <> 'deleted'
		ORDER BY created_at DESC, id DESC LIMIT $3`, ID(parentID), ID(butID), limit)
	if err != nil {
		return nil, err
	}
	return queueRows(ctx, s.prepared, ids)
}

// moderatorNamesFor returns the names of the moderators who decided on a comment, by id.
func (s *QueueStore) moderatorNamesFor(ctx context.Context, commentID string) (map[string]string, error) {
	var found []struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}
	err := s.selectAll(ctx, &found, `
		SELECT id, name FROM moderators
		WHERE id IN (SELECT moderator_id FROM decisions WHERE comment_id = $1 AND moderator_id IS NOT NULL)`, ID(commentID))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, m := range found {
		names[m.ID] = m.Name
	}
	return names, nil
}

// Records returns the counts of commenters by their ids.
func (s *QueueStore) Records(ctx context.Context, commenterIDs []string) (map[string]moderation.Record, error) {
	records := map[string]moderation.Record{}
	if len(commenterIDs) == 0 {
		return records, nil
	}
	ids := slices.Clone(commenterIDs)
	slices.Sort(ids)
	var found []commenterRow
	err := s.selectAll(ctx, &found, `
		SELECT id, pending_count, approved_count, rejected_count, spam_count
		FROM commenters WHERE id IN (?)`, toIDs(slices.Compact(ids)))
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	for _, row := range found {
		records[string(row.ID)] = row.commenter().Record
	}
	return records, nil
}
