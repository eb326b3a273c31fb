package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"rejoinder/moderation"
)

// How the database is watched. One look that fails may be chance; after two, nothing is sent to it until one
// succeeds.
const (
	guardEvery    = time.Second
	guardPatience = 2 * time.Second // with one look
	guardFailures = 2
)

// errGone answers everything that is asked of a database which is known not to answer.
var errGone = &sqlError{means: moderation.ErrUnreachable, text: "not asked"}

// Guard probes the database every second, for responses and for writes, and calls tell on each change with
// nil or the reason. It returns when ctx ends.
//
// moderation.ErrStorageFull and moderation.ErrReadOnly mean that the database responds but refuses writes.
// Any other reason means that it does not respond; until it does, every statement fails at once with
// ErrUnreachable instead of waiting for its timeout.
func (d *DB) Guard(ctx context.Context, tell func(reason error)) {
	tick := time.NewTicker(guardEvery)
	defer tick.Stop()
	var told error
	failures := 0
	for {
		var err error
		if d.prober != nil { // SQLite has no server that could go away
			err = d.look(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			failures = 0
			d.limit.gone.Store(false)
			d.lookAtWrites(ctx)
			err = d.refusing()
		} else if failures++; failures < guardFailures {
			err = told // may be a coincidence
		} else {
			d.limit.gone.Store(true)
		}
		if ctx.Err() == nil && state(err) != state(told) {
			told = err
			tell(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// state reduces an error of Guard to the database's state, without how it was noticed.
func state(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, moderation.ErrStorageFull):
		return moderation.ErrStorageFull
	case errors.Is(err, moderation.ErrReadOnly):
		return moderation.ErrReadOnly
	}
	return moderation.ErrUnreachable
}

// alive checks that the database responds.
func (d *DB) alive(ctx context.Context) error {
	if d.prober != nil {
		return d.look(ctx)
	}
	var tables []string
	return d.all(ctx, &tables, d.tables)
}

// look probes the database on a connection of its own. It returns after guardPatience even if the driver does
// not. A server in recovery counts as failed: its data may be old.
func (d *DB) look(ctx context.Context) error {
	patient, cancel := context.WithTimeout(ctx, guardPatience)
	answered := make(chan error, 1)
	go func() {
		defer cancel()
		var primary bool
		err := d.prober.GetContext(patient, &primary, `SELECT NOT pg_is_in_recovery()`)
		if err == nil && !primary {
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

// Ping checks that the database responds and accepts writes. ErrBusy if it does not respond or can't be
// reached; ErrStorageFull or ErrReadOnly if it refused a write and has not accepted one since.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.limit.refuse(); err != nil {
		return wrap("ping", err)
	}
	if err := d.alive(ctx); err != nil {
		return wrap("ping", err)
	}
	if err := d.room(); err != nil {
		return wrap("ping", err)
	}
	return wrap("ping", d.refusing())
}

// refusing returns why the database refuses writes; nil while it is believed to accept them.
func (d *DB) refusing() error {
	if err := d.refused.Load(); err != nil {
		return *err
	}
	return nil
}

// noteRefusal records a write error if it says that writes are refused.
func (d *DB) noteRefusal(err error) {
	if errors.Is(err, moderation.ErrStorageFull) || errors.Is(err, moderation.ErrReadOnly) {
		d.refused.Store(&err)
	}
}

// lookAtWrites checks whether the database refuses writes. It writes nothing unless a refusal is suspected.
func (d *DB) lookAtWrites(ctx context.Context) {
	if err := d.room(); err != nil {
		d.noteRefusal(err)
		return
	}
	if d.refusing() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, guardPatience)
	defer cancel()
	if d.tryWriting(ctx) == nil {
		d.refused.Store(nil)
	}
}

// probeBytes is about the size of a comment with its indexes.
const probeBytes = 256 << 10

// tryWriting writes as much as a large comment takes, and deletes it. Smaller writes may succeed where
// comments do not.
func (d *DB) tryWriting(ctx context.Context) error {
	padding := make([]byte, probeBytes)
	rand.NewChaCha8([32]byte{}).Read(padding) //nolint:errcheck // never fails; the bytes can't be compressed
	err := d.write(ctx, "try writing", func(tx session) error {
		if _, err := tx.exec(ctx, `CREATE TABLE IF NOT EXISTS write_probe (padding BYTEA NOT NULL)`); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `INSERT INTO write_probe (padding) VALUES ($1)`, padding)
		return err
	})
	if err != nil {
		return err
	}
	return d.write(ctx, "try writing", func(tx session) error {
		_, err := tx.exec(ctx, `DROP TABLE IF EXISTS write_probe`)
		return err
	})
}
