package db

import (
	"context"
	"errors"
	"sync"
	"time"

	"rejoinder/moderation"
)

const (
	// groupMost is how many share a group. With more, those that wait for it wait longer than sharing saves them.
	groupMost = 64
	// groupWaiting is how many may wait for a group. More are refused with ErrBusy: nobody would wait that long.
	groupWaiting = 1024
	// gatherers is how many groups of questions are asked at once.
	gatherers = 2
)

// Grouped names what requests want that are carried out together.
type Grouped string

// What is grouped.
const (
	GroupedSites       Grouped = "sites"       // to know a site
	GroupedFacts       Grouped = "facts"       // to know what bears on a submission
	GroupedSubmissions Grouped = "submissions" // to write one
	GroupedDecisions   Grouped = "decisions"   // to write one
)

// group carries out together what is asked for at the same time: one transaction, one question to the engine, instead of
// many. Whoever comes while no group is under way is carried out at once, alone; those who come meanwhile are the next
// group. Its goroutines end when nothing waits.
type group[T, R any] struct {
	// workers is how many groups may be under way at once. The second begins only when a whole group waits: large groups
	// cost less than many.
	workers int
	// together carries out items and returns as many outcomes, or an error that all of them share. It may be called
	// again with each of them alone, so a failure must leave nothing behind.
	together func(ctx context.Context, items []T) ([]outcome[R], error)
	// formed is told the size of each group.
	formed func(size int)

	mu      sync.Mutex
	waiting []*member[T, R]
	working int
}

func newGroup[T, R any](workers int, together func(context.Context, []T) ([]outcome[R], error), formed func(int)) *group[T, R] {
	return &group[T, R]{workers: workers, together: together, formed: formed}
}

// outcome is what became of one member of a group.
type outcome[R any] struct {
	result R
	err    error
}

type member[T, R any] struct {
	ctx  context.Context
	item T
	done chan outcome[R] // has room for one
}

// do carries out an item, in company if there is any, and returns what became of it. Whoever's ctx ends before their turn
// is left out; after that the item may or may not be carried out. ErrBusy when too many wait.
func (g *group[T, R]) do(ctx context.Context, item T) (R, error) {
	m := &member[T, R]{ctx: ctx, item: item, done: make(chan outcome[R], 1)}
	if !g.enter(m) {
		var none R
		return none, &sqlError{means: moderation.ErrBusy, text: "too many wait for the database"}
	}
	select {
	case o := <-m.done:
		return o.result, o.err
	case <-ctx.Done():
		var none R
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return none, &sqlError{means: moderation.ErrBusy, text: ctx.Err().Error()}
		}
		return none, ctx.Err()
	}
}

// enter lines a member up, and sees to it that somebody works.
func (g *group[T, R]) enter(m *member[T, R]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) >= groupWaiting {
		return false
	}
	g.waiting = append(g.waiting, m)
	if g.working == 0 || g.working < g.workers && len(g.waiting) >= groupMost {
		g.working++
		go g.work()
	}
	return true
}

// work carries out one group after the other until nobody waits.
func (g *group[T, R]) work() {
	for {
		members := g.next()
		if members == nil {
			return
		}
		g.formed(len(members))
		g.carryOut(members)
	}
}

// next takes those who have waited longest, or ends the work.
func (g *group[T, R]) next() []*member[T, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	var members []*member[T, R]
	for len(g.waiting) > 0 && len(members) < groupMost {
		if m := g.waiting[0]; m.ctx.Err() == nil {
			members = append(members, m)
		}
		g.waiting[0] = nil
		g.waiting = g.waiting[1:]
	}
	if len(members) == 0 {
		g.working--
	}
	return members
}

// carryOut answers every member. When a group fails for another reason than that the database is not to be had, one of
// them is to blame, and each is tried alone.
func (g *group[T, R]) carryOut(members []*member[T, R]) {
	items := make([]T, len(members))
	for i, m := range members {
		items[i] = m.item
	}
	ctx, cancel := shared(members)
	defer cancel()
	outcomes, err := g.together(ctx, items)
	switch {
	case err == nil:
		for i, m := range members {
			m.done <- outcomes[i]
		}
	case len(members) == 1 || errors.Is(err, moderation.ErrBusy):
		for _, m := range members {
			m.done <- outcome[R]{err: err}
		}
	default:
		for _, m := range members {
			g.carryOut([]*member[T, R]{m})
		}
	}
}

// shared is a context for work that several wait for: it ends at the last of their deadlines, not when one of them leaves.
func shared[T, R any](members []*member[T, R]) (context.Context, context.CancelFunc) {
	ctx := context.WithoutCancel(members[0].ctx)
	var last time.Time
	for _, m := range members {
		deadline, ok := m.ctx.Deadline()
		if !ok {
			return context.WithCancel(ctx)
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return context.WithDeadline(ctx, last)
}
