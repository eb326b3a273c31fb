package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"rejoinder/web"
)

func TestAServerThatStopsDoesNotWaitForClients(t *testing.T) {
	post := func(path string) string {
		return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"
	}
	for name, sent := range map[string]string{
		"nothing":                               "",
		"half a header":                         "GET / HTTP/1.1\r\nHo",
		"half a body":                           post("/api/v1/sites/" + web.DemoSite + "/comments"),
		"half a body without the right to send": post("/api/v1/decisions"),
		"half a body to an unknown path":        post("/nowhere"),
		"many requests, and reads no response":  strings.Repeat("GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n", 40),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_SHUTDOWN_TIMEOUT=1h",
				"REJOINDER_READ_TIMEOUT=1h", "REJOINDER_HEADER_TIMEOUT=1h", "REJOINDER_WRITE_TIMEOUT=3h"}, "serve", "--demo")
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, sent); err != nil {
				t.Fatal(err)
			}
			get(t, p.url+"/healthz") // by now the server has accepted the first connection
			p.stop(t)
			if code := p.cmd.ProcessState.ExitCode(); code != exitDone || strings.Contains(p.log.String(), "level=ERROR") {
				t.Errorf("exit code %d\n%s", code, p.log)
			}
		})
	}
}

// servedConnections serves on a local address and returns it. shutDown stops the server as the program does.
func servedConnections(t *testing.T, handler http.Handler) (listener *connections, shutDown func() error) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener = newConnections(inner, Config{})
	server := limits{}.server(handler)
	server.RegisterOnShutdown(listener.stop)
	go server.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { server.Close() })
	return listener, func() error { return server.Shutdown(context.WithoutCancel(t.Context())) }
}

// stopped reports whether the stop has reached every open connection.
func (l *connections) stopped() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn := range l.conns {
		conn.mu.Lock()
		stopping := conn.stopping
		conn.mu.Unlock()
		if !stopping {
			return false
		}
	}
	return true
}

func TestAServerThatStopsFinishesRequestsThatHaveArrived(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	listener, shutDown := servedConnections(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-release
		if err := r.Context().Err(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Write(bytes.Repeat([]byte("x"), 1<<20))
	}))
	done, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		resp, err := http.Get("http://" + listener.Addr().String())
		if err == nil {
			var n int64
			if n, err = io.Copy(io.Discard, resp.Body); n != 1<<20 {
				t.Errorf("status %d with %d bytes", resp.StatusCode, n)
			}
			resp.Body.Close()
		}
		done <- err
	}()
	<-arrived
	go func() { ended <- shutDown() }()
	eventually(t, "the listener stopped", listener.stopped)
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := listener.counts().open; got != 0 {
		t.Errorf("%v connections are open", got)
	}
}
