package moderation

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// compileWait is how long a moderator's second document waits for the first: people press a button twice, and two tabs
// may ask at once.
const compileWait = 2 * time.Second

// turns lets everybody do one thing at a time. The zero value is ready.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // by who; closed when the turn ends
}

// take begins a turn and returns what ends it. While another one of the same person's lasts, it waits for at most patience.
// Errors: ErrCompiling, or that of ctx.
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

// enter takes the turn, or returns what is closed when the one before ends.
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
