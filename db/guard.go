package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// How the database is watched. One look that fails may be chance; after two, nothing is sent to it until one succeeds.
const (
	guardEvery    = time.Second
	guardPatience = 2 * time.Second // with one look
	guardFailures = 2
)

// errGone answers everything that is asked of a database which is known not to answer.
var errGone = &sqlError{means: moderation.ErrUnreachable, text: "not asked"}

// Guard looks every second whether the database answers, and tells when that changes: the reason when it does not any more,
// nil when it does again. In between every statement fails at once with ErrUnreachable (of package moderation), instead of
// waiting for its limit. It returns when ctx ends. SQLite has no server that could go away.
func (d *DB) Guard(ctx context.Context, tell func(gone error)) {
	if d.prober == nil {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(guardEvery)
	defer tick.Stop()
	failures := 0
	for {
		err := d.look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			if failures = 0; d.limit.gone.CompareAndSwap(true, false) {
				tell(nil)
			}
		default:
			if failures++; failures >= guardFailures && d.limit.gone.CompareAndSwap(false, true) {
				tell(err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look asks the database for a sign of life, on a connection that nothing else uses, and waits no longer than it should
// even when the driver does. A server that takes no writes is none.
func (d *DB) look(ctx context.Context) error {
	patient, cancel := context.WithTimeout(ctx, guardPatience)
	answered := make(chan error, 1)
	go func() {
		defer cancel()
		var writable bool
		err := d.prober.GetContext(patient, &writable, `SELECT NOT pg_is_in_recovery()`)
		if err == nil && !writable {
			err = errors.New("the server takes no writes")
		}
		answered <- err
	}()
	select {
	case err := <-answered:
		return d.translate(ctx, err)
	case <-patient.Done():
		return fmt.Errorf("%w: no answer in %s", moderation.ErrUnreachable, guardPatience)
	}
}

// Ping checks that the database answers and takes writes. ErrBusy when it does not, or can't be reached.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.limit.refuse(); err != nil {
		return wrap("ping", err)
	}
	if d.prober != nil {
		return wrap("ping", d.look(ctx))
	}
	var tables []string
	return wrap("ping", d.all(ctx, &tables, d.tables))
}
