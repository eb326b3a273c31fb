package batch

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// maxSize is the most calls that one batch has. In larger batches, waiting costs more than sharing saves.
	maxSize = 64
	// maxWaiting is the most calls that wait for a batch. Calls beyond it fail with ErrFull.
	maxWaiting = 1024
)

var (
	// ErrFull means that too many calls are waiting.
	ErrFull = errors.New("too many calls are waiting")
	// ErrNotRun means that the caller's context ended before the result was there. It wraps the context's error.
	ErrNotRun = errors.New("gave up waiting for the batch")
)

// Result is the outcome of one call.
type Result[R any] struct {
	Value R
	Err   error
}

// Config says how a Batcher executes its calls.
type Config[T, R any] struct {
	// Workers is how many batches may run at once. The second starts only if a whole batch waits, because large
	// batches cost less than many.
	Workers int
	// Exec executes items and returns one result for each, or an error for all of them. After an error that is
	// not Shared it is called again with each item alone, so a failed call must leave nothing behind.
	Exec func(ctx context.Context, items []T) ([]Result[R], error)
	// Shared reports whether an error concerns every item alike, as when the database does not answer.
	Shared func(error) bool
	// Observe receives the size of each batch.
	Observe func(size int)
}

// Batcher executes calls in batches. While no batch runs, a call is executed at once, alone; calls that
// arrive meanwhile form the next batch. Its goroutines end when no call waits.
type Batcher[T, R any] struct {
	config Config[T, R]

	mu      sync.Mutex
	waiting []*call[T, R]
	working int
}

type call[T, R any] struct {
	ctx  context.Context
	item T
	done chan Result[R] // has room for one
}

// New returns a Batcher that has nothing to do yet.
func New[T, R any](c Config[T, R]) *Batcher[T, R] { return &Batcher[T, R]{config: c} }

// Do executes an item, together with others if there are any, and returns its result. If ctx ends before its
// batch starts, the item is not executed; if it ends later, the item may or may not be. Errors: those of
// Exec, ErrFull, ErrNotRun.
func (b *Batcher[T, R]) Do(ctx context.Context, item T) (R, error) {
	c := &call[T, R]{ctx: ctx, item: item, done: make(chan Result[R], 1)}
	var none R
	if !b.enqueue(c) {
		return none, ErrFull
	}
	select {
	case r := <-c.done:
		return r.Value, r.Err
	case <-ctx.Done():
		return none, errors.Join(ErrNotRun, ctx.Err())
	}
}

// enqueue adds a call, and starts a worker if one is needed. It reports whether there was room.
func (b *Batcher[T, R]) enqueue(c *call[T, R]) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) >= maxWaiting {
		return false
	}
	b.waiting = append(b.waiting, c)
	if b.working == 0 || b.working < b.config.Workers && len(b.waiting) >= maxSize {
		b.working++
		go b.work()
	}
	return true
}

// work executes one batch after the other until no call waits.
func (b *Batcher[T, R]) work() {
	for {
		calls := b.next()
		if calls == nil {
			return
		}
		b.config.Observe(len(calls))
		b.execute(calls)
	}
}

// next takes the calls that have waited longest. Without any, it ends the worker and returns nil.
func (b *Batcher[T, R]) next() []*call[T, R] {
	b.mu.Lock()
	defer b.mu.Unlock()
	var calls []*call[T, R]
	for len(b.waiting) > 0 && len(calls) < maxSize {
		if c := b.waiting[0]; c.ctx.Err() == nil {
			calls = append(calls, c)
		}
		b.waiting[0] = nil
		b.waiting = b.waiting[1:]
	}
	if len(calls) == 0 {
		b.working--
	}
	return calls
}

// execute runs calls as one batch and delivers their results.
func (b *Batcher[T, R]) execute(calls []*call[T, R]) {
	items := make([]T, len(calls))
	for i, c := range calls {
		items[i] = c.item
	}
	ctx, cancel := lastDeadline(calls)
	defer cancel()
	for i, r := range b.Run(ctx, items) {
		calls[i].done <- r
	}
}

// Run executes items as one batch, without waiting, and returns a result for each. If the batch fails because
// of one of them, each is executed alone.
func (b *Batcher[T, R]) Run(ctx context.Context, items []T) []Result[R] {
	results, err := b.config.Exec(ctx, items)
	if err == nil {
		return results
	}
	results = make([]Result[R], len(items))
	for i := range items {
		if len(items) == 1 || b.config.Shared(err) {
			results[i].Err = err
		} else {
			results[i] = b.Run(ctx, items[i:i+1])[0]
		}
	}
	return results
}

// lastDeadline returns a context for work that several callers wait for: it ends at the last of their
// deadlines, and not when one of them leaves.
func lastDeadline[T, R any](calls []*call[T, R]) (context.Context, context.CancelFunc) {
	ctx := context.WithoutCancel(calls[0].ctx)
	var last time.Time
	for _, c := range calls {
		deadline, ok := c.ctx.Deadline()
		if !ok {
			return context.WithCancel(ctx)
		}
		if deadline.After(last) {
			last = deadline
		}
	}
	return context.WithDeadline(ctx, last)
}
