package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// stopGrace is how long clients may take to read a response once the server stops.
const stopGrace = 2 * time.Second

// longAgo as a deadline ends a read immediately.
var longAgo = time.Unix(1, 0)

// clientConn is a client's connection. On shutdown it waits for the handler, but not for the client.
type clientConn struct {
	net.Conn
	leave func() // releases the connection's slot

	mu       sync.Mutex
	working  bool // a handler is processing a request
	writing  bool
	stopping bool
	limited  bool // the client's read deadline is set
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

// shortenDeadline sets the deadlines on shutdown: reads between requests end immediately, and the client has
// stopGrace to read a response. Setting deadlines fails on a closed connection.
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

// connKey is the context key of a request's *clientConn.
type connKey struct{}

func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// markWorking marks each request's connection as working while the handler runs.
func markWorking(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connKey{}).(*clientConn); ok {
			conn.setWorking(true)
			defer conn.setWorking(false)
		}
		handler.ServeHTTP(w, r)
	})
}
