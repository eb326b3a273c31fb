package db

import (
	"context"
	"database/sql"
	"net"
	"sync/atomic"
	"time"
)

// deadPeer is how much longer than its limit a statement may be silent before its connection is given up: a
// server that lives has answered the order to stop it by then.
const deadPeer = time.Second

// limit is how long one statement may take, in nanoseconds; 0: as long as it wants. It is shared by all that
// run them.
type limit struct {
	nanos atomic.Int64
	gone  atomic.Bool // the database does not answer; see Guard
}

func (l *limit) get() time.Duration { return time.Duration(l.nanos.Load()) }

// refuse returns an error when there is no use in asking the database.
func (l *limit) refuse() error {
	if l.gone.Load() {
		return errGone
	}
	return nil
}

// bound gives a statement its time.
func (l *limit) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if d := l.get(); d > 0 {
		return context.WithTimeout(ctx, d)
	}
	return ctx, func() {}
}

// LimitStatements bounds each statement from now on; 0: not at all. One that takes longer ends with ErrBusy
// (of package moderation), and so does one that a server does not answer at all. Migrate, before, may take
// its time.
func (d *DB) LimitStatements(longest time.Duration) { d.limit.nanos.Store(int64(longest)) }

// timed runs statements within the limit.
type timed struct {
	querier
	limit *limit
}

// GetContext implements querier.
func (t timed) GetContext(ctx context.Context, dest any, query string, args ...any) error {
	if err := t.limit.refuse(); err != nil {
		return err
	}
	ctx, cancel := t.limit.bound(ctx)
	defer cancel()
	return t.querier.GetContext(ctx, dest, query, args...)
}

// SelectContext implements querier.
func (t timed) SelectContext(ctx context.Context, dest any, query string, args ...any) error {
	if err := t.limit.refuse(); err != nil {
		return err
	}
	ctx, cancel := t.limit.bound(ctx)
	defer cancel()
	return t.querier.SelectContext(ctx, dest, query, args...)
}

// ExecContext implements querier.
func (t timed) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := t.limit.refuse(); err != nil {
		return nil, err
	}
	ctx, cancel := t.limit.bound(ctx)
	defer cancel()
	return t.querier.ExecContext(ctx, query, args...)
}

// NamedExecContext implements querier.
func (t timed) NamedExecContext(ctx context.Context, query string, arg any) (sql.Result, error) {
	if err := t.limit.refuse(); err != nil {
		return nil, err
	}
	ctx, cancel := t.limit.bound(ctx)
	defer cancel()
	return t.querier.NamedExecContext(ctx, query, arg)
}

// dialer opens connections to PostgreSQL on which nobody waits for ever. The driver asks a server to stop a
// statement whose time is over, and waits until it did; a server that was stopped itself, or is cut off,
// never does.
type dialer struct {
	net.Dialer
	limit *limit
}

// Dial implements pq.Dialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout implements pq.Dialer.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext implements pq.DialerContext.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &impatient{Conn: conn, limit: d.limit}, nil
}

// impatient is a connection that gives a silent peer up. While the driver has set a deadline of its own, that
// counts.
type impatient struct {
	net.Conn
	limit *limit
	owned atomic.Bool // by the driver's deadline
}

// SetDeadline implements net.Conn.
func (c *impatient) SetDeadline(t time.Time) error {
	c.owned.Store(!t.IsZero())
	return c.Conn.SetDeadline(t)
}

// Read implements net.Conn.
func (c *impatient) Read(p []byte) (int, error) {
	if d := c.limit.get(); d > 0 && !c.owned.Load() {
		if err := c.Conn.SetReadDeadline(time.Now().Add(d + deadPeer)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

// Write implements net.Conn.
func (c *impatient) Write(p []byte) (int, error) {
	if d := c.limit.get(); d > 0 && !c.owned.Load() {
		if err := c.Conn.SetWriteDeadline(time.Now().Add(d + deadPeer)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(p)
}
