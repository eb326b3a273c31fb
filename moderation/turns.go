package moderation

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// compileWait is how long a moderator's second document waits for the first: people double-click, and two
// tabs may send at the same time.
const compileWait = 2 * time.Second

// turns allows each user one operation at a time. The zero value is ready.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // by user; closed when the turn ends
}

// take begins a turn and returns a function that ends it. If the same user's other turn is not over, it waits
// for at most patience. Errors: ErrCompiling, or the context's.
func (t *turns) take(ctx context.Context, who string, patience time.Duration) (end func(), err error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		before := t.enter(who)
		if before == nil {
			return func() { t.leave(who) }, nil
		}
		select {
		case <-before:
		case <-timer.C:
			return nil, ErrCompiling
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for a turn: %w", context.Cause(ctx))
		}
	}
}

// enter takes the turn, or returns a channel that is closed when the previous turn ends.
func (t *turns) enter(who string) (before chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if before, busy := t.taken[who]; busy {
		return before
	}
	if t.taken == nil {
		t.taken = map[string]chan struct{}{}
	}
	t.taken[who] = make(chan struct{})
	return nil
}

func (t *turns) leave(who string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.taken[who])
	delete(t.taken, who)
}
