package db

import (
	"context"

	"rejoinder/moderation"
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
	keys := moderation.PendingKeysOf(r.submission())
	for _, rule := range keys.Rules {
		_, err := s.exec(ctx, `INSERT INTO pending_rules (site_id, rule, created_at, comment_id) VALUES ($1, $2, $3, $4)`,
			c.siteID, rule, c.createdAt, c.commentID)
		if err != nil {
			return err
		}
	}
	for _, host := range keys.Hosts {
		_, err := s.exec(ctx, `INSERT INTO pending_hosts (site_id, host, created_at, comment_id) VALUES ($1, $2, $3, $4)`,
			c.siteID, host, c.createdAt, c.commentID)
		if err != nil {
			return err
		}
	}
	return nil
}

// relist does the same for a comment that has another status or text than before.
func (s session) relist(ctx context.Context, c *counted, from, to moderation.Status) error {
	if from == moderation.StatusPending {
		for _, statement := range []string{
			`DELETE FROM pending_rules WHERE comment_id = $1`, `DELETE FROM pending_hosts WHERE comment_id = $1`,
		} {
			if _, err := s.exec(ctx, statement, c.commentID); err != nil {
				return err
			}
		}
	}
	return s.list(ctx, c, to)
}
