package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rejoinder/moderation"
)

// velocity are the questions about what was sent lately, each about many things at once: k is what is asked about. They are
// correlated subqueries, which no engine turns into a scan of the whole table, and those have one column: three counts, or
// many ids, are one text.
type velocity struct{ authors, articles, addresses, copies, alike rowsStatement }

// newVelocity writes the questions with an engine's names for bytes and for a moment.
func newVelocity(blob, moment string) velocity {
	most := strconv.Itoa(rateCap)
	sent := func(condition, key string) rowsStatement {
		return overRows(`
			SELECT k.column1 AS asked, k.column5 AS site_id, (
				SELECT COUNT(*) FILTER (WHERE recent.created_at > k.column2) || ' ' ||
				       COUNT(*) FILTER (WHERE recent.created_at > k.column3) || ' ' || COUNT(*)
				FROM (SELECT s.created_at FROM submissions s WHERE `+condition+` AND s.created_at > k.column4
				      ORDER BY s.created_at DESC LIMIT `+most+`) AS recent) AS counts
			FROM (VALUES`, `(`+key+`, CAST(? AS `+moment+`), CAST(? AS `+moment+`), CAST(? AS `+moment+`), ?)`, `) AS k`)
	}
	return velocity{
		authors:   sent(`s.commenter_id = k.column1`, `?`),
		articles:  sent(`s.article_id = k.column1`, `?`),
		addresses: sent(`s.site_id = k.column5 AND s.address_index = k.column1`, `CAST(? AS `+blob+`)`),
		copies: overRows(`
			SELECT k.column1 AS n, (
				SELECT COUNT(*) FILTER (WHERE k.column6 LIKE '%' || recent.commenter_id || '%') || ' ' ||
				       COUNT(*) FILTER (WHERE recent.article_id = k.column7) || ' ' || COUNT(*)
				FROM (SELECT s.commenter_id, s.article_id FROM submissions s
				      WHERE s.site_id = k.column2 AND s.fingerprint = k.column3 AND s.created_at > k.column4
				        AND s.comment_id <> k.column5
				      ORDER BY s.created_at DESC LIMIT `+most+`) AS recent) AS counts, COALESCE((
				SELECT c.cluster FROM submissions s JOIN comments c ON c.id = s.comment_id
				WHERE s.site_id = k.column2 AND s.fingerprint = k.column3 AND s.created_at > k.column4
				  AND s.comment_id <> k.column5
				ORDER BY s.created_at DESC LIMIT 1), '') AS cluster
			FROM (VALUES`, `(CAST(? AS INTEGER), ?, CAST(? AS `+blob+`), CAST(? AS `+moment+`), ?, ?, ?)`, `) AS k`),
		alike: likeness(moment),
	}
}

// sent is one thing of which is asked how much was sent, and the rates of those who ask. They ask at about the same time, so
// the first one's moment is that of all.
type sent struct {
	asked any
	now   time.Time
	rates []*moderation.Rate
}

// sentBy is a list of such things.
type sentBy map[keyed]*sent

func (by sentBy) add(key keyed, asked any, q *inquiry, rate *moderation.Rate) {
	if by[key] == nil {
		by[key] = &sent{asked: asked, now: q.Now}
	}
	by[key].rates = append(by[key].rates, rate)
}

// countSent adds what was sent in the last minute, hour and day to each rate.
func (d *DB) countSent(ctx context.Context, question rowsStatement, by sentBy) error {
	var asked [][]any
	for key, s := range by {
		asked = append(asked, []any{s.asked, Time(s.now.Add(-time.Minute)), Time(s.now.Add(-time.Hour)), Time(s.now.AddDate(0, 0, -1)), key.site})
	}
	rows, err := askRows[struct {
		Asked  nullBytes `db:"asked"`
		SiteID string    `db:"site_id"`
		Counts string    `db:"counts"`
	}](ctx, d, question, asked)
	if err != nil {
		return err
	}
	for _, row := range rows {
		found, err := readCounts(row.Counts)
		if err != nil {
			return err
		}
		s := by[keyed{row.SiteID, string(row.Asked)}]
		for _, rate := range s.rates {
			rate.Minute = min(rate.Minute+found[0], rateCap)
			rate.Hour = min(rate.Hour+found[1], rateCap)
			rate.Day = min(rate.Day+found[2], rateCap)
		}
		s.rates = nil // a row that was asked for twice
	}
	return nil
}

// readCounts reads three numbers with spaces between them.
func readCounts(text string) (counts [3]int, err error) {
	if _, err := fmt.Sscan(text, &counts[0], &counts[1], &counts[2]); err != nil {
		return counts, fmt.Errorf("read counts: %w", err)
	}
	return counts, nil
}

func (d *DB) countAuthors(ctx context.Context, all []*inquiry) error {
	by := sentBy{}
	for _, q := range all {
		for _, author := range q.authors {
			by.add(keyed{q.SiteID, author.ID}, author.ID, q, &q.Velocity.Author)
		}
	}
	return d.countSent(ctx, d.velocity.authors, by)
}

func (d *DB) countArticles(ctx context.Context, all []*inquiry) error {
	by := sentBy{}
	for _, q := range all {
		if q.Article != nil {
			by.add(keyed{q.SiteID, q.Article.ID}, q.Article.ID, q, &q.Velocity.Article)
		}
	}
	return d.countSent(ctx, d.velocity.articles, by)
}

func (d *DB) countAddresses(ctx context.Context, all []*inquiry) error {
	by := sentBy{}
	for _, q := range all {
		if len(q.AddressIndex) > 0 {
			by.add(keyed{q.SiteID, string(q.AddressIndex)}, q.AddressIndex, q, &q.Velocity.Address)
		}
	}
	return d.countSent(ctx, d.velocity.addresses, by)
}

// countCopies counts the submissions of the last 24 hours with the same fingerprint, and finds the cluster of the newest.
func (d *DB) countCopies(ctx context.Context, all []*inquiry) error {
	var asked [][]any
	for n, q := range all {
		if len(q.Fingerprint) == 0 {
			continue
		}
		var authors []string
		for _, author := range q.authors {
			authors = append(authors, author.ID)
		}
		article := ""
		if q.Article != nil {
			article = q.Article.ID
		}
		asked = append(asked, []any{n, q.SiteID, q.Fingerprint, Time(q.Now.AddDate(0, 0, -1)), q.ExceptComment, strings.Join(authors, " "), article})
	}
	rows, err := askRows[struct {
		N       int    `db:"n"`
		Counts  string `db:"counts"`
		Cluster string `db:"cluster"`
	}](ctx, d, d.velocity.copies, asked)
	if err != nil {
		return err
	}
	for _, row := range rows {
		found, err := readCounts(row.Counts)
		if err != nil {
			return err
		}
		all[row.N].Copies = moderation.Copies{Author: found[0], Article: found[1], Site: found[2]}
		all[row.N].CopyCluster = row.Cluster
	}
	return nil
}
