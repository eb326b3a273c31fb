package db

import (
	"context"
	"fmt"

	"rejoinder/moderation/queue"
)

// groupKeys are the keys by which pending comments are grouped: the join that provides the key, and the key.
var groupKeys = map[queue.GroupBy]struct{ join, key string }{
	queue.GroupByText:      {``, `p.cluster`},
	queue.GroupByCommenter: {``, `p.commenter_id`},
	queue.GroupByHost:      {` JOIN pending_hosts k ON k.comment_id = p.id`, `k.host`},
	queue.GroupByRule: {` JOIN pending_rules h ON h.comment_id = p.id
		JOIN pending_rule_names k ON k.rule_key = h.rule_key`, `k.rule`},
}

// groupKey is a text or an id.
type groupKey string

// Scan implements sql.Scanner.
func (k *groupKey) Scan(src any) error {
	if text, ok := src.(string); ok {
		*k = groupKey(text)
		return nil
	}
	return (*ID)(k).Scan(src)
}

// QueueGroups groups a site's newest pending comments, at most sel.Scan of them, by what they have in common.
// Groups of fewer than two are left out; the largest come first.
func (s *QueueStore) QueueGroups(ctx context.Context, sel queue.GroupSelect) ([]queue.Group, error) {
	by, known := groupKeys[sel.By]
	if !known {
		return nil, fmt.Errorf("group queue: no such key: %q", sel.By)
	}
	var rows []struct {
		Key    groupKey `db:"group_key"`
		Count  int      `db:"n"`
		Newest ID       `db:"newest"`
	}
	err := s.selectAll(ctx, &rows, `
		WITH p AS (
			SELECT id, COALESCE(cluster, id) AS cluster, commenter_id FROM comments
			WHERE site_id = $1 AND status = 'pending' ORDER BY created_at DESC, id DESC LIMIT $2
		)
		SELECT group_key, n, id AS newest FROM (
			SELECT `+by.key+` AS group_key, p.id, COUNT(*) OVER (PARTITION BY `+by.key+`) AS n,
				ROW_NUMBER() OVER (PARTITION BY `+by.key+` ORDER BY p.id DESC) AS nth
			FROM p`+by.join+`
		) AS members
		WHERE nth = 1 AND n > 1
		ORDER BY n DESC, group_key LIMIT $3`, ID(sel.SiteID), sel.Scan, sel.Limit)
	if err != nil {
		return nil, fmt.Errorf("group queue: %w", err)
	}
	groups := make([]queue.Group, len(rows))
	samples := make([]string, len(rows))
	for i, r := range rows {
		groups[i] = queue.Group{Key: string(r.Key), Count: r.Count}
		samples[i] = string(r.Newest)
	}
	found, err := queueRows(ctx, s.prepared, samples)
	if err != nil {
		return nil, fmt.Errorf("group queue: %w", err)
	}
	byID := map[string]queue.Row{}
	for _, row := range found {
		byID[row.Comment.ID] = row
	}
	for i, id := range samples {
		groups[i].Sample = byID[id]
	}
	return groups, nil
}
