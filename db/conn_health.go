package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"rejoinder/moderation"
)

// How the database is probed. One failed probe may be chance; after two the breaker opens until one succeeds.
const (
	probeInterval       = time.Second
	defaultProbeTimeout = 2 * time.Second // of one probe
	probeFailures       = 2
	maxConnectTime      = 15 * time.Second // to all hosts of the URL
)

// Guard probes the database every second, for responses and for writes, and calls tell on each change with
// nil or the reason. It returns when ctx ends.
//
// moderation.ErrStorageFull and moderation.ErrReadOnly mean that the database responds but refuses writes.
// Any other reason means that it does not respond; until it does, every statement fails at once with
// ErrUnreachable instead of waiting for its timeout.
func (d *DB) Guard(ctx context.Context, tell func(reason error)) {
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	var told error
	failures := 0
	for {
		var err error
		if d.probePool != nil { // SQLite has no server that could go away
			err = d.probe(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			failures = 0
			d.breaker.open.Store(false)
			d.probeWrites(ctx)
			err = d.writeRefusal()
		} else if failures++; failures < probeFailures {
			err = told // may be chance
		} else {
			d.breaker.open.Store(true)
		}
		if ctx.Err() == nil && guardState(err) != guardState(told) {
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

// guardState reduces an error of Guard to the database's state, without how it was noticed.
func guardState(err error) error {
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

// checkAlive checks that the database responds.
func (d *DB) checkAlive(ctx context.Context) error {
	if d.probePool != nil {
		return d.probe(ctx)
	}
	var tables []string
	return d.selectAll(ctx, &tables, d.tables)
}

// probe probes the database on a connection of its own. It returns after the probe's timeout even if the
// driver does not. A server in recovery counts as failed: its data may be old.
func (d *DB) probe(ctx context.Context) error {
	answered := make(chan error, 1)
	go func() {
		// Longer than the probe: of several hosts, the first may have to time out before the next is tried.
		patient, cancel := context.WithTimeout(ctx, d.probeTimeout+maxConnectTime)
		defer cancel()
		var primary bool
		err := d.probePool.GetContext(patient, &primary, `SELECT NOT pg_is_in_recovery()`)
		if err == nil && !primary {
			err = errors.New("the server takes no writes")
		}
		if err != nil { // reconnect, perhaps to another server
			d.probePool.SetMaxIdleConns(-1)
			d.probePool.SetMaxIdleConns(1)
		}
		answered <- err
	}()
	timeout := time.NewTimer(d.probeTimeout)
	defer timeout.Stop()
	select {
	case err := <-answered:
		return d.translate(ctx, err)
	case <-ctx.Done():
		return d.translate(ctx, ctx.Err())
	case <-timeout.C:
		return fmt.Errorf("%w: no response in %s", moderation.ErrUnreachable, d.probeTimeout)
	}
}

// Ping checks that the database responds in time and accepts writes. ErrBusy if it does not respond or can't be
// reached; ErrStorageFull or ErrReadOnly if it refused a write and has not accepted one since.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.breaker.check(); err != nil {
		return wrap("ping", err)
	}
	if err := d.checkAlive(ctx); err != nil {
		return wrap("ping", err)
	}
	if err := d.checkDiskSpace(); err != nil {
		return wrap("ping", err)
	}
	return wrap("ping", d.writeRefusal())
}

// writeRefusal returns why the database refuses writes; nil while it is believed to accept them.
func (c *core) writeRefusal() error {
	if err := c.refusal.Load(); err != nil {
		return *err
	}
	return nil
}

// recordRefusal records a write error if it says that writes are refused.
func (c *core) recordRefusal(err error) {
	if errors.Is(err, moderation.ErrStorageFull) || errors.Is(err, moderation.ErrReadOnly) {
		c.refusal.Store(&err)
	}
}

// probeWrites checks whether the database refuses writes. After a write was refused it tries one of its own
// each probeInterval, until one succeeds; otherwise it writes nothing.
func (d *DB) probeWrites(ctx context.Context) {
	if err := d.checkDiskSpace(); err != nil {
		d.recordRefusal(err)
		return
	}
	if d.writeRefusal() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, d.probeTimeout)
	defer cancel()
	if d.tryWrite(ctx) == nil {
		d.refusal.Store(nil)
	}
}

// probeBytes is about the size of a comment with its indexes.
const probeBytes = 256 << 10

// tryWrite writes as much as a large comment takes, and deletes it: smaller writes may succeed where comments
// fail. A refused attempt is rolled back, so a full disk gets no fuller.
func (d *DB) tryWrite(ctx context.Context) error {
	padding := make([]byte, probeBytes)
	rand.NewChaCha8([32]byte{}).Read(padding) //nolint:errcheck // never fails; the bytes can't be compressed
	err := d.write(ctx, "try writing", func(tx executor) error {
		if _, err := tx.exec(ctx, `CREATE TABLE IF NOT EXISTS write_probe (padding BYTEA NOT NULL)`); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `INSERT INTO write_probe (padding) VALUES ($1)`, padding)
		return err
	})
	if err != nil {
		return err
	}
	return d.write(ctx, "try writing", func(tx executor) error {
		_, err := tx.exec(ctx, `DROP TABLE IF EXISTS write_probe`)
		return err
	})
}
