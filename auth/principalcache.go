package auth

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// PrincipalCacheAge is the maximum age of a node's copy of moderators and ended sessions. Changes are
// broadcast to all nodes immediately; this bounds the effect of a lost message.
const PrincipalCacheAge = 5 * time.Second

// principalCache holds all moderators, and recently ended sessions whose access tokens are still valid. It is
// safe for concurrent use.
type principalCache struct {
	store AccountStore
	now   func() time.Time

	generation atomic.Uint64 // incremented by every invalidation
	current    atomic.Pointer[snapshot]
	loading    sync.Mutex
}

type snapshot struct {
	readAt     time.Time
	generation uint64 // cache generation when the read began
	moderators map[string]Moderator
	ended      map[string]bool
}

// invalidate makes the next request read the store.
func (c *principalCache) invalidate() { c.generation.Add(1) }

// fresh returns the snapshot, or nil when it has expired or was invalidated.
func (c *principalCache) fresh(now time.Time) *snapshot {
	snap := c.current.Load()
	if snap == nil || snap.generation != c.generation.Load() {
		return nil
	}
	// Treat snapshots from the future as expired: the clock moved back.
	if age := now.Sub(snap.readAt); age >= PrincipalCacheAge || age < 0 {
		return nil
	}
	return snap
}

// InvalidatePrincipals invalidates the cache after another node changed a moderator or a session.
func (s *Service) InvalidatePrincipals() { s.principals.invalidate() }

// find returns the moderator of an access token. Errors: ErrTokenInvalid if the moderator or the session
// is no longer active.
func (c *principalCache) find(ctx context.Context, who Identity) (Moderator, error) {
	snap, err := c.load(ctx)
	if err != nil {
		return Moderator{}, err
	}
	if _, there := snap.moderators[who.ModeratorID]; !there {
		// The token has our signature, so the moderator was added after the last read.
		c.invalidate()
		if snap, err = c.load(ctx); err != nil {
			return Moderator{}, err
		}
	}
	m, there := snap.moderators[who.ModeratorID]
	switch {
	case !there:
		return Moderator{}, fmt.Errorf("%w: its moderator is gone", ErrTokenInvalid)
	case !m.Active():
		return Moderator{}, fmt.Errorf("%w: its moderator is disabled", ErrTokenInvalid)
	case snap.ended[who.SessionID]:
		return Moderator{}, fmt.Errorf("%w: its session was ended", ErrTokenInvalid)
	}
	return m, nil
}

// load returns a fresh snapshot. One request reads the store while the others wait.
func (c *principalCache) load(ctx context.Context) (*snapshot, error) {
	if snap := c.fresh(c.now()); snap != nil {
		return snap, nil
	}
	c.loading.Lock()
	defer c.loading.Unlock()
	now := c.now()
	if snap := c.fresh(now); snap != nil {
		return snap, nil
	}
	next := &snapshot{
		readAt:     now,
		generation: c.generation.Load(),
		moderators: map[string]Moderator{},
		ended:      map[string]bool{},
	}
	moderators, err := c.store.Moderators(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range moderators {
		next.moderators[m.ID] = m
	}
	// Tokens of sessions that ended earlier have expired, even with clock drift.
	ended, err := c.store.EndedSessions(ctx, now.Add(-AccessTokenLife-2*clockLeeway))
	if err != nil {
		return nil, err
	}
	for _, id := range ended {
		next.ended[id] = true
	}
	c.current.Store(next)
	return next, nil
}
