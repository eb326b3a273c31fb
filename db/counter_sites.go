package db

import (
	"context"
	"fmt"

	"rejoinder/moderation/queue"
)

// SiteCounts counts the comments of every site, by slug. It reads one row and one entry of an
// index for each site, however many comments there are.
func (s *SiteStore) SiteCounts(ctx context.Context) ([]queue.SiteCounts, error) {
	var rows []struct {
		Slug string `db:"slug"`
		countsRow
	}
	err := s.selectAll(ctx, &rows, `
		SELECT site.slug, COALESCE(n.pending, 0) AS pending, COALESCE(n.approved, 0) AS approved,
			COALESCE(n.rejected, 0) AS rejected, COALESCE(n.spam, 0) AS spam, COALESCE(n.deleted, 0) AS deleted,
			COALESCE(n.reported, 0) AS reported, COALESCE(n.appealed, 0) AS appealed,
			(SELECT MIN(c.created_at) FROM comments c WHERE c.site_id = site.id AND c.status = 'pending') AS oldest
		FROM sites site LEFT JOIN status_counts n ON n.site_id = site.id
		ORDER BY site.slug`)
	if err != nil {
		return nil, fmt.Errorf("count sites: %w", err)
	}
	counts := make([]queue.SiteCounts, len(rows))
	for i, row := range rows {
		counts[i] = queue.SiteCounts{Slug: row.Slug, Counts: row.counts()}
	}
	return counts, nil
}
