package readers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"rejoinder/identity"
)

// How long a key set that was requested is used.
const (
	freshFor   = 10 * time.Minute // before it is requested again
	staleFor   = time.Hour        // while its server does not answer
	requestGap = 30 * time.Second // between requests for the same set, whatever tokens arrive
)

// keySets caches the key sets of URLs. The zero value is ready.
type keySets struct {
	flights singleflight.Group

	mu    sync.Mutex
	byURL map[string]keySet
}

type keySet struct {
	keys      []identity.Key
	fetchedAt time.Time // of keys; zero: never
	triedAt   time.Time
	trouble   string // of the last try; empty: none
}

// get returns the keys of a URL: cached ones if they are younger than maxAge, or cannot be requested now and
// are not too old. The error says why there are none.
func (s *keySets) get(
	ctx context.Context, fetch Fetcher, address string, now time.Time, maxAge time.Duration,
) (keys []identity.Key, err error) {
	cached := s.cached(address)
	if !cached.fetchedAt.IsZero() && now.Sub(cached.fetchedAt) < maxAge {
		return cached.keys, nil
	}
	if now.Sub(cached.triedAt) >= requestGap {
		keys, err := s.request(ctx, fetch, address, now)
		if err == nil {
			return keys, nil
		}
		cached = s.cached(address)
	}
	if !cached.fetchedAt.IsZero() && now.Sub(cached.fetchedAt) < staleFor {
		return cached.keys, nil
	}
	return nil, errors.New(cached.trouble)
}

func (s *keySets) cached(address string) keySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byURL[address]
}

// last returns the cached keys of a URL, and why the last request failed.
func (s *keySets) last(address string) ([]identity.Key, string) {
	cached := s.cached(address)
	return cached.keys, cached.trouble
}

// request requests a key set, once for all who ask at the same time. The request goes on if the caller
// leaves. The error is a sentence that begins in lower case.
func (s *keySets) request(ctx context.Context, fetch Fetcher, address string, now time.Time) ([]identity.Key, error) {
	flight := s.flights.DoChan(address, func() (any, error) {
		keys, err := fetchKeys(context.WithoutCancel(ctx), fetch, address)
		s.mu.Lock()
		defer s.mu.Unlock()
		set := s.byURL[address]
		set.triedAt, set.trouble = now, ""
		if err != nil {
			set.trouble = err.Error()
		} else {
			set.keys, set.fetchedAt = keys, now
		}
		if s.byURL == nil {
			s.byURL = map[string]keySet{}
		}
		s.byURL[address] = set
		return keys, err
	})
	select {
	case done := <-flight:
		keys, _ := done.Val.([]identity.Key)
		return keys, done.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func fetchKeys(ctx context.Context, fetch Fetcher, address string) ([]identity.Key, error) {
	body, err := fetch.Fetch(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("the key set could not be requested: %w", err)
	}
	return identity.ParseJWKS(body)
}
