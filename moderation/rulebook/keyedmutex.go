package rulebook

import (
	"context"
	"fmt"
	"sync"
	"time"

	"rejoinder/moderation"
)

// compileWait is how long a moderator's second document waits for the first. People double-click, and two
// tabs may send at the same time.
const compileWait = 2 * time.Second

// keyedMutex is a mutex per key. The zero value is unlocked.
type keyedMutex struct {
	mu     sync.Mutex
	locked map[string]chan struct{} // by key; closed on unlock
}

// lock locks a key and returns a function to unlock it. It waits for at most patience. Errors: ErrCompiling,
// or the context's.
func (m *keyedMutex) lock(ctx context.Context, key string, patience time.Duration) (unlock func(), err error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		held := m.tryLock(key)
		if held == nil {
			return func() { m.unlock(key) }, nil
		}
		select {
		case <-held:
		case <-timer.C:
			return nil, moderation.ErrCompiling
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the moderator's other document: %w", context.Cause(ctx))
		}
	}
}

// tryLock locks a key, or returns a channel that is closed when its holder unlocks it.
func (m *keyedMutex) tryLock(key string) (held chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if held, ok := m.locked[key]; ok {
		return held
	}
	if m.locked == nil {
		m.locked = map[string]chan struct{}{}
	}
	m.locked[key] = make(chan struct{})
	return nil
}

func (m *keyedMutex) unlock(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.locked[key])
	delete(m.locked, key)
}
