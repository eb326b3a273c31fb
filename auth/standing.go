package auth

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// StandingAge is how old a node's knowledge of moderators and ended sessions may be. A change is told to
// every node at once; this heals what was not heard.
const StandingAge = 5 * time.Second

// standing is what a node knows of all moderators, and of the sessions that ended while their access tokens
// still live. The zero value knows nothing yet. It is safe for concurrent use.
type standing struct {
	changes atomic.Uint64 // how many were heard of
	current atomic.Pointer[snapshot]
	reading sync.Mutex
}

type snapshot struct {
	readAt     time.Time
	changes    uint64 // how many had been heard of when the reading began
	moderators map[string]Moderator
	ended      map[string]bool
}

// forget has the next request ask the store.
func (st *standing) forget() { st.changes.Add(1) }

// fresh returns what is known, unless it is too old or something was changed since.
func (st *standing) fresh(now time.Time) *snapshot {
	known := st.current.Load()
	if known == nil || known.changes != st.changes.Load() {
		return nil
	}
	// A clock that was set back makes no knowledge last.
	if age := now.Sub(known.readAt); age >= StandingAge || age < 0 {
		return nil
	}
	return known
}

// StandingChanged says that a moderator or a session was changed elsewhere: the next request reads them
// again.
func (s *Service) StandingChanged() { s.standing.forget() }

// standingOf finds the moderator of an access token; ErrTokenInvalid when that one may not use it any more.
func (s *Service) standingOf(ctx context.Context, who Identity) (Moderator, error) {
	known, err := s.known(ctx)
	if err != nil {
		return Moderator{}, err
	}
	if _, there := known.moderators[who.ModeratorID]; !there {
		// Our own signature says that there is one: they came after the last reading.
		s.standing.forget()
		if known, err = s.known(ctx); err != nil {
			return Moderator{}, err
		}
	}
	m, there := known.moderators[who.ModeratorID]
	switch {
	case !there:
		return Moderator{}, fmt.Errorf("%w: its moderator is gone", ErrTokenInvalid)
	case !m.Active():
		return Moderator{}, fmt.Errorf("%w: its moderator is disabled", ErrTokenInvalid)
	case known.ended[who.SessionID]:
		return Moderator{}, fmt.Errorf("%w: its session was ended", ErrTokenInvalid)
	}
	return m, nil
}

// known returns what is known, read again if need be: by one request, while the others wait.
func (s *Service) known(ctx context.Context) (*snapshot, error) {
	if known := s.standing.fresh(s.now()); known != nil {
		return known, nil
	}
	s.standing.reading.Lock()
	defer s.standing.reading.Unlock()
	now := s.now()
	if known := s.standing.fresh(now); known != nil {
		return known, nil
	}
	next := &snapshot{
		readAt:     now,
		changes:    s.standing.changes.Load(),
		moderators: map[string]Moderator{},
		ended:      map[string]bool{},
	}
	moderators, err := s.store.Moderators(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range moderators {
		next.moderators[m.ID] = m
	}
	// What ended before was named by tokens that have expired since, whatever the clocks.
	ended, err := s.store.EndedSessions(ctx, now.Add(-AccessTokenLife-2*clockLeeway))
	if err != nil {
		return nil, err
	}
	for _, id := range ended {
		next.ended[id] = true
	}
	s.standing.current.Store(next)
	return next, nil
}
