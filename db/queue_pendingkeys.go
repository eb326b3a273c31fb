package db

import (
	"context"
	"hash/fnv"
	"maps"
	"slices"

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
		SELECT author_url, `+bodyLookup("s")+` AS body, verdict FROM submissions s
		WHERE comment_id = $1 ORDER BY revision DESC LIMIT 1`,
		ID(c.commentID))
	if err != nil {
		return err
	}
	var rows pendingRows
	rows.add(c, queue.PendingKeysOf(r.submission()))
	return x.insertEach(ctx, rows.tables())
}

var (
	pendingNameInsert = insertInto("pending_rule_names", `rule_key, site_id, rule`,
		`ON CONFLICT (rule_key) DO NOTHING`)
	pendingRuleInsert = insertInto("pending_rules", `rule_key, created_at, comment_id`, "")
	pendingHostInsert = insertInto("pending_hosts", `site_id, created_at, comment_id, host`, "")
)

// pendingRows are the rows by which pending comments are found.
type pendingRows struct {
	names        map[int64][]any // by key
	rules, hosts [][]any
}

// add adds the rows of a comment.
func (p *pendingRows) add(c *counterKey, keys queue.PendingKeys) {
	for _, rule := range keys.Rules {
		if p.names == nil {
			p.names = map[int64][]any{}
		}
		key := ruleKey(c.siteID, rule)
		p.names[key] = []any{key, ID(c.siteID), rule}
		p.rules = append(p.rules, []any{key, c.createdAt, ID(c.commentID)})
	}
	for _, host := range keys.Hosts {
		p.hosts = append(p.hosts, []any{ID(c.siteID), c.createdAt, ID(c.commentID), host})
	}
}

// tables are the rows by table. Transactions insert new names in one order, so that none waits in a circle.
func (p *pendingRows) tables() []tableRows {
	var names [][]any
	for _, key := range slices.Sorted(maps.Keys(p.names)) {
		names = append(names, p.names[key])
	}
	return []tableRows{{pendingNameInsert, names}, {pendingRuleInsert, p.rules}, {pendingHostInsert, p.hosts}}
}

// ruleKey is the key of a site's rule in pending_rule_names.
func ruleKey(siteID, rule string) int64 {
	hash := fnv.New64a()
	hash.Write([]byte(siteID + "\n" + rule)) //nolint:errcheck // it never fails
	return int64(hash.Sum64())
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
	return x.deleteFrom(ctx, []string{"pending_rules", "pending_hosts"}, commentIDs)
}
