package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rejoinder/moderation"
)

// velocity are the questions about what was sent lately, each about many things at once: k is what is asked
// about. They are correlated subqueries, which no engine turns into a scan of the whole table, and those have
// one column: three counts, or many ids, are one text.
type velocity struct{ articles, addresses, authors, copies rowsStatement }

// newVelocity writes the questions with an engine's names for bytes and for a moment, and with how it writes
// recent.sketch in digits.
func newVelocity(blob, moment, sketch string) velocity {
	count := func(condition, key string) rowsStatement {
		return overRows(`
			SELECT k.column1 AS asked, k.column5 AS site_id, `+sentSince(condition, "k.column2", "k.column3", "k.column4")+` AS counts
			FROM (VALUES`, `(`+key+`, CAST(? AS `+moment+`), CAST(? AS `+moment+`), CAST(? AS `+moment+`), ?)`, `) AS k`)
	}
	copied := `s.site_id = k.column2 AND s.fingerprint = k.column3 AND s.created_at > k.column4 AND s.comment_id <> k.column5`
	return velocity{
		articles:  count(`s.article_id = k.column1`, `?`),
		addresses: count(`s.site_id = k.column5 AND s.address_index = k.column1`, `CAST(? AS `+blob+`)`),
		authors: overRows(`
			SELECT k.column1 AS n, `+sentSince(`s.commenter_id = k.column2 AND s.address_index = k.column3`, "k.column4", "k.column5", "k.column6")+` AS counts
			FROM (VALUES`, `(CAST(? AS INTEGER), ?, CAST(? AS `+blob+`), CAST(? AS `+moment+`), CAST(? AS `+moment+`), CAST(? AS `+moment+`))`, `) AS k`),
		copies: overRows(`
			SELECT k.column1 AS n, (
				SELECT COUNT(*) FILTER (WHERE k.column6 LIKE '%' || recent.commenter_id || '%' AND recent.address_index = k.column12) || ' ' ||
				       COUNT(*) FILTER (WHERE recent.article_id = k.column7) || ' ' || COUNT(*)
				FROM (SELECT s.commenter_id, s.address_index, s.article_id FROM submissions s
				      WHERE `+copied+` ORDER BY s.created_at DESC LIMIT `+rateCapped+`) AS recent) AS counts, COALESCE((
				SELECT c.cluster FROM submissions s JOIN comments c ON c.id = s.comment_id
				WHERE `+copied+` ORDER BY s.created_at DESC LIMIT 1), '') AS cluster, `+alikeQuestion(sketch)+` AS alike
			FROM (VALUES`, `(CAST(? AS INTEGER), ?, CAST(? AS `+blob+`), CAST(? AS `+moment+`), ?, ?, ?,
				CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS `+blob+`))`, `) AS k`),
	}
}

// rateCapped is rateCap in a query.
var rateCapped = strconv.Itoa(rateCap)

// sentSince counts in SQL the submissions s that meet a condition and came after each of three moments, the
// latest first.
func sentSince(condition, minute, hour, day string) string {
	return `(
		SELECT COUNT(*) FILTER (WHERE recent.created_at > ` + minute + `) || ' ' ||
		       COUNT(*) FILTER (WHERE recent.created_at > ` + hour + `) || ' ' || COUNT(*)
		FROM (SELECT s.created_at FROM submissions s WHERE ` + condition + ` AND s.created_at > ` + day + `
		      ORDER BY s.created_at DESC LIMIT ` + rateCapped + `) AS recent)`
}

// windows are the moments after which submissions count: of the last minute, hour and day.
func windows(now time.Time) [3]Time {
	return [3]Time{Time(now.Add(-time.Minute)), Time(now.Add(-time.Hour)), Time(now.AddDate(0, 0, -1))}
}

// sent is one thing of which is asked how much was sent, and the rates of those who ask. They ask at about
// the same time, so the first one's moment is that of all.
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
		since := windows(s.now)
		asked = append(asked, []any{s.asked, since[0], since[1], since[2], key.site})
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
			*rate = rateOf(found)
		}
	}
	return nil
}

// rateOf takes three counts for those of the last minute, hour and day.
func rateOf(counts [3]int) moderation.Rate {
	return moderation.Rate{Minute: counts[0], Hour: counts[1], Day: counts[2]}
}

