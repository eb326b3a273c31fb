package db

import (
	"context"
	"time"

	"rejoinder/moderation"
)

// BrowserActivity counts what one remembered browser sent lately under one email. Counts end at 1,000.
func (s *CommenterStore) BrowserActivity(ctx context.Context, q moderation.BrowserQuery) (moderation.Activity, error) {
	var row struct {
		Minute int `db:"minute"`
		Hour   int `db:"hour"`
		Day    int `db:"day"`
		Copies int `db:"copies"`
		Same   int `db:"same_parent"`
	}
	err := s.get(ctx, &row, `
		SELECT COUNT(*) FILTER (WHERE created_at > $1) AS minute, COUNT(*) FILTER (WHERE created_at > $2) AS hour,
		       COUNT(*) AS day, COUNT(*) FILTER (WHERE fingerprint = $3 AND comment_id <> $4) AS copies,
		       COUNT(*) FILTER (
		           WHERE fingerprint = $3 AND comment_id <> $4 AND article_id = $9 AND parent_id IS NOT DISTINCT FROM $10) AS same_parent
		FROM (SELECT s.created_at, s.fingerprint, s.comment_id, s.article_id, c.parent_id
		      FROM submissions s JOIN comments c ON c.id = s.comment_id
		      WHERE s.commenter_id = $5 AND s.created_at > $6 AND c.browser_id = $7
		      ORDER BY s.created_at DESC LIMIT $8) AS recent`,
		Time(q.Now.Add(-time.Minute)), Time(q.Now.Add(-time.Hour)), q.Fingerprint, ID(q.ExceptComment),
		ID(q.CommenterID), Time(q.Now.AddDate(0, 0, -1)), q.BrowserID, maxCount, ID(q.ArticleID), nullID(q.ParentID))
	activity := moderation.Activity{
		Rate: moderation.Rate{Minute: row.Minute, Hour: row.Hour, Day: row.Day}, Copies: row.Copies,
		SameParent: row.Same,
	}
	return activity, wrap("count what a browser sent", err)
}
