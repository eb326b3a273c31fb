package db

import (
	"context"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// list makes a comment that is pending now be found by the rules that hit it and the hosts that it links to.
func (s session) list(ctx context.Context, c *counted, status moderation.Status) error {
	if status != moderation.StatusPending {
		return nil
	}
	var r submissionRow
	err := s.get(ctx, &r, `
		SELECT author_url, body, verdict FROM submissions WHERE comment_id = $1 ORDER BY revision DESC LIMIT 1`, c.commentID)
	if err != nil {
		return err
	}
	rules, hosts := pendingRows(c, queue.PendingKeysOf(r.submission()))
	return s.insertKeys(ctx, rules, hosts)
}

var (
	pendingRuleInsert = overRows(
		`INSERT INTO pending_rules (site_id, created_at, comment_id, rule) VALUES`,
		`(?, ?, ?, ?)`,
		``,
	)
	pendingHostInsert = overRows(
		`INSERT INTO pending_hosts (site_id, created_at, comment_id, host) VALUES`,
		`(?, ?, ?, ?)`,
		``,
	)
)

// pendingRows are the rows by which a comment is found while it is pending.
func pendingRows(c *counted, keys queue.PendingKeys) (rules, hosts [][]any) {
	for _, rule := range keys.Rules {
		rules = append(rules, []any{c.siteID, c.createdAt, c.commentID, rule})
	}
	for _, host := range keys.Hosts {
		hosts = append(hosts, []any{c.siteID, c.createdAt, c.commentID, host})
	}
	return rules, hosts
}

func (s session) insertKeys(ctx context.Context, rules, hosts [][]any) error {
	if _, err := s.execRows(ctx, pendingRuleInsert, rules); err != nil {
		return err
	}
	_, err := s.execRows(ctx, pendingHostInsert, hosts)
	return err
}

// relist does the same for a comment that has another status or text than before. What does not wait any
// more, nobody holds.
func (s session) relist(ctx context.Context, c *counted, from, to moderation.Status) error {
	if from == moderation.StatusPending {
		if err := s.unlist(ctx, []string{c.commentID}); err != nil {
			return err
		}
		if to != moderation.StatusPending {
			if _, err := s.exec(ctx, `DELETE FROM claims WHERE comment_id = $1`, c.commentID); err != nil {
				return err
			}
		}
	}
	return s.list(ctx, c, to)
}

// unlist makes comments be found by their rules and hosts no more.
func (s session) unlist(ctx context.Context, commentIDs []string) error {
	if len(commentIDs) == 0 {
		return nil
	}
	for _, statement := range []string{
		`DELETE FROM pending_rules WHERE comment_id IN (?)`, `DELETE FROM pending_hosts WHERE comment_id IN (?)`,
	} {
		if _, err := s.execIn(ctx, statement, padded(commentIDs)); err != nil {
			return err
		}
	}
	return nil
}
