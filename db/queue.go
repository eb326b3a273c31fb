package db

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"rejoinder/moderation"
)

// sitesAtOnce bounds how many sites one statement reads; SQLite takes 500 at most.
const sitesAtOnce = 100

// queueOrder is one order of the queue: each is that of an index, read forward or backward.
type queueOrder struct {
	less  func(a, b queuePlace) bool
	query string // of one site; %s stands for further conditions
	start queuePlace
}

// queuePlace is where a comment stands in every order.
type queuePlace struct {
	ID        string  `db:"id"`
	CreatedAt Time    `db:"created_at"`
	Score     float64 `db:"score"`
}

var queueOrders = map[moderation.QueueSort]queueOrder{
	moderation.QueueOldest: {
		query: `SELECT id, created_at, score FROM comments
			WHERE site_id = ? AND status = ?%s AND (created_at, id) > (?, ?)
			ORDER BY created_at, id LIMIT ?`,
		start: queuePlace{CreatedAt: begin},
		less:  func(a, b queuePlace) bool { return a.before(b) },
	},
	moderation.QueueNewest: {
		query: `SELECT id, created_at, score FROM comments
			WHERE site_id = ? AND status = ?%s AND (created_at, id) < (?, ?)
			ORDER BY created_at DESC, id DESC LIMIT ?`,
		start: queuePlace{CreatedAt: endOfTime},
		less:  func(a, b queuePlace) bool { return b.before(a) },
	},
	moderation.QueueRisk: {
		query: `SELECT id, created_at, score FROM comments
			WHERE site_id = ? AND status = ?%s AND (score, id) < (?, ?)
			ORDER BY score DESC, id DESC LIMIT ?`,
		start: queuePlace{Score: math.MaxFloat64},
		less: func(a, b queuePlace) bool {
			return a.Score > b.Score || a.Score == b.Score && a.ID > b.ID
		},
	},
}

func (p queuePlace) before(q queuePlace) bool {
	if c := p.CreatedAt.time().Compare(q.CreatedAt.time()); c != 0 {
		return c < 0
	}
	return p.ID < q.ID
}

// Queue returns one page of comments of a status.
func (d *DB) Queue(ctx context.Context, q moderation.QueueSelect) ([]moderation.QueueRow, error) {
	sites, err := d.queueSites(ctx, q.SiteIDs)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	var places []queuePlace
	for chunk := range slices.Chunk(sites, sitesAtOnce) {
		found, err := d.queuePlaces(ctx, chunk, q)
		if err != nil {
			return nil, fmt.Errorf("read queue: %w", err)
		}
		places = append(places, found...)
	}
	order := queueOrders[q.Sort]
	slices.SortFunc(places, func(a, b queuePlace) int {
		switch {
		case order.less(a, b):
			return -1
		case order.less(b, a):
			return 1
		}
		return 0
	})
	ids := make([]string, 0, q.Limit)
	for _, p := range places[:min(q.Limit, len(places))] {
		ids = append(ids, p.ID)
	}
	rows, err := d.queueRows(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	return rows, nil
}

// QueueMatches counts the comments that match, but no further than limit.
func (d *DB) QueueMatches(ctx context.Context, q moderation.QueueSelect, limit int) (int, error) {
	sites, err := d.queueSites(ctx, q.SiteIDs)
	if err != nil {
		return 0, fmt.Errorf("count matches: %w", err)
	}
	total := 0
	for chunk := range slices.Chunk(sites, sitesAtOnce) {
		var branches []string
		var args []any
		for _, site := range chunk {
			branches = append(branches, `SELECT id FROM (SELECT id FROM comments WHERE site_id = ? AND status = ?`+further(q)+` LIMIT ?) AS site`)
			args = append(args, site, string(q.Status), limit-total)
		}
		var n int
		err := d.getIn(ctx, &n, `SELECT COUNT(*) FROM (`+strings.Join(branches, ` UNION ALL `)+`) AS found`, args...)
		if err != nil {
			return 0, fmt.Errorf("count matches: %w", err)
		}
		if total = min(limit, total+n); total == limit {
			break
		}
	}
	return total, nil
}

// further are the conditions of a selection besides site and status.
func further(q moderation.QueueSelect) string {
	if q.Reported {
		// As in the index comments_reported.
		return ` AND open_reports > 0`
	}
	return ""
}

// queueSites returns the sites asked for; none asks for all.
func (d *DB) queueSites(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) > 0 {
		return ids, nil
	}
	var all []string
	err := d.all(ctx, &all, `SELECT id FROM sites`)
	return all, err
}

