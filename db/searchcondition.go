package db

import (
	"context"
	"slices"

	"rejoinder/moderation/queue"
)

// How a search finds out which way is shorter.
const (
	// searchHead is how many comments at the head of a list are looked at.
	searchHead = 300
	// searchCommon is how many of these must match for the list itself to fill a page soon.
	searchCommon = 4
	// searchRare is up to how many matches on a site a search is answered from its own index: they are then
	// looked up and sorted, which bounds a page by that many look-ups.
	searchRare = 10_000
)

// sight is what is known of a search on one site before it is carried out.
type sight struct {
	found  []queuePlace // comments at the head of the list that match, in its order
	whole  bool         // the list has no more than that head
	common bool         // the list is gone through in its order, each comment looked at; otherwise the index drives
}

// searchConditionOf is the condition of a search. Whichever way it goes, the more common the words are, the
// sooner a page is full.
func (s session) searchConditionOf(
	ctx context.Context,
	q queue.Select,
	siteID string,
	read reading,
) (queueCondition, error) {
	c := filterCondition(q, siteID, false)
	terms := queue.ParseSearch(q.Search)
	if len(terms) == 0 {
		c.and(`1 = 0`)
		c.seen = sight{whole: true, common: true}
		return c, nil
	}
	seen, err := s.look(ctx, q, siteID, read)
	if err != nil {
		return c, err
	}
	if seen.common {
		fits, args := s.search.fits(`c.id`, siteWord(siteID), terms)
		c.and(fits, args...)
		c.seen = seen
		return c, nil
	}
	c = filterCondition(q, siteID, true)
	c.seen = seen
	// The limit keeps PostgreSQL from taking this apart.
	c.from = `(` + s.search.found + ` LIMIT ?) AS m CROSS JOIN comments c`
	c.args = append(
		[]any{s.search.expression(siteWord(siteID), terms), s.search.rare + 1},
		c.args...) // before those of the conditions
	c.and(`c.id = m.comment_id`)
	return c, nil
}

// look visits the head of the list that is searched; what matches there begins the first page. An engine may
// have to gather all matches of a common word or of the beginning of words before it knows the first one, so
// the index is asked only when matches are few there.
func (s session) look(ctx context.Context, q queue.Select, siteID string, read reading) (sight, error) {
	var rows []struct {
		Looked int `db:"looked"`
		queuePlace
	}
	terms, list := queue.ParseSearch(q.Search), filterCondition(q, siteID, false)
	order, ok := queueOrders[q.Sort]
	if !ok {
		order = queueOrders[queue.SortNewest]
	}
	fits, words := s.search.fits(`head.id`, siteWord(siteID), terms)
	args := append(append(list.args, s.search.head, begin), words...)
	err := read(ctx, &rows, `
		WITH head AS (SELECT `+placeColumns+` FROM `+list.from+` WHERE `+list.where+` ORDER BY `+list.named(order.order)+` LIMIT ?)
		SELECT all_of.looked, COALESCE(found.id, '') AS id, COALESCE(found.site_id, '') AS site_id, COALESCE(found.created_at, ?) AS created_at,
			COALESCE(found.risk, 0) AS risk, COALESCE(found.version, 0) AS version
		FROM (SELECT COUNT(*) AS looked FROM head) AS all_of LEFT JOIN (SELECT * FROM head WHERE `+fits+`) AS found ON TRUE`, args...)
	if err != nil {
		return sight{}, err
	}
	seen := sight{whole: rows[0].Looked < s.search.head}
	for _, row := range rows {
		if row.ID != "" { // else nothing matches
			seen.found = append(seen.found, row.queuePlace)
		}
	}
	slices.SortFunc(seen.found, order.compare)
	if seen.common = seen.whole || len(seen.found) >= searchCommon && s.search.head > 0; seen.common {
		return seen, nil
	}
	var n int
	err = s.getIn(ctx, &n, `SELECT COUNT(*) FROM (`+s.search.found+` LIMIT ?) AS found`,
		s.search.expression(siteWord(siteID), terms), s.search.rare+1)
	seen.common = n > s.search.rare
	return seen, err
}

// searchTotal counts the matches of a search, but no further than limit. Of words that are common it knows
// only how many there are at the head of each site's list: more says that there may be others.
func (d *DB) searchTotal(ctx context.Context, sites []queueCondition, limit int) (total int, more bool, err error) {
	for _, c := range sites {
		n := len(c.seen.found)
		if !c.seen.common {
			if n, err = d.matches(ctx, []queueCondition{c}, limit-total+1, d.allIn); err != nil {
				return 0, false, err
			}
		}
		more = more || c.seen.common && !c.seen.whole
		if total += n; total > limit {
			return limit, true, nil
		}
	}
	return total, more, nil
}
