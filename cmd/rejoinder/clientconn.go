package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// stopGrace is how long a client may take to read a response once the server stops.
const stopGrace = 2 * time.Second

// long ago, as a deadline, ends a read at once.
var longAgo = time.Unix(1, 0)

// clientConn is a client's connection. When the server stops, it waits for the handler, but not for the
// client.
type clientConn struct {
	net.Conn
	leave func() // gives the place back

	mu       sync.Mutex
	working  bool // a handler works on a request
	writing  bool
	stopping bool
	limited  bool // the client's time to read is running
}

// Write implements net.Conn.
func (c *clientConn) Write(p []byte) (int, error) {
	c.setWriting(true)
	defer c.setWriting(false)
	return c.Conn.Write(p)
}

// Close implements net.Conn.
func (c *clientConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

// CloseWrite lets the HTTP server finish a response before it closes the connection of a client that is still
// sending.
func (c *clientConn) CloseWrite() error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (c *clientConn) setWriting(writing bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = writing
	c.shortenDeadline()
}

func (c *clientConn) setWorking(working bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.working = working
	c.shortenDeadline()
}

func (c *clientConn) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
	c.shortenDeadline()
}

// hurry sets the deadlines of a connection that is to end: nothing more is read between requests, and the
// client has stopGrace to read a response. Deadlines of a closed connection cannot be set.
func (c *clientConn) shortenDeadline() {
	if !c.stopping {
		return
	}
	if !c.working {
		_ = c.SetReadDeadline(longAgo)
	}
	if c.writing && !c.limited {
		c.limited = true
		_ = c.SetWriteDeadline(time.Now().Add(stopGrace))
	}
}

// connKey is the key of a request's *clientConn in its context.
type connKey struct{}

func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// markWorking tells each request's connection while the handler works.
func markWorking(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connKey{}).(*clientConn); ok {
			conn.setWorking(true)
			defer conn.setWorking(false)
		}
		handler.ServeHTTP(w, r)
	})
}