// queuePlaces finds the first comments of each site in the order asked for, which an index has ready.
func (d *DB) queuePlaces(ctx context.Context, sites []string, q moderation.QueueSelect) ([]queuePlace, error) {
	order, ok := queueOrders[q.Sort]
	if !ok {
		return nil, fmt.Errorf("no such order of the queue: %q", q.Sort)
	}
	after := order.start
	if q.After != nil {
		after = queuePlace{ID: q.After.ID, CreatedAt: Time(q.After.CreatedAt), Score: q.After.Score}
	}
	query := fmt.Sprintf(order.query, further(q))
	var branches []string
	var args []any
	for _, site := range sites {
		branches = append(branches, `SELECT id, created_at, score FROM (`+query+`) AS site`)
		args = append(args, site, string(q.Status), after.key(q.Sort), after.ID, q.Limit)
	}
	var places []queuePlace
	err := d.allIn(ctx, &places, strings.Join(branches, ` UNION ALL `), args...)
	return places, err
}

// key is the first part of the place in an order.
func (p queuePlace) key(sort moderation.QueueSort) any {
	if sort == moderation.QueueRisk {
		return p.Score
	}
	return p.CreatedAt
}

// QueueRow returns one comment with its surroundings. ErrNotFound.
func (d *DB) QueueRow(ctx context.Context, commentID string) (moderation.QueueRow, error) {
	rows, err := d.queueRows(ctx, []string{commentID})
	if err == nil && len(rows) == 0 {
		err = moderation.ErrNotFound
	}
	if err != nil {
		return moderation.QueueRow{}, fmt.Errorf("read comment for moderation: %w", err)
	}
	return rows[0], nil
}

// queueRows reads comments with their surroundings, in the order of ids.
func (d *DB) queueRows(ctx context.Context, ids []string) ([]moderation.QueueRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var found []struct {
		Comment    commentRow    `db:"comment"`
		Submission submissionRow `db:"submission"`
		Article    articleRow    `db:"article"`
		SiteSlug   string        `db:"site_slug"`
		SiteName   string        `db:"site_name"`
	}
	err := d.allIn(ctx, &found, `
		SELECT `+prefixed("c", "comment", commentColumns)+`, `+prefixed("s", "submission", submissionColumns)+`,
			`+prefixed("a", "article", articleColumns)+`, t.slug AS site_slug, t.name AS site_name
		FROM comments c
			JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
			JOIN articles a ON a.id = c.article_id
			JOIN sites t ON t.id = c.site_id
		WHERE c.id IN (?)`, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]moderation.QueueRow, len(found))
	for i, f := range found {
		article, err := f.Article.article()
		if err != nil {
			return nil, err
		}
		rows[i] = moderation.QueueRow{
			Comment: f.Comment.comment(), Submission: f.Submission.submission(), Article: article,
			Site: moderation.Site{ID: f.Comment.SiteID, Slug: f.SiteSlug, Name: f.SiteName},
		}
	}
	slices.SortFunc(rows, func(a, b moderation.QueueRow) int {
		return slices.Index(ids, a.Comment.ID) - slices.Index(ids, b.Comment.ID)
	})
	return rows, nil
}
