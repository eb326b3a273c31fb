package db

import (
	"context"
	"sync/atomic"
	"time"

	"rejoinder/moderation"
)

// errBreakerOpen fails every statement while the database does not respond.
var errBreakerOpen = &sqlError{domain: moderation.ErrUnreachable, text: "not asked"}

// breaker limits the time of one statement, and fails all of them at once while the database does not respond
// (circuit breaker). Guard opens and closes it.
type breaker struct {
	timeout atomic.Int64 // of one statement, in nanoseconds; 0: none
	open    atomic.Bool

	// sessions is the generation of PostgreSQL's sessions; see session.
	sessions atomic.Int64
}

func (b *breaker) statementTimeout() time.Duration { return time.Duration(b.timeout.Load()) }

// check returns an error while the breaker is open.
func (b *breaker) check() error {
	if b.open.Load() {
		return errBreakerOpen
	}
	return nil
}

// withTimeout returns a context that ends after the statement timeout.
func (b *breaker) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if d := b.statementTimeout(); d > 0 {
		return context.WithTimeout(ctx, d)
	}
	return ctx, func() {}
}

// LimitStatements sets the timeout of each statement from now on; 0 means none. A statement that takes
// longer, or that the server does not respond to, fails with ErrBusy (of package moderation). Call it after
// Migrate, which may take longer.
func (d *DB) LimitStatements(timeout time.Duration) { d.breaker.timeout.Store(int64(timeout)) }
