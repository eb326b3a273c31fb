package db

import (
	"context"

	"rejoinder/moderation"
)

// searchRare is up to how many matches on a site a search is answered from its own index: they are then looked up and sorted,
// which bounds a page by that many look-ups.
const searchRare = 10_000

// narrow adds what a search asks for. A search with few matches, which it reports as rare, makes these the driving
// table. With more, the comments are visited in the order asked for and each is looked at, until the page is full: the more common
// the words are, the sooner that is.
func (s session) narrow(ctx context.Context, c *queueCondition, q moderation.QueueSelect, siteID string) (rare bool, err error) {
	if q.Search == "" {
		return false, nil
	}
	terms := moderation.ParseSearch(q.Search)
	if len(terms) == 0 {
		c.and(`1 = 0`)
		return false, nil
	}
	expression := s.search.expression(siteWord(siteID), terms)
	var n int
	err = s.getIn(ctx, &n, `SELECT COUNT(*) FROM (`+s.search.found+` LIMIT ?) AS found`, expression, s.search.rare+1)
	if err != nil {
		return false, err
	}
	if n > s.search.rare {
		c.and(s.search.fits, expression)
		return false, nil
	}
	// The limit keeps PostgreSQL from taking this apart.
	c.from = `(` + s.search.found + ` LIMIT ?) AS m CROSS JOIN comments c`
	c.args = append(c.args, expression, s.search.rare+1) // before those of the conditions
	c.and(`c.id = m.comment_id`)
	return true, nil
}
