package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation/queue"
)

// QueueCounted returns one page of the comments that match, and how many do, but no further than limit.
func (s *QueueStore) QueueCounted(ctx context.Context, q queue.Select, limit int) (queue.CountedPage, error) {
	conditions, err := queueConditions(ctx, s.executorFor(q), q)
	if err != nil {
		return queue.CountedPage{}, fmt.Errorf("read counted queue: %w", err)
	}
	var page queue.CountedPage
	if page.Rows, err = s.queuePage(ctx, q, conditions); err != nil {
		return queue.CountedPage{}, fmt.Errorf("read counted queue: %w", err)
	}
	switch read := len(page.Rows); {
	case q.After == nil && read < q.Limit:
		page.Total = read
		return page, nil
	case q.Search != "":
		page.Total, page.More, err = s.countSearchHits(ctx, conditions, limit)
		page.Total = max(page.Total, min(read, limit))
	default:
		page.Total, err = s.QueueMatches(ctx, q, limit+1)
		page.Total, page.More = min(page.Total, limit), page.Total > limit
	}
	return page, wrap("read counted queue", err)
}

// QueueMatches counts the comments that match, but no further than limit.
func (s *QueueStore) QueueMatches(ctx context.Context, q queue.Select, limit int) (int, error) {
	sites, err := queueSites(ctx, s.executor, q.SiteIDs)
	if err != nil {
		return 0, fmt.Errorf("count matches: %w", err)
	}
	total := 0
	for chunk := range slices.Chunk(sites, sitesPerQuery) {
		conditions := make([]queueCondition, len(chunk))
		for i, site := range chunk {
			if conditions[i], err = countConditionFor(ctx, s.executor, q, site); err != nil {
				return 0, fmt.Errorf("count matches: %w", err)
			}
		}
		n, err := countMatches(ctx, s.executorFor(q), conditions, limit-total)
		if err != nil {
			return 0, fmt.Errorf("count matches: %w", err)
		}
		if total = min(limit, total+n); total == limit {
			break
		}
	}
	return total, nil
}

// countMatches counts on a few sites, up to limit on each.
func countMatches(ctx context.Context, x executor, sites []queueCondition, limit int) (int, error) {
	var branches []string
	var args []any
	for _, c := range sites {
		branches = append(branches, `SELECT one FROM (SELECT 1 AS one FROM `+c.from+` WHERE `+c.where+` LIMIT ?) AS site`)
		args = append(append(args, c.args...), limit)
	}
	var n []int
	err := x.selectAll(ctx, &n, `SELECT COUNT(*) FROM (`+strings.Join(branches, ` UNION ALL `)+`) AS found`, args...)
	if err != nil {
		return 0, err
	}
	return n[0], nil
}
