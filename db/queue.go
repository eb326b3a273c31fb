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

// QueueStore reads comments as moderators see them: lists, groups and counts. It writes nothing.
type QueueStore struct{ *core }

// sitesPerQuery bounds the sites that one statement reads; SQLite takes 500 at most.
const sitesPerQuery = 100

// queuePosition is a comment's position in every order.
type queuePosition struct {
	ID        ID      `db:"id"`
	SiteID    ID      `db:"site_id"`
	CreatedAt Time    `db:"created_at"`
	Risk      float64 `db:"risk"`
	Reports   int     `db:"open_reports"`
}

// queueOrder is an order of the queue, which is that of an index read forward or backward.
type queueOrder struct {
	compare func(a, b queuePosition) int
	start   queuePosition
	// after selects the rows behind a position. order is the ORDER BY list. In both, %[1]s is the column created_at
	// and %[2]s the column id.
	after, order string
}

var queueOrders = map[queue.Sort]queueOrder{
	queue.SortOldest: {
		after: `(%[1]s, %[2]s) > (?, ?)`, order: `%[1]s, %[2]s`,
		start:   queuePosition{CreatedAt: minTime},
		compare: func(a, b queuePosition) int { return a.compareTime(b) },
	},
	queue.SortNewest: {
		after: `(%[1]s, %[2]s) < (?, ?)`, order: `%[1]s DESC, %[2]s DESC`,
		start:   queuePosition{CreatedAt: maxTime},
		compare: func(a, b queuePosition) int { return b.compareTime(a) },
	},
	queue.SortRisk: {
		after: `(c.risk, c.id) < (?, ?)`, order: `c.risk DESC, c.id DESC`,
		start: queuePosition{Risk: math.MaxFloat64},
		compare: func(a, b queuePosition) int {
			return cmp.Or(cmp.Compare(b.Risk, a.Risk), cmp.Compare(b.ID, a.ID))
		},
	},
	queue.SortReports: {
		after: `(c.open_reports, c.id) < (?, ?)`, order: `c.open_reports DESC, c.id DESC`,
		start: queuePosition{Reports: math.MaxInt32},
		compare: func(a, b queuePosition) int {
			return cmp.Or(cmp.Compare(b.Reports, a.Reports), cmp.Compare(b.ID, a.ID))
		},
	},
}

func (p queuePosition) compareTime(q queuePosition) int {
	return cmp.Or(p.CreatedAt.time().Compare(q.CreatedAt.time()), cmp.Compare(p.ID, q.ID))
}

// sortValue is the first part of the sort key.
func (p queuePosition) sortValue(sort queue.Sort) any {
	switch sort {
	case queue.SortRisk:
		return p.Risk
	case queue.SortReports:
		return p.Reports
	}
	return p.CreatedAt
}

// maxPreparedTerms is up to how many terms a search is prepared: each number of terms has a text of its own.
const maxPreparedTerms = 2

// executorFor prepares the selections that moderators ask for most. The others come in too many texts.
func (s *QueueStore) executorFor(q queue.Select) executor {
	if q.FilterCount() > 1 || len(queue.ParseSearch(q.Search)) > maxPreparedTerms {
		return s.executor
	}
	return s.prepared
}

// Queue returns one page of the comments that match.
func (s *QueueStore) Queue(ctx context.Context, q queue.Select) ([]queue.Row, error) {
	conditions, err := queueConditions(ctx, s.executorFor(q), q)
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	rows, err := s.queuePage(ctx, q, conditions)
	return rows, wrap("read queue", err)
}

func (s *QueueStore) queuePage(ctx context.Context, q queue.Select, conditions []queueCondition,
) ([]queue.Row, error) {
	x := s.executorFor(q)
	if q.Search != "" && slices.ContainsFunc(conditions, func(c queueCondition) bool { return !c.plan.walk }) {
		x = s.executor // PostgreSQL estimates the hits of the index only when it plans with the words
	}
	positions, err := queuePositions(ctx, x, q, conditions)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(positions))
	for i, p := range positions {
		ids[i] = string(p.ID)
	}
	return queueRows(ctx, s.prepared, ids)
}

// queueSites returns the requested sites; no sites means all.
func queueSites(ctx context.Context, x executor, ids []string) ([]string, error) {
	if len(ids) > 0 {
		return ids, nil
	}
	return x.selectIDs(ctx, `SELECT id FROM sites`)
}

// queueConditions returns the condition for each site asked for.
func queueConditions(ctx context.Context, x executor, q queue.Select) ([]queueCondition, error) {
	sites, err := queueSites(ctx, x, q.SiteIDs)
	if err != nil {
		return nil, err
	}
	conditions := make([]queueCondition, len(sites))
	for i, site := range sites {
		if conditions[i], err = conditionFor(ctx, x, q, site); err != nil {
			return nil, err
		}
	}
	return conditions, nil
}

// positionColumns are those of a queuePosition, of a comment c.
const positionColumns = `c.id, c.site_id, c.created_at, c.risk, c.open_reports`

// queueKey returns the keyset for the page that follows.
func (p queuePosition) queueKey() *queue.Key {
	return &queue.Key{CreatedAt: p.CreatedAt.time(), Risk: p.Risk, Reports: p.Reports, ID: string(p.ID)}
}

// queuePositions finds the first comments over all sites.
func queuePositions(ctx context.Context, x executor, q queue.Select, sites []queueCondition,
) ([]queuePosition, error) {
	order, ok := queueOrders[q.Sort]
	if !ok {
		return nil, fmt.Errorf("no such order of the queue: %q", q.Sort)
	}
	var places []queuePosition
	for chunk := range slices.Chunk(sites, sitesPerQuery) {
		var branches []string
		var args []any
		for _, site := range chunk {
			rest := q
			if seen := site.plan; q.After == nil && seen.walk {
				places = append(places, seen.hits...)
				if seen.exhausted || len(seen.hits) >= q.Limit {
					continue
				}
				if n := len(seen.hits); n > 0 {
					rest.After, rest.Limit = seen.hits[n-1].queueKey(), q.Limit-n
				}
			}
			branch, of := queueBranch(rest, site)
			branches, args = append(branches,
				`SELECT id, site_id, created_at, risk, open_reports FROM (`+branch+`) AS site`), append(args, of...)
		}
		if len(branches) == 0 {
			continue
		}
		found := make([]queuePosition, 0, q.Limit)
		if err := x.selectAll(ctx, &found, strings.Join(branches, ` UNION ALL `), args...); err != nil {
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
		after = queuePosition{ID: ID(q.After.ID), CreatedAt: Time(q.After.CreatedAt), Risk: q.After.Risk,
			Reports: q.After.Reports}
	}
	c.and(c.withColumns(order.after), after.sortValue(q.Sort), after.ID)
	return `SELECT ` + positionColumns + ` FROM ` + c.from + ` WHERE ` + c.where +
		` ORDER BY ` + c.withColumns(order.order) + ` LIMIT ?`, append(c.args, q.Limit)
}
