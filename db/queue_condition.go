package db

import (
	"context"
	"slices"
	"strings"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// queueCondition is the condition that a comment of one site matches a selection, with ? for parameters.
// Listing, claiming and bulk decisions use the same one.
type queueCondition struct {
	from  string // tables; the comment is c
	where string
	args  []any
	// createdAt and id name columns that equal the comment's and that the driving table has in order.
	createdAt, id string
	plan          searchPlan // of a search
}

// conditionFor starts from the table in which the fewest comments match: those hit by a rule, those linking
// to a host, the search index, otherwise comments. CROSS JOIN makes SQLite keep this order.
func conditionFor(ctx context.Context, x executor, q queue.Select, siteID string,
) (queueCondition, error) {
	if q.Search == "" {
		return filterCondition(q, siteID, false), nil
	}
	return searchCondition(ctx, x, q, siteID)
}

// filterCondition is everything but a search; driven means that another table comes first already.
func filterCondition(q queue.Select, siteID string, driven bool) queueCondition {
	c := queueCondition{from: `comments c`, createdAt: `c.created_at`, id: `c.id`}
	switch {
	case driven:
	case q.Rule != "":
		c.driveBy(`pending_rules`, `w.rule_key = ?`, ruleKey(siteID, q.Rule))
	case q.Host != "":
		c.driveBy(`pending_hosts`, `w.site_id = ? AND w.host = ?`, ID(siteID), q.Host)
	}
	if q.Status != queue.AnyStatus {
		c.and(`c.status = ?`, string(q.Status))
	}
	if q.ArticleID == "" { // an article is of one site, and its index has everything to count by
		c.and(`c.site_id = ?`, ID(siteID))
	}
	if driven && q.Rule != "" {
		c.and(`EXISTS (SELECT 1 FROM pending_rules h
			WHERE h.rule_key = ? AND h.created_at = c.created_at AND h.comment_id = c.id)`, ruleKey(siteID, q.Rule))
	}
	if (driven || q.Rule != "") && q.Host != "" {
		c.and(`EXISTS (SELECT 1 FROM pending_hosts h
			WHERE h.site_id = ? AND h.host = ? AND h.created_at = c.created_at AND h.comment_id = c.id)`, ID(siteID), q.Host)
	}
	if q.ArticleID != "" {
		c.and(`c.article_id = ?`, ID(q.ArticleID))
	}
	if q.AuthorID != "" {
		c.and(`c.article_id IN (SELECT article_id FROM article_authors WHERE moderator_id = ?)`, q.AuthorID)
	}
	if q.CommenterID != "" {
		c.and(`c.commenter_id = ?`, ID(q.CommenterID))
	}
	if q.Cluster != "" {
		c.and(`c.id IN (SELECT id FROM comments WHERE cluster = ?
			UNION ALL SELECT id FROM comments WHERE id = ? AND cluster IS NULL)`, ID(q.Cluster), ID(q.Cluster))
	}
	if q.Language != "" {
		c.and(`c.language = ? AND c.language <> ''`, q.Language) // as in the index comments_language
	}
	if q.Reported {
		c.and(`c.open_reports > 0`) // as in the index comments_reported
	}
	if q.Appealed {
		c.and(`c.id IN (SELECT comment_id FROM appeals WHERE resolved_at IS NULL)`)
	}
	c.createdBetween(q.From, q.To)
	if !q.UnclaimedAt.IsZero() {
		c.and(`NOT EXISTS (SELECT 1 FROM claims k WHERE k.comment_id = c.id AND k.expires_at > ? AND k.moderator_id <> ?)`,
			Time(q.UnclaimedAt), q.HolderID)
	}
	return c
}

// countConditionFor is conditionFor for counting: pending comments under a rule or a host are counted without
// reading comments.
func countConditionFor(ctx context.Context, x executor, q queue.Select, siteID string,
) (queueCondition, error) {
	c := queueCondition{createdAt: `w.created_at`, id: `w.comment_id`}
	timeless := q
	timeless.From, timeless.To = time.Time{}, time.Time{}
	switch {
	case q.Status != moderation.StatusPending || timeless.FilterCount() != 1:
		return conditionFor(ctx, x, q, siteID)
	case q.Rule != "":
		c.from = `pending_rules w`
		c.and(`w.rule_key = ?`, ruleKey(siteID, q.Rule))
	case q.Host != "":
		c.from = `pending_hosts w`
		c.and(`w.site_id = ? AND w.host = ?`, ID(siteID), q.Host)
	default:
		return conditionFor(ctx, x, q, siteID)
	}
	c.createdBetween(q.From, q.To)
	return c, nil
}

// driveBy puts a table w first, whose key is the columns of a condition, created_at and comment_id.
func (c *queueCondition) driveBy(table, condition string, args ...any) {
	c.from = table + ` w CROSS JOIN comments c`
	c.createdAt, c.id = `w.created_at`, `w.comment_id`
	c.and(condition+` AND c.id = w.comment_id`, args...)
}

// createdBetween restricts the time of submission.
func (c *queueCondition) createdBetween(from, to time.Time) {
	if !from.IsZero() {
		c.and(c.createdAt+` >= ?`, Time(from))
	}
	if !to.IsZero() {
		c.and(c.createdAt+` < ?`, Time(to))
	}
}

// withColumns inserts the condition's columns into an order of the queue.
func (c *queueCondition) withColumns(order string) string {
	return strings.NewReplacer(`%[1]s`, c.createdAt, `%[2]s`, c.id).Replace(order)
}

func (c *queueCondition) and(condition string, args ...any) {
	c.where = strings.TrimPrefix(c.where+` AND `+condition, ` AND `)
	c.args = slices.Concat(c.args, args) // copies of a condition share nothing
}
