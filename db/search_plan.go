package db

import (
	"context"
	"slices"

	"rejoinder/moderation/queue"
)

// A search first probes the beginning of the list. If enough comments match there, it walks the list in
// order; otherwise it queries the index. The index returns hits without an order, so all of them must be
// sorted before the first page is known: for a word in all of 50,000 comments, this took 820 ms on PostgreSQL
// and 620 ms on SQLite, but 22 and 10 ms with the probe.
const (
	// searchProbeSize is how many comments at the head of a list are probed.
	searchProbeSize = 300
	// minProbeHits is how many of these must match for a walk to fill a page soon.
	minProbeHits = 4
	// maxIndexHits is how many hits on a site the index may have; they are looked up and sorted. A search with
	// more hits walks the list.
	maxIndexHits = 10_000
)

// searchPlan is the result of the probe on one site.
type searchPlan struct {
	hits      []queuePosition // matching comments at the head of the list, in its order
	exhausted bool            // the list has no comments besides the head
	walk      bool            // walk the list and match each comment; otherwise query the index
}

// searchCondition returns the condition of a search.
func searchCondition(ctx context.Context, x executor, q queue.Select, siteID string,
) (queueCondition, error) {
	c := filterCondition(q, siteID, false)
	terms := queue.ParseSearch(q.Search)
	if len(terms) == 0 {
		c.and(`1 = 0`)
		c.plan = searchPlan{exhausted: true, walk: true}
		return c, nil
	}
	seen, err := probeSearch(ctx, x, q, siteID)
	if err != nil {
		return c, err
	}
	if seen.walk {
		fits, args := x.search.matchExpr(`c.id`, terms)
		c.and(fits, args...)
		c.plan = seen
		return c, nil
	}
	c = filterCondition(q, siteID, true)
	c.plan = seen
	// The limit keeps PostgreSQL from taking this apart.
	hits, args := x.search.indexQuery(siteTerm(siteID), terms)
	c.from = `(` + hits + ` LIMIT ?) AS m CROSS JOIN comments c`
	c.args = slices.Concat(args, []any{x.search.maxIndexHits + 1}, c.args) // before those of the conditions
	c.and(`c.id = m.comment_id`)
	return c, nil
}

// probeSearch matches the comments at the head of the list, which begin the first page. If few match, it
// counts the hits of the index, up to maxIndexHits.
func probeSearch(ctx context.Context, x executor, q queue.Select, siteID string) (searchPlan, error) {
	var rows []struct {
		Looked int `db:"looked"`
		queuePosition
	}
	terms, list := queue.ParseSearch(q.Search), filterCondition(q, siteID, false)
	order, ok := queueOrders[q.Sort]
	if !ok {
		order = queueOrders[queue.SortNewest]
	}
	fits, words := x.search.matchExpr(`head.id`, terms)
	args := append(append(list.args, x.search.probeSize, ID(""), ID(""), minTime), words...)
	err := x.selectAll(ctx, &rows, `
		WITH head AS (SELECT `+positionColumns+` FROM `+list.from+` WHERE `+list.where+`
			ORDER BY `+list.withColumns(order.order)+` LIMIT ?)
		SELECT all_of.looked, COALESCE(found.id, ?) AS id, COALESCE(found.site_id, ?) AS site_id,
			COALESCE(found.created_at, ?) AS created_at,
			COALESCE(found.risk, 0) AS risk, COALESCE(found.open_reports, 0) AS open_reports
		FROM (SELECT COUNT(*) AS looked FROM head) AS all_of
			LEFT JOIN (SELECT * FROM head WHERE `+fits+`) AS found ON TRUE`,
		args...)
	if err != nil {
		return searchPlan{}, err
	}
	seen := searchPlan{exhausted: rows[0].Looked < x.search.probeSize}
	for _, row := range rows {
		if row.ID != "" { // else nothing matches
			seen.hits = append(seen.hits, row.queuePosition)
		}
	}
	slices.SortFunc(seen.hits, order.compare)
	if seen.walk = seen.exhausted || len(seen.hits) >= minProbeHits && x.search.probeSize > 0; seen.walk {
		return seen, nil
	}
	var n int
	hits, args := x.search.indexQuery(siteTerm(siteID), terms)
	err = x.get(ctx, &n, `SELECT COUNT(*) FROM (`+hits+` LIMIT ?) AS found`,
		append(args, x.search.maxIndexHits+1)...)
	seen.walk = n > x.search.maxIndexHits
	return seen, err
}

// countSearchHits counts the hits of a search up to limit. Where the list is walked, it counts only those at
// the head of the list; more reports that there may be others.
func (s *QueueStore) countSearchHits(
	ctx context.Context, sites []queueCondition, limit int,
) (total int, more bool, err error) {
	for _, c := range sites {
		n := len(c.plan.hits)
		if !c.plan.walk {
			if n, err = countMatches(ctx, s.executor, []queueCondition{c}, limit-total+1); err != nil {
				return 0, false, err
			}
		}
		more = more || c.plan.walk && !c.plan.exhausted
		if total += n; total > limit {
			return limit, true, nil
		}
	}
	return total, more, nil
}
