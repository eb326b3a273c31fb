package db

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// applyToSite updates the counts of the site.
func applyToSite(ctx context.Context, x executor, c *counterKey, t transition) error {
	if t.from == t.to {
		return nil
	}
	return addToCounts(ctx, x, c.siteID, countsDelta(t))
}

// countsDelta returns how the counts by status change.
func countsDelta(t transition) queue.Counts {
	change := func(status moderation.Status) int { return countIf(t.to, status) - countIf(t.from, status) }
	return queue.Counts{
		Pending:  change(moderation.StatusPending),
		Approved: change(moderation.StatusApproved),
		Rejected: change(moderation.StatusRejected),
		Spam:     change(moderation.StatusSpam),
		Deleted:  change(moderation.StatusDeleted),
	}
}

// addCounts adds two counts.
func addCounts(a, b queue.Counts) queue.Counts {
	return queue.Counts{Pending: a.Pending + b.Pending, Approved: a.Approved + b.Approved,
		Rejected: a.Rejected + b.Rejected, Spam: a.Spam + b.Spam, Deleted: a.Deleted + b.Deleted,
		Reported: a.Reported + b.Reported, Appealed: a.Appealed + b.Appealed}
}

// addToCounts adds to the counts of a site. It locks their row until the transaction ends, so call it late in
// the transaction. Since calls are batched, several rows for each site made nothing faster.
func addToCounts(ctx context.Context, x executor, siteID string, by queue.Counts) error {
	return x.insertAll(ctx, countRows(map[string]queue.Counts{siteID: by}))
}

var countUpsert = insertInto("status_counts", `site_id, pending, approved, rejected, spam, deleted, reported, appealed`, `
	ON CONFLICT (site_id) DO UPDATE SET
		pending = status_counts.pending + excluded.pending, approved = status_counts.approved + excluded.approved,
		rejected = status_counts.rejected + excluded.rejected, spam = status_counts.spam + excluded.spam,
		deleted = status_counts.deleted + excluded.deleted, reported = status_counts.reported + excluded.reported,
		appealed = status_counts.appealed + excluded.appealed`)

// countRows add to the counts of several sites, in the order of their ids.
func countRows(bySite map[string]queue.Counts) tableRows {
	var rows [][]any
	for _, site := range slices.Sorted(maps.Keys(bySite)) {
		by := bySite[site]
		rows = append(rows, []any{ID(site), by.Pending, by.Approved, by.Rejected, by.Spam, by.Deleted, by.Reported,
			by.Appealed})
	}
	return tableRows{countUpsert, rows}
}

// countsRow is a row of sums.
type countsRow struct {
	Pending  int      `db:"pending"`
	Approved int      `db:"approved"`
	Rejected int      `db:"rejected"`
	Spam     int      `db:"spam"`
	Deleted  int      `db:"deleted"`
	Reported int      `db:"reported"`
	Appealed int      `db:"appealed"`
	Oldest   NullTime `db:"oldest"`
}

func (r countsRow) counts() queue.Counts {
	return queue.Counts{
		Pending: r.Pending, Approved: r.Approved, Rejected: r.Rejected, Spam: r.Spam, Deleted: r.Deleted,
		Reported: r.Reported, Appealed: r.Appealed, OldestPendingAt: r.Oldest.time(),
	}
}

// AuthorCounts counts the pending and approved comments on the articles of an author, on all sites if none
// are given.
func (s *QueueStore) AuthorCounts(ctx context.Context, authorID string, siteIDs []string) (queue.Counts, error) {
	ids, err := queueSites(ctx, s.executor, siteIDs)
	if err != nil || len(ids) == 0 {
		return queue.Counts{}, wrap("count comments of an author", err)
	}
	var row countsRow
	err = s.get(ctx, &row, `
		SELECT COALESCE(SUM(approved_count), 0) AS approved,
			COALESCE(SUM((SELECT COUNT(*) FROM comments c WHERE c.article_id = own.id AND c.status = 'pending')), 0) AS pending,
			MIN((SELECT MIN(c.created_at) FROM comments c WHERE c.article_id = own.id AND c.status = 'pending')) AS oldest
		FROM (SELECT id, approved_count FROM articles WHERE site_id IN (?)
			AND id IN (SELECT article_id FROM article_authors WHERE moderator_id = ?)) AS own`,
		padded(toIDs(ids)), authorID)
	if err != nil {
		return queue.Counts{}, fmt.Errorf("count comments of an author: %w", err)
	}
	return row.counts(), nil
}

// QueueCounts adds up the comments of the given sites, or of all if none are given.
func (s *QueueStore) QueueCounts(ctx context.Context, siteIDs []string) (queue.Counts, error) {
	ids, err := queueSites(ctx, s.executor, siteIDs)
	if err != nil {
		return queue.Counts{}, fmt.Errorf("count queue: %w", err)
	}
	if len(ids) == 0 {
		return queue.Counts{}, nil
	}
	var sums []countsRow
	err = s.prepared.selectAll(ctx, &sums, `
		SELECT COALESCE(SUM(pending), 0) AS pending, COALESCE(SUM(approved), 0) AS approved,
			COALESCE(SUM(rejected), 0) AS rejected, COALESCE(SUM(spam), 0) AS spam, COALESCE(SUM(deleted), 0) AS deleted,
			COALESCE(SUM(reported), 0) AS reported, COALESCE(SUM(appealed), 0) AS appealed,
			(SELECT MIN(first) FROM (
				SELECT (SELECT MIN(c.created_at) FROM comments c WHERE c.site_id = t.id AND c.status = 'pending') AS first
				FROM sites t WHERE t.id IN (?)
			) AS firsts) AS oldest
		FROM status_counts WHERE site_id IN (?)`, padded(toIDs(ids)), padded(toIDs(ids)))
	if err != nil {
		return queue.Counts{}, fmt.Errorf("count queue: %w", err)
	}
	return sums[0].counts(), nil
}
