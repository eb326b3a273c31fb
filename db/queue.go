package db

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"rejoinder/moderation"
)

// sitesAtOnce bounds how many sites one statement reads; SQLite takes 500 at most.
const sitesAtOnce = 100

// queuePlace is where a comment stands in every order.
type queuePlace struct {
	ID        string  `db:"id"`
	SiteID    string  `db:"site_id"`
	CreatedAt Time    `db:"created_at"`
	Risk      float64 `db:"risk"`
	Version   int     `db:"version"`
}

// queueOrder is one order of the queue: each is that of an index, read forward or backward.
type queueOrder struct {
	compare func(a, b queuePlace) int
	start   queuePlace
	// after is what comes behind a place, and order the order; %[1]s stands for created_at and %[2]s for id.
	after, order string
}

var queueOrders = map[moderation.QueueSort]queueOrder{
	moderation.QueueOldest: {
		after: `(%[1]s, %[2]s) > (?, ?)`, order: `%[1]s, %[2]s`,
		start:   queuePlace{CreatedAt: begin},
		compare: func(a, b queuePlace) int { return a.compareTime(b) },
	},
	moderation.QueueNewest: {
		after: `(%[1]s, %[2]s) < (?, ?)`, order: `%[1]s DESC, %[2]s DESC`,
		start:   queuePlace{CreatedAt: endOfTime},
		compare: func(a, b queuePlace) int { return b.compareTime(a) },
	},
	moderation.QueueRisk: {
		after: `(c.risk, c.id) < (?, ?)`, order: `c.risk DESC, c.id DESC`,
		start: queuePlace{Risk: math.MaxFloat64},
		compare: func(a, b queuePlace) int {
			return cmp.Or(cmp.Compare(b.Risk, a.Risk), cmp.Compare(b.ID, a.ID))
		},
	},
}

func (p queuePlace) compareTime(q queuePlace) int {
	return cmp.Or(p.CreatedAt.time().Compare(q.CreatedAt.time()), cmp.Compare(p.ID, q.ID))
}

// key is the first part of the place in an order.
func (p queuePlace) key(sort moderation.QueueSort) any {
	if sort == moderation.QueueRisk {
		return p.Risk
	}
	return p.CreatedAt
}

// Queue returns one page of the comments that match.
func (d *DB) Queue(ctx context.Context, q moderation.QueueSelect) ([]moderation.QueueRow, error) {
	places, err := d.queuePlaces(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = p.ID
	}
	rows, err := d.queueRows(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	return rows, nil
}

// QueueVersions returns one page of the comments that match with no more than what a decision needs to know of them.
func (d *DB) QueueVersions(ctx context.Context, q moderation.QueueSelect) ([]moderation.QueueVersion, error) {
	places, err := d.queuePlaces(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read versions of the queue: %w", err)
	}
	versions := make([]moderation.QueueVersion, len(places))
	for i, p := range places {
		versions[i] = moderation.QueueVersion{Version: p.Version,
			Key: moderation.QueueKey{CreatedAt: p.CreatedAt.time(), Risk: p.Risk, ID: p.ID}}
	}
	return versions, nil
}

// queueSites returns the sites asked for; none asks for all.
func (s session) queueSites(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) > 0 {
		return ids, nil
	}
	var all []string
	err := s.all(ctx, &all, `SELECT id FROM sites`)
	return all, err
}

// queuePlaces finds the first comments over all sites in the order asked for.
func (s session) queuePlaces(ctx context.Context, q moderation.QueueSelect) ([]queuePlace, error) {
	order, ok := queueOrders[q.Sort]
	if !ok {
		return nil, fmt.Errorf("no such order of the queue: %q", q.Sort)
	}
	sites, err := s.queueSites(ctx, q.SiteIDs)
	if err != nil {
		return nil, err
	}
	var places []queuePlace
	for chunk := range slices.Chunk(sites, sitesAtOnce) {
		var branches []string
		var args []any
		for _, site := range chunk {
			branch, of, err := s.queueBranch(ctx, q, site)
			if err != nil {
				return nil, err
			}
			branches, args = append(branches, `SELECT id, site_id, created_at, risk, version FROM (`+branch+`) AS site`), append(args, of...)
		}
		var found []queuePlace
		if err := s.allIn(ctx, &found, strings.Join(branches, ` UNION ALL `), args...); err != nil {
			return nil, err
		}
		places = append(places, found...)
	}
	slices.SortFunc(places, order.compare)
	return places[:min(q.Limit, len(places))], nil
}

// queueBranch selects the first comments of one site.
func (s session) queueBranch(ctx context.Context, q moderation.QueueSelect, siteID string) (string, []any, error) {
	order := queueOrders[q.Sort]
	after := order.start
	if q.After != nil {
		after = queuePlace{ID: q.After.ID, CreatedAt: Time(q.After.CreatedAt), Risk: q.After.Risk}
	}
	c, err := s.queueConditionOf(ctx, q, siteID)
	if err != nil {
		return "", nil, err
	}
	named := strings.NewReplacer(`%[1]s`, c.createdAt, `%[2]s`, c.id)
	c.and(named.Replace(order.after), after.key(q.Sort), after.ID)
	return `SELECT c.id, c.site_id, c.created_at, c.risk, c.version FROM ` + c.from + ` WHERE ` + c.where +
		` ORDER BY ` + named.Replace(order.order) + ` LIMIT ?`, append(c.args, q.Limit), nil
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
			c, err := d.queueConditionOf(ctx, q, site)
			if err != nil {
				return 0, fmt.Errorf("count matches: %w", err)
			}
			branches = append(branches, `SELECT id FROM (SELECT c.id FROM `+c.from+` WHERE `+c.where+` LIMIT ?) AS site`)
			args = append(append(args, c.args...), limit-total)
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
