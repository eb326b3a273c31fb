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
	breaker *breaker
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
	return &deadlineConn{Conn: conn, breaker: d.breaker}, nil
}

// deadlineConn sets a deadline for each read and write, unless the driver has set one itself.
type deadlineConn struct {
	net.Conn
	breaker        *breaker
	driverDeadline atomic.Bool // the driver's own deadline is in force
}

// SetDeadline implements net.Conn.
func (c *deadlineConn) SetDeadline(t time.Time) error {
	c.driverDeadline.Store(!t.IsZero())
	return c.Conn.SetDeadline(t)
}

// Read implements net.Conn.
func (c *deadlineConn) Read(p []byte) (int, error) {
	if d := c.breaker.statementTimeout(); d > 0 && !c.driverDeadline.Load() {
		if err := c.Conn.SetReadDeadline(time.Now().Add(d + peerGrace)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

// Write implements net.Conn.
func (c *deadlineConn) Write(p []byte) (int, error) {
	if d := c.breaker.statementTimeout(); d > 0 && !c.driverDeadline.Load() {
		if err := c.Conn.SetWriteDeadline(time.Now().Add(d + peerGrace)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(p)
}
