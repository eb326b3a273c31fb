package handlers

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"rejoinder/auth"
)

// renewalKept is how long the outcome of a renewal answers for the token that it used up. A browser that opens two
// pages at once sends the same token twice; without this, the second use would look like theft and end the session.
const renewalKept = 10 * time.Second

// renewals trades refresh tokens for sessions, once for each token. The zero value is ready.
type renewals struct {
	mu      sync.Mutex
	flights map[[sha256.Size]byte]*renewal
}

// renewal is one trade. What done guards is set before it is closed, and never again.
type renewal struct {
	began   time.Time
	done    chan struct{}
	session auth.Session
	err     error
}

// renew returns what the service answered for the token, now or a moment ago. Failures are not kept.
func (r *renewals) renew(ctx context.Context, s *Server, token string) (auth.Session, error) {
	key, now := sha256.Sum256([]byte(token)), s.Now()
	flight, first := r.flight(key, now)
	if !first {
		select {
		case <-flight.done:
			return flight.session, flight.err
		case <-ctx.Done():
			return auth.Session{}, ctx.Err()
		}
	}
	defer close(flight.done)
	// The token is used up even when this browser leaves: whoever waits beside it needs the session.
	flight.session, flight.err = s.Auth.Refresh(context.WithoutCancel(ctx), token)
	if flight.err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.flights, key)
	}
	return flight.session, flight.err
}

// flight finds the trade of a token, or begins it. Old ones are forgotten on the way.
func (r *renewals) flight(key [sha256.Size]byte, now time.Time) (flight *renewal, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, f := range r.flights {
		if now.Sub(f.began) > renewalKept {
			delete(r.flights, k)
		}
	}
	if f, ok := r.flights[key]; ok {
		return f, false
	}
	if r.flights == nil {
		r.flights = map[[sha256.Size]byte]*renewal{}
	}
	flight = &renewal{began: now, done: make(chan struct{})}
	r.flights[key] = flight
	return flight, true
}
