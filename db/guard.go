package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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

// Guard looks every second whether the database answers and takes writes, and tells when that changes: nil, or the reason.
//
// ErrStorageFull and ErrReadOnly (of package moderation) say that it answers, but refuses writes. With any other reason it does
// not answer; until it does, every statement fails at once with ErrUnreachable instead of waiting for its limit. It returns when
// ctx ends.
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
			err = told // it may be chance
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

// state is what an error of Guard says of the database, without how it came to be known.
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

// alive asks the database for a sign of life.
func (d *DB) alive(ctx context.Context) error {
	if d.prober != nil {
		return d.look(ctx)
	}
	var tables []string
	return d.all(ctx, &tables, d.tables)
}

// look asks the database for a sign of life, on a connection that nothing else uses, and waits no longer than it should
// even when the driver does. A server in recovery is none: what it knows may be old.
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

// Ping checks that the database answers and takes writes. ErrBusy when it does not, or can't be reached; ErrStorageFull or
// ErrReadOnly when it refused a write and was not seen to take one since.
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

// refusing is why the database refuses writes; nil while it takes them, as far as is known.
func (d *DB) refusing() error {
	if err := d.refused.Load(); err != nil {
		return *err
	}
	return nil
}

// noteRefusal remembers the error of a write if it says that no write is taken.
func (d *DB) noteRefusal(err error) {
	if errors.Is(err, moderation.ErrStorageFull) || errors.Is(err, moderation.ErrReadOnly) {
		d.refused.Store(&err)
	}
}

// lookAtWrites finds out whether the database refuses writes. While nothing hints at it, nothing is written.
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

// probeBytes is about what a comment and its indexes take when it is written.
const probeBytes = 256 << 10

// tryWriting writes as much as a large comment takes, and deletes it again. Less may still fit where comments do not.
func (d *DB) tryWriting(ctx context.Context) error {
	padding := make([]byte, probeBytes)
	rand.NewChaCha8([32]byte{}).Read(padding) //nolint:errcheck // it never fails; the bytes can't be compressed
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
