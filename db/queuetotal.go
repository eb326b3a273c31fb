package db

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rejoinder/moderation"
)

// QueueTotal counts the comments that match, but no further than limit; more says that there may be others.
func (d *DB) QueueTotal(ctx context.Context, q moderation.QueueSelect, limit int) (total int, more bool, err error) {
	if q.Search != "" {
		total, more, err = d.searchTotal(ctx, q, limit)
	} else {
		total, err = d.QueueMatches(ctx, q, limit+1)
		total, more = min(total, limit), total > limit
	}
	if err != nil {
		return 0, false, fmt.Errorf("count the total: %w", err)
	}
	return total, more, nil
}

// QueueMatches counts the comments that match, but no further than limit.
func (d *DB) QueueMatches(ctx context.Context, q moderation.QueueSelect, limit int) (int, error) {
	sites, err := d.queueSites(ctx, q.SiteIDs)
	if err != nil {
		return 0, fmt.Errorf("count matches: %w", err)
	}
	total := 0
	for chunk := range slices.Chunk(sites, sitesAtOnce) {
		conditions := make([]queueCondition, len(chunk))
		for i, site := range chunk {
			if conditions[i], err = d.countConditionOf(ctx, q, site); err != nil {
				return 0, fmt.Errorf("count matches: %w", err)
			}
		}
		n, err := d.matches(ctx, conditions, limit-total, d.readingOf(q))
		if err != nil {
			return 0, fmt.Errorf("count matches: %w", err)
		}
		if total = min(limit, total+n); total == limit {
			break
		}
	}
	return total, nil
}

// matches counts on a few sites, on each no further than limit.
func (s session) matches(ctx context.Context, sites []queueCondition, limit int, read reading) (int, error) {
	var branches []string
	var args []any
	for _, c := range sites {
		branches = append(branches, `SELECT one FROM (SELECT 1 AS one FROM `+c.from+` WHERE `+c.where+` LIMIT ?) AS site`)
		args = append(append(args, c.args...), limit)
	}
	var n []int
	if err := read(ctx, &n, `SELECT COUNT(*) FROM (`+strings.Join(branches, ` UNION ALL `)+`) AS found`, args...); err != nil {
		return 0, err
	}
	return n[0], nil
}
