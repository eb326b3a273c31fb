package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// turns makes processes that write to the same SQLite file take turns. SQLite has no queue: a process that waits polls
// the write lock, so another one that takes it again at once can keep it for seconds. Here, a process polls the write
// lock only while it holds a lock on a second file, and all others wait for that one first.
type turns struct {
	path string

	mu     sync.Mutex
	file   *os.File // nil until the first transaction
	closed bool     // or the file can't be opened: processes do not take turns
}

const (
	// pollInterval is how often a process looks whether a lock is free.
	pollInterval = time.Millisecond
	// turnTimeout bounds the wait for other processes that wait: one of them may be stopped.
	turnTimeout = time.Second
)

// take waits until no other process waits for the write lock. Call leave once this process has the write lock.
func (t *turns) take(ctx context.Context) (leave func()) {
	file := t.open()
	if file == nil {
		return func() {}
	}
	if !poll(ctx, time.Now().Add(turnTimeout), func() bool { return tryLock(file) }) {
		return func() {}
	}
	return func() { unlock(file) }
}

// wanted reports whether another process waits for the write lock, which this one has.
func (t *turns) wanted() bool {
	file := t.open()
	if file == nil {
		return false
	}
	if !tryLock(file) {
		return true
	}
	unlock(file)
	return false
}

func (t *turns) open() *os.File {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil && !t.closed {
		var err error
		t.file, err = os.OpenFile(t.path, os.O_RDWR|os.O_CREATE, 0o600)
		t.closed = err != nil
	}
	return t.file
}

func (t *turns) close() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.file == nil {
		return nil
	}
	err := t.file.Close()
	t.file = nil
	return err
}

// poll calls done until it returns true. It returns false once ctx has ended or the deadline has passed.
func poll(ctx context.Context, deadline time.Time, done func() bool) bool {
	if done() {
		return true
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			if done() {
				return true
			}
			if now.After(deadline) {
				return false
			}
		case <-ctx.Done():
			return false
		}
	}
}

// begin begins a write transaction. The end of ctx ends the wait for other writers, but not the transaction.
func (c *core) begin(ctx context.Context, conn *sqlx.Conn) (tx *sqlx.Tx, err error) {
	lasting := context.WithoutCancel(ctx)
	if c.turns == nil {
		return conn.BeginTxx(lasting, nil)
	}
	defer c.turns.take(ctx)()
	// SQLite's own polling slows down to once in 100 ms.
	if _, err := conn.ExecContext(lasting, `PRAGMA busy_timeout = 0`); err != nil {
		return nil, err
	}
	poll(ctx, time.Now().Add(busyMillis*time.Millisecond), func() bool {
		tx, err = conn.BeginTxx(lasting, nil)
		return !c.isBusy(err)
	})
	_, reset := conn.ExecContext(lasting, fmt.Sprintf(`PRAGMA busy_timeout = %d`, busyMillis))
	if err == nil && reset != nil {
		err = tx.Rollback()
	}
	return tx, errors.Join(err, reset)
}

func (d *dialect) isBusy(err error) bool {
	f, ok := d.classify(err)
	return ok && f.kind == faultBusy
}
