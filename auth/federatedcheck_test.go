package auth

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// dueStore counts how often a worker looks for sessions whose check is due.
type dueStore struct {
	Store
	looked atomic.Int64
}

func (s *dueStore) DueFederatedSessions(context.Context, time.Time, time.Time, int) ([]FederatedSession, error) {
	s.looked.Add(1)
	return nil, errors.New("the database does not respond")
}

type noProviders struct{ IdentityProviders }

func TestTheWorkerLooksForSessionsOftenEnough(t *testing.T) {
	if late := FederatedCheckEvery + federatedChecksPeriod + federatedCheckTimeout; late > 5*time.Minute {
		t.Errorf("lost access may last %s, want at most five minutes", late)
	}
	synctest.Test(t, func(t *testing.T) {
		store := &dueStore{}
		f := &Federation{&core{store: store, providers: noProviders{}, now: time.Now, log: slog.New(slog.DiscardHandler)}}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.RunChecks(ctx)
		}()
		time.Sleep(5*time.Minute - time.Second)
		cancel()
		<-done
		if n := store.looked.Load(); n != 10 {
			t.Errorf("the worker looked %d times in five minutes, want 10, whether the database responds or not", n)
		}
	})
}
