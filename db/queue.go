package db

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"rejoinder/moderation/queue"
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

var queueOrders = map[queue.Sort]queueOrder{
	queue.SortOldest: {
		after: `(%[1]s, %[2]s) > (?, ?)`, order: `%[1]s, %[2]s`,
		start:   queuePlace{CreatedAt: begin},
		compare: func(a, b queuePlace) int { return a.compareTime(b) },
	},
	queue.SortNewest: {
		after: `(%[1]s, %[2]s) < (?, ?)`, order: `%[1]s DESC, %[2]s DESC`,
		start:   queuePlace{CreatedAt: endOfTime},
		compare: func(a, b queuePlace) int { return b.compareTime(a) },
	},
	queue.SortRisk: {
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
func (p queuePlace) key(sort queue.Sort) any {
	if sort == queue.SortRisk {
		return p.Risk
	}
	return p.CreatedAt
}

// reading runs a query with ? for parameters, of which slices stand for lists, and reads all its rows.
type reading func(ctx context.Context, dest any, query string, args ...any) error

// keptTerms is up to how many terms the statements of a search are kept: each number of terms is a statement
// of its own.
const keptTerms = 2

// readingOf keeps the statements of the selections that moderators mostly ask for. There are too many others.
func (d *DB) readingOf(q queue.Select) reading {
	if q.FilterCount() > 1 || len(queue.ParseSearch(q.Search)) > keptTerms {
		return d.allIn
	}
	return d.allInKept
}

// Queue returns one page of the comments that match.
func (d *DB) Queue(ctx context.Context, q queue.Select) ([]queue.Row, error) {
	conditions, err := d.queueConditions(ctx, q, d.readingOf(q))
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	rows, err := d.queueList(ctx, q, conditions)
	return rows, wrap("read queue", err)
}

func (d *DB) queueList(
	ctx context.Context,
	q queue.Select,
	conditions []queueCondition,
) ([]queue.Row, error) {
	read := d.readingOf(q)
	if q.Search != "" && slices.ContainsFunc(conditions, func(c queueCondition) bool { return !c.seen.common }) {
		read = d.allIn // how many matches the index of words has, PostgreSQL knows only with the words
	}
	places, err := queuePlaces(ctx, q, conditions, read)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = p.ID
	}
	return d.queueRows(ctx, ids)
}

// QueueVersions returns one page of the comments that match with no more than what a decision needs to know
// of them.
func (d *DB) QueueVersions(ctx context.Context, q queue.Select) ([]queue.QueueVersion, error) {
	conditions, err := d.queueConditions(ctx, q, d.readingOf(q))
	if err != nil {
		return nil, fmt.Errorf("read versions of the queue: %w", err)
	}
	places, err := queuePlaces(ctx, q, conditions, d.allIn)
	if err != nil {
		return nil, fmt.Errorf("read versions of the queue: %w", err)
	}
	versions := make([]queue.QueueVersion, len(places))
	for i, p := range places {
		versions[i] = queue.QueueVersion{Version: p.Version, Key: *p.behind()}
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

// queueConditions returns the condition for each site asked for.
func (s session) queueConditions(
	ctx context.Context,
	q queue.Select,
	read reading,
) ([]queueCondition, error) {
	sites, err := s.queueSites(ctx, q.SiteIDs)
	if err != nil {
		return nil, err
	}
	conditions := make([]queueCondition, len(sites))
	for i, site := range sites {
		if conditions[i], err = s.queueConditionOf(ctx, q, site, read); err != nil {
			return nil, err
		}
	}
	return conditions, nil
}

// placeColumns are those of a queuePlace, of a comment c.
const placeColumns = `c.id, c.site_id, c.created_at, c.risk, c.version`

// behind names the place for what comes after it.
func (p queuePlace) behind() *queue.Key {
	return &queue.Key{CreatedAt: p.CreatedAt.time(), Risk: p.Risk, ID: p.ID}
}

// queuePlaces finds the first comments over all sites in the order asked for.
func queuePlaces(
	ctx context.Context,
	q queue.Select,
	sites []queueCondition,
	read reading,
) ([]queuePlace, error) {
	order, ok := queueOrders[q.Sort]
	if !ok {
		return nil, fmt.Errorf("no such order of the queue: %q", q.Sort)
	}
	var places []queuePlace
	for chunk := range slices.Chunk(sites, sitesAtOnce) {
		var branches []string
		var args []any
		for _, site := range chunk {
			rest := q
			if seen := site.seen; q.After == nil && seen.common {
				places = append(places, seen.found...)
				if seen.whole || len(seen.found) >= q.Limit {
					continue
				}
				if n := len(seen.found); n > 0 {
					rest.After, rest.Limit = seen.found[n-1].behind(), q.Limit-n
				}
			}
			branch, of := queueBranch(rest, site)
			branches, args = append(
				branches,
				`SELECT id, site_id, created_at, risk, version FROM (`+branch+`) AS site`,
			), append(
				args,
				of...)
		}
		if len(branches) == 0 {
			continue
		}
		found := make([]queuePlace, 0, q.Limit)
		if err := read(ctx, &found, strings.Join(branches, ` UNION ALL `), args...); err != nil {
			return nil, err
		}
		places = append(places, found...)
	}
	slices.SortFunc(places, order.compare)
	return places[:min(q.Limit, len(places))], nil
}

// queueBranch selects the first comments of one site.
func queueBranch(q queue.Select, c queueCondition) (string, []any) {
	order := queueOrders[q.Sort]
	after := order.start
	if q.After != nil {
		after = queuePlace{ID: q.After.ID, CreatedAt: Time(q.After.CreatedAt), Risk: q.After.Risk}
	}
	c.and(c.named(order.after), after.key(q.Sort), after.ID)
	return `SELECT ` + placeColumns + ` FROM ` + c.from + ` WHERE ` + c.where +
		` ORDER BY ` + c.named(order.order) + ` LIMIT ?`, append(c.args, q.Limit)
}