// sumRates adds up two rates, each of which ends at rateCap, as the sum does.
func sumRates(a, b moderation.Rate) moderation.Rate {
	return moderation.Rate{
		Minute: min(a.Minute+b.Minute, rateCap),
		Hour:   min(a.Hour+b.Hour, rateCap),
		Day:    min(a.Day+b.Day, rateCap),
	}
}

// readCounts reads three numbers with spaces between them.
func readCounts(text string) (counts [3]int, err error) {
	if _, err := fmt.Sscan(text, &counts[0], &counts[1], &counts[2]); err != nil {
		return counts, fmt.Errorf("read counts: %w", err)
	}
	return counts, nil
}

// countArticles counts what was sent to each article. One that many write to has many to count, so what was
// counted is remembered for a moment.
func (d *DB) countArticles(ctx context.Context, all []*inquiry) error {
	by := sentBy{}
	for _, q := range all {
		if q.Article == nil {
			continue
		}
		rate, known := d.articleRates.at(q.Article.ID, q.Now)
		if known {
			q.Velocity.Article = rate
		} else {
			by.add(keyed{q.SiteID, q.Article.ID}, q.Article.ID, q, &q.Velocity.Article)
		}
	}
	if err := d.countSent(ctx, d.velocity.articles, by); err != nil {
		return err
	}
	for key, s := range by {
		d.articleRates.learn(key.key, s.now, *s.rates[0])
	}
	return nil
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

// countAuthors counts what each author sent from the address that sends now. What the same email sent from
// other addresses is not counted: who only guessed the email must not learn from the answer that it is
// somebody's.
func (d *DB) countAuthors(ctx context.Context, all []*inquiry) error {
	var asked [][]any
	for n, q := range all {
		since := windows(q.Now)
		for _, author := range q.authors {
			if len(q.AddressIndex) > 0 {
				asked = append(asked, []any{n, author.ID, q.AddressIndex, since[0], since[1], since[2]})
			}
		}
	}
	rows, err := askRows[struct {
		N      int    `db:"n"`
		Counts string `db:"counts"`
	}](ctx, d, d.velocity.authors, asked)
	if err != nil {
		return err
	}
	for _, row := range rows {
		found, err := readCounts(row.Counts)
		if err != nil {
			return err
		}
		q := all[row.N]
		q.Velocity.Author = sumRates(q.Velocity.Author, rateOf(found))
	}
	return nil
}

// countCopies counts the submissions of the last 24 hours with the same fingerprint, finds the cluster of the
// newest, and those that say nearly the same.
func (d *DB) countCopies(ctx context.Context, all []*inquiry) error {
	var asked [][]any
	for n, q := range all {
		if len(q.Fingerprint) > 0 || len(q.MinHash.Sketch) > 0 {
			asked = append(asked, q.copiesAsked(n))
		}
	}
	rows, err := askRows[struct {
		N       int    `db:"n"`
		Counts  string `db:"counts"`
		Cluster string `db:"cluster"`
		Alike   string `db:"alike"`
	}](ctx, d, d.velocity.copies, asked)
	if err != nil {
		return err
	}
	near := make([][]string, len(all))
	for _, row := range rows {
		found, err := readCounts(row.Counts)
		if err != nil {
			return err
		}
		q := all[row.N]
		q.Copies, q.CopyCluster = moderation.Copies{Author: found[0], Article: found[1], Site: found[2]}, row.Cluster
		if near[row.N], err = nearOf(q.MinHash, row.Alike); err != nil {
			return err
		}
	}
	return d.tellAlike(ctx, all, near)
}

// copiesAsked are the parameters of the question about copies of the nth inquiry.
func (q *inquiry) copiesAsked(n int) []any {
	var authors []string
	for _, author := range q.authors {
		authors = append(authors, author.ID)
	}
	article := ""
	if q.Article != nil {
		article = q.Article.ID
	}
	asked := []any{
		n,
		q.SiteID,
		q.Fingerprint,
		Time(q.Now.AddDate(0, 0, -1)),
		q.ExceptComment,
		strings.Join(authors, " "),
		article,
	}
	for _, band := range q.MinHash.Bands {
		if len(q.MinHash.Sketch) > 0 {
			asked = append(asked, band)
		} else {
			asked = append(asked, nil)
		}
	}
	return append(asked, q.AddressIndex)
}
