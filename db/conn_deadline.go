package db

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// peerGrace is how much longer than the statement timeout a connection may stay silent: a healthy server has
// confirmed the cancellation by then.
const peerGrace = time.Second

// deadlineDialer opens connections to PostgreSQL that never block for ever. After a timeout the driver asks
// the server to cancel the statement and waits for the reply, which never comes from a server that is frozen
// or cut off.
type deadlineDialer struct {
	net.Dialer
	silence func() time.Duration // how long a server may take for its next byte; 0: no limit
}

// statementSilence is the silence of connections that run statements.
func (b *breaker) statementSilence() time.Duration {
	if d := b.statementTimeout(); d > 0 {
		return d + peerGrace
	}
	return 0
}

// probeSilence is the silence of the connection that probes the database: a server that is frozen must not keep it
// from trying another one.
func (d *DB) probeSilence() time.Duration {
	if limit := d.breaker.statementSilence(); limit > 0 {
		return min(limit, d.probeTimeout)
	}
	return d.probeTimeout
}

// Dial implements pq.Dialer.
func (d deadlineDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout implements pq.Dialer.
func (d deadlineDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext implements pq.DialerContext.
func (d deadlineDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &deadlineConn{Conn: conn, silence: d.silence}, nil
}

// deadlineConn sets a deadline for each read and write, unless the driver has set one itself.
type deadlineConn struct {
	net.Conn
	silence        func() time.Duration
	driverDeadline atomic.Bool // the driver's own deadline is in force
}

// SetDeadline implements net.Conn.
func (c *deadlineConn) SetDeadline(t time.Time) error {
	c.driverDeadline.Store(!t.IsZero())
	return c.Conn.SetDeadline(t)
}

// Read implements net.Conn.
func (c *deadlineConn) Read(p []byte) (int, error) {
	if d := c.silence(); d > 0 && !c.driverDeadline.Load() {
		if err := c.Conn.SetReadDeadline(time.Now().Add(d)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

// Write implements net.Conn.
func (c *deadlineConn) Write(p []byte) (int, error) {
	if d := c.silence(); d > 0 && !c.driverDeadline.Load() {
		if err := c.Conn.SetWriteDeadline(time.Now().Add(d)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(p)
}
