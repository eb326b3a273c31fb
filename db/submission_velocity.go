package db

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"rejoinder/moderation"
)

// maxCount is where counts of velocity and copies end. No rule needs to tell a thousand in a minute from
// more, and an article in the news must not slow down every submission to it.
const maxCount = 1_000

// Rates of the submissions that meet a condition, for many keys at once. Each key reads no more than maxCount
// entries of an index.
var (
	selectArticleRates = newSelectStmt(windowColumns+`, article_id UUID`, ratesSelect(`article_id = :article_id`))
	selectAddressRates = newSelectStmt(windowColumns+`, site_id UUID, address_index BYTEA`,
		ratesSelect(`site_id = :site_id AND address_index = :address_index`))
)

// windowColumns are those of windows.
const windowColumns = `n INTEGER, minute TIMESTAMPTZ, hour TIMESTAMPTZ, day TIMESTAMPTZ`

func ratesSelect(condition string) string {
	return fmt.Sprintf(`
		SELECT CAST(:n AS INTEGER) AS n, COUNT(*) FILTER (WHERE created_at > :minute) AS minute,
		       COUNT(*) FILTER (WHERE created_at > :hour) AS hour, COUNT(*) AS day
		FROM (SELECT created_at FROM submissions WHERE created_at > :day AND %s
		      ORDER BY created_at DESC LIMIT %d) AS recent`, condition, maxCount)
}

// rateRow is how many submissions row n of a rowsStmt found in the last minute, hour and day.
type rateRow struct {
	N      int `db:"n"`
	Minute int `db:"minute"`
	Hour   int `db:"hour"`
	Day    int `db:"day"`
}

func (r rateRow) rate() moderation.Rate {
	return moderation.Rate{Minute: r.Minute, Hour: r.Hour, Day: r.Day}
}

// windows are the first values of row n: n and the starts of the last minute, hour and day.
func windows(n int, now time.Time) []any {
	return []any{n, Time(now.Add(-time.Minute)), Time(now.Add(-time.Hour)), Time(now.AddDate(0, 0, -1))}
}

// rateQuery asks for the rate of one key. All submissions that need it share the rate at the time of the
// first.
type rateQuery struct {
	key   []any
	now   time.Time
	rates []*moderation.Rate
}

// rateQueries are by site and key.
type rateQueries map[siteKey]*rateQuery

func (qs rateQueries) add(c *submissionContext, key string, args []any, rate *moderation.Rate) {
	at := siteKey{c.SiteID, key}
	if qs[at] == nil {
		qs[at] = &rateQuery{key: args, now: c.Now}
	}
	qs[at].rates = append(qs[at].rates, rate)
}

// loadRates sets the rates that are asked for.
func (s *SubmissionStore) loadRates(ctx context.Context, st rowsStmt, byKey rateQueries) error {
	queries := slices.Collect(maps.Values(byKey))
	args := make([][]any, len(queries))
	for n, q := range queries {
		args[n] = append(windows(n, q.now), q.key...)
	}
	rows, err := selectRows[rateRow](ctx, s.prepared, st, args)
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, rate := range queries[row.N].rates {
			*rate = row.rate()
		}
	}
	return nil
}

// countArticles loads the rate of each article. A popular one has many submissions to count, so its rate is
// cached for a moment.
func (s *SubmissionStore) countArticles(ctx context.Context, all []*submissionContext) error {
	missing := rateQueries{}
	for _, c := range all {
		if c.Article == nil {
			continue
		}
		rate, cached := s.articleRates.get(c.Article.ID, c.Now)
		if cached {
			c.Velocity.Article = rate
		} else {
			missing.add(c, string(ID(c.Article.ID)), []any{ID(c.Article.ID)}, &c.Velocity.Article)
		}
	}
	if err := s.loadRates(ctx, selectArticleRates, missing); err != nil {
		return err
	}
	for at, q := range missing {
		s.articleRates.put(at.key, q.now, *q.rates[0])
	}
	return nil
}

func (s *SubmissionStore) countAddresses(ctx context.Context, all []*submissionContext) error {
	queries := rateQueries{}
	for _, c := range all {
		if len(c.AddressIndex) > 0 {
			queries.add(c, string(c.AddressIndex), []any{ID(c.SiteID), c.AddressIndex}, &c.Velocity.Address)
		}
	}
	return s.loadRates(ctx, selectAddressRates, queries)
}

// selectAuthorRates are the rates of an author from one address, with how many of these submissions are copies,
// and how many of these reply to the same comment. Comments are looked up for copies only.
var selectAuthorRates = newSelectStmt(windowColumns+`, commenter_id UUID, address_index BYTEA, fingerprint BYTEA,
	site_id UUID, comment_id UUID, article_id UUID, parent_id UUID`, fmt.Sprintf(`
	SELECT CAST(:n AS INTEGER) AS n, COUNT(*) FILTER (WHERE created_at > :minute) AS minute,
	       COUNT(*) FILTER (WHERE created_at > :hour) AS hour, COUNT(*) AS day,
	       COUNT(*) FILTER (WHERE copied > 0) AS copies, COUNT(*) FILTER (WHERE copied > 1) AS same_parent
	FROM (SELECT created_at,
	          CASE WHEN fingerprint = :fingerprint AND site_id = :site_id AND comment_id <> :comment_id
	          THEN (SELECT CASE WHEN c.article_id = :article_id AND c.parent_id IS NOT DISTINCT FROM :parent_id
	                THEN 2 ELSE 1 END FROM comments c WHERE c.id = submissions.comment_id) ELSE 0 END AS copied
	      FROM submissions
	      WHERE created_at > :day AND commenter_id = :commenter_id AND address_index = :address_index
	      ORDER BY created_at DESC LIMIT %d) AS recent`, maxCount))

// countAuthors loads what each author sent from the address of the submission. Submissions of the same email
// from other addresses do not count: someone who only guessed the email must not learn whether it is in use.
func (s *SubmissionStore) countAuthors(ctx context.Context, all []*submissionContext) error {
	var args [][]any
	for n, c := range all {
		if len(c.AddressIndex) == 0 {
			continue
		}
		for _, author := range c.authors {
			args = append(args, append(windows(n, c.Now), ID(author.ID), c.AddressIndex, nullBytes(c.Fingerprint),
				ID(c.SiteID), ID(c.ExceptComment), ID(c.articleID()), nullID(c.ParentID)))
		}
	}
	rows, err := selectRows[struct {
		rateRow
		Copies int `db:"copies"`
		Same   int `db:"same_parent"`
	}](ctx, s.prepared, selectAuthorRates, args)
	if err != nil {
		return err
	}
	for _, row := range rows {
		c := all[row.N]
		c.Velocity.Author = addRates(c.Velocity.Author, row.rate())
		c.Copies.Author = min(c.Copies.Author+row.Copies, maxCount)
		c.Copies.SameParent = min(c.Copies.SameParent+row.Same, maxCount)
	}
	return nil
}

// addRates adds two rates, and ends at maxCount as they do.
func addRates(a, b moderation.Rate) moderation.Rate {
	return moderation.Rate{
		Minute: min(a.Minute+b.Minute, maxCount),
		Hour:   min(a.Hour+b.Hour, maxCount),
		Day:    min(a.Day+b.Day, maxCount),
	}
}
