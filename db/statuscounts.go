package db

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// countShards is into how many rows the counts of a site are split, so that decisions taken at once rarely
// wait for each other.
const countShards = 64

// shardOf spreads comments evenly over the shards.
func shardOf(commentID string) int {
	h := fnv.New32a()
	h.Write([]byte(commentID))
	return int(h.Sum32() % countShards)
}

// inShards orders sites as their counts are locked, by the comment in whose shard each one's are.
func inShards(comments map[string]string) func(a, b string) int {
	return func(a, b string) int {
		return cmp.Or(cmp.Compare(shardOf(comments[a]), shardOf(comments[b])), cmp.Compare(a, b))
	}
}

// moveSite counts a comment of a site under its new status.
func (s session) moveSite(ctx context.Context, c *counted, from, to moderation.Status) error {
	if from == to {
		return nil
	}
	return s.shiftCounts(ctx, c.siteID, c.commentID, statusChange(from, to))
}

// statusChange is how counts by status change when a comment goes from one to another; from is empty for a
// new comment.
func statusChange(from, to moderation.Status) queue.Counts {
	change := func(status moderation.Status) int { return count(to, status) - count(from, status) }
	return queue.Counts{
		Pending:  change(moderation.StatusPending),
		Approved: change(moderation.StatusApproved),
		Rejected: change(
			moderation.StatusRejected,
		),
		Spam:    change(moderation.StatusSpam),
		Deleted: change(moderation.StatusDeleted),
	}
}

// sum adds up counts.
func sum(a, b queue.Counts) queue.Counts {
	return queue.Counts{Pending: a.Pending + b.Pending, Approved: a.Approved + b.Approved,
		Rejected: a.Rejected + b.Rejected, Spam: a.Spam + b.Spam, Deleted: a.Deleted + b.Deleted,
		Reported: a.Reported + b.Reported, Appealed: a.Appealed + b.Appealed}
}

// shiftCounts adds to the counts of a site, in the shard of the comment that the change is about. It locks
// the shard until the transaction is over, so it comes late in one.
func (s session) shiftCounts(ctx context.Context, siteID, commentID string, by queue.Counts) error {
	_, err := s.exec(ctx, `
		INSERT INTO status_counts (site_id, shard, pending, approved, rejected, spam, deleted, reported, appealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (site_id, shard) DO UPDATE SET
			pending = status_counts.pending + excluded.pending, approved = status_counts.approved + excluded.approved,
			rejected = status_counts.rejected + excluded.rejected, spam = status_counts.spam + excluded.spam,
			deleted = status_counts.deleted + excluded.deleted, reported = status_counts.reported + excluded.reported,
			appealed = status_counts.appealed + excluded.appealed`,
		siteID, shardOf(commentID), by.Pending, by.Approved, by.Rejected, by.Spam, by.Deleted, by.Reported, by.Appealed)
	return err
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

// QueueCounts adds up the comments of sites; none asks for all.
func (d *DB) QueueCounts(ctx context.Context, siteIDs []string) (queue.Counts, error) {
	ids, err := d.queueSites(ctx, siteIDs)
	if err != nil {
		return queue.Counts{}, fmt.Errorf("count queue: %w", err)
	}
	if len(ids) == 0 {
		return queue.Counts{}, nil
	}
	var sums []countsRow
	err = d.allInKept(ctx, &sums, `
		SELECT COALESCE(SUM(pending), 0) AS pending, COALESCE(SUM(approved), 0) AS approved,
			COALESCE(SUM(rejected), 0) AS rejected, COALESCE(SUM(spam), 0) AS spam, COALESCE(SUM(deleted), 0) AS deleted,
			COALESCE(SUM(reported), 0) AS reported, COALESCE(SUM(appealed), 0) AS appealed,
			(SELECT MIN(first) FROM (
				SELECT (SELECT MIN(c.created_at) FROM comments c WHERE c.site_id = t.id AND c.status = 'pending') AS first
				FROM sites t WHERE t.id IN (?)
			) AS firsts) AS oldest
		FROM status_counts WHERE site_id IN (?)`, padded(ids), padded(ids))
	if err != nil {
		return queue.Counts{}, fmt.Errorf("count queue: %w", err)
	}
	return sums[0].counts(), nil
}
