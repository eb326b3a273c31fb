package db

import (
	"context"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// FilterValues returns the rules and languages of a site's comments with a status, sorted. It reads the
// rules' names, and jumps from one language to the next in an index, so it does not read the comments.
func (s *QueueStore) FilterValues(ctx context.Context, siteID string, status moderation.Status) (
	values queue.FilterValues, err error,
) {
	if status == moderation.StatusPending {
		err = s.selectAll(ctx, &values.Rules, `
			SELECT rule FROM pending_rule_names n
			WHERE site_id = $1 AND EXISTS (SELECT 1 FROM pending_rules p WHERE p.rule_key = n.rule_key)
			ORDER BY rule LIMIT $2`, ID(siteID), queue.MaxFilterValues)
		if err != nil {
			return values, wrap("read rules of pending comments", err)
		}
	}
	err = s.selectAll(ctx, &values.Languages, `
		WITH RECURSIVE known(value) AS (
			SELECT MIN(language) FROM comments WHERE site_id = $1 AND status = $2 AND language <> ''
			UNION ALL
			SELECT (SELECT MIN(language) FROM comments
				WHERE site_id = $1 AND status = $2 AND language > known.value AND language <> '')
			FROM known WHERE known.value IS NOT NULL)
		SELECT value FROM known WHERE value IS NOT NULL LIMIT $3`, ID(siteID), string(status), queue.MaxFilterValues)
	return values, wrap("read languages of comments", err)
}
