package db

import (
	"context"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// indexPending stores the rules and hosts by which a comment is found while it is pending.
func indexPending(ctx context.Context, x executor, c *counterKey, status moderation.Status) error {
	if status != moderation.StatusPending {
		return nil
	}
	var r submissionRow
	err := x.get(ctx, &r, `
		SELECT author_url, `+bodyLookup("s")+` AS body, verdict FROM submissions s WHERE comment_id = $1 ORDER BY revision DESC LIMIT 1`,
		ID(c.commentID))
	if err != nil {
		return err
	}
	rules, hosts := pendingRows(c, queue.PendingKeysOf(r.submission()))
	return insertPendingRows(ctx, x, rules, hosts)
}

var (
	pendingRuleInsert = insertInto("pending_rules", `site_id, created_at, comment_id, rule`, "")
	pendingHostInsert = insertInto("pending_hosts", `site_id, created_at, comment_id, host`, "")
)

// pendingRows are the rows by which a pending comment is found.
func pendingRows(c *counterKey, keys queue.PendingKeys) (rules, hosts [][]any) {
	for _, rule := range keys.Rules {
		rules = append(rules, []any{ID(c.siteID), c.createdAt, ID(c.commentID), rule})
	}
	for _, host := range keys.Hosts {
		hosts = append(hosts, []any{ID(c.siteID), c.createdAt, ID(c.commentID), host})
	}
	return rules, hosts
}

func insertPendingRows(ctx context.Context, x executor, rules, hosts [][]any) error {
	if _, err := x.execRows(ctx, pendingRuleInsert.batchStmt, rules); err != nil {
		return err
	}
	_, err := x.execRows(ctx, pendingHostInsert.batchStmt, hosts)
	return err
}

// reindexPending updates these rows when a comment gets another status or text, and removes the claim on a
// comment that is no longer pending.
func reindexPending(ctx context.Context, x executor, c *counterKey, t transition) error {
	if t.from == moderation.StatusPending {
		if err := unindexPending(ctx, x, []string{c.commentID}); err != nil {
			return err
		}
		if t.to != moderation.StatusPending {
			if _, err := x.exec(ctx, `DELETE FROM claims WHERE comment_id = $1`, ID(c.commentID)); err != nil {
				return err
			}
		}
	}
	return indexPending(ctx, x, c, t.to)
}

// unindexPending removes these rows.
func unindexPending(ctx context.Context, x executor, commentIDs []string) error {
	if len(commentIDs) == 0 {
		return nil
	}
	for _, statement := range []string{
		`DELETE FROM pending_rules WHERE comment_id IN (?)`, `DELETE FROM pending_hosts WHERE comment_id IN (?)`,
	} {
		if _, err := x.exec(ctx, statement, padded(toIDs(commentIDs))); err != nil {
			return err
		}
	}
	return nil
}
