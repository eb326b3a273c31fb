package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rejoinder/web"
)

// slowClient sends a request one byte a second until the server closes the connection, and returns how long
// that took. The clients use four addresses, like an attacker with a few machines.
func slowClient(ctx context.Context, address, request string, number int) (time.Duration, error) {
	source := &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+number%4))}
	conn, err := (&net.Dialer{LocalAddr: source}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	began := time.Now()
	ended := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(conn).Discard(1 << 20)
		ended <- err
	}()
	head, rest, _ := strings.Cut(request, "\x00") // the parts sent at once and slowly
	if _, err := conn.Write([]byte(head)); err != nil {
		return 0, err
	}
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ended:
			return time.Since(began), nil
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-second.C:
			if rest != "" {
				conn.Write([]byte(rest[:1])) //nolint:errcheck // the end is heard of by reading
				rest = rest[1:]
			}
		}
	}
}

func TestAThousandClientsThatSendOneByteASecondHinderNobody(t *testing.T) {
	const clients, headerTime, bodyTime = 1000, 3 * time.Second, 3 * time.Second
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_MAX_IN_FLIGHT=16", "REJOINDER_ADDRESS_LIMIT=0",
		"REJOINDER_HEADER_TIMEOUT=" + headerTime.String(), "REJOINDER_READ_TIMEOUT=" + bodyTime.String()}, "serve", "--demo")
	address := strings.TrimPrefix(p.url, "http://")
	post := "POST /api/v1/sites/" + web.DemoSite + "/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lasted := make([]time.Duration, clients)
	errs := make([]error, clients)
	var running sync.WaitGroup
	for i := range clients {
		request := "G\x00ET /healthz HTTP/1.1\r\nHost: x" // a header that comes slowly
		if i%2 == 0 {
			request = post + "\x00" + strings.Repeat(" ", 1000) // or a body
		}
		running.Go(func() { lasted[i], errs[i] = slowClient(ctx, address, request, i) })
	}
	// Readers and writers continue, although at most sixteen requests are in flight. The first comment waits
	// for the shipped lists.
	for i := range 30 {
		began := time.Now()
		get(t, p.url+"/api/v1/sites/"+web.DemoSite+"/thread?article="+web.DemoArticleKey)
		status := call(t, http.MethodPost, p.url+"/api/v1/sites/"+web.DemoSite+"/comments", "", map[string]any{
			"article": map[string]string{"key": web.DemoArticleKey}, "author_name": "Ada", "author_email": "ada@mail.example",
			"body": fmt.Sprintf("Whatever becomes of comment %d, it is stored.", i),
		}, nil)
		if status != http.StatusCreated {
			t.Fatalf("comment %d: status %d", i, status)
		}
		if took := time.Since(began); took > 2*time.Second && i > 0 {
			t.Errorf("a thread and a comment took %s", took)
		}
	}
	running.Wait()
	for i := range clients {
		if errs[i] != nil || lasted[i] > headerTime+bodyTime+5*time.Second {
			t.Fatalf("client %d was left after %s: %v", i, lasted[i], errs[i])
		}
	}
}

func TestALateBodyIsRefused(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_HEADER_TIMEOUT=200ms", "REJOINDER_READ_TIMEOUT=200ms"}, "serve", "--demo")
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/sites/%s/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", web.DemoSite)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusRequestTimeout {
		t.Fatalf("%v, %v", answer, err)
	}
	if strings.Contains(p.log.String(), "level=ERROR") {
		t.Errorf("a slow client is an error in the log:\n%s", p.log)
	}
}

func TestAnOversizedBodyIsRefusedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_READ_TIMEOUT=1h", "REJOINDER_WRITE_TIMEOUT=3h"},
		"serve", "--demo")
	for _, expect := range []string{"", "Expect: 100-continue\r\n"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /api/v1/sites/%s/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%sContent-Length: 99999999\r\n\r\n",
			web.DemoSite, expect)
		if err := conn.SetReadDeadline(time.Now().Add(startTime)); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || answer.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%q: %+v, %v", expect, answer, err)
		}
	}
}

func TestAClientThatReadsNothingIsDisconnected(t *testing.T) {
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir(), "REJOINDER_HEADER_TIMEOUT=200ms", "REJOINDER_READ_TIMEOUT=200ms",
		"REJOINDER_QUERY_TIMEOUT=200ms", "REJOINDER_HANDLER_TIMEOUT=200ms", "REJOINDER_WRITE_TIMEOUT=1s"}, "serve", "--demo")
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	// Request more than the kernel's buffers hold and read nothing, so that writes must time out.
	deadline := time.Now().Add(startTime)
	if err := conn.SetWriteDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	request := []byte("GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n")
	for err == nil && time.Now().Before(deadline) {
		_, err = conn.Write(request)
	}
	if err == nil || time.Now().After(deadline) {
		t.Errorf("the server never left a client that takes nothing: %v", err)
	}
}

func TestConnectionsAreBoundedInAllAndForEachAddress(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	listener := newConnections(inner, Config{Limits: limits{Connections: 3, AddressConnections: 2}})
	accepted := make(chan net.Conn, 8)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- conn
		}
	}()
	dial := func(last byte) net.Conn {
		t.Helper()
		conn, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, last)}}).Dial("tcp", inner.Addr().String())
		if errors.Is(err, syscall.ECONNRESET) {
			return nil // refused before dialling was through
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	refused := func(conn net.Conn) bool {
		if conn == nil {
			return true
		}
		_, err := conn.Read(make([]byte, 1))
		return err != nil
	}
	dial(2)
	first := <-accepted
	dial(2)
	<-accepted
	if !refused(dial(2)) {
		t.Error("a third connection of one address is taken")
	}
	dial(3)
	<-accepted
	if !refused(dial(4)) {
		t.Error("a fourth connection in all is taken")
	}
	first.Close()
	first.Close() // as the HTTP server may
	dial(4)
	<-accepted
	if got := listener.counts(); got != (connectionCounts{open: 3, refusedFull: 1, refusedClient: 1}) {
		t.Errorf("counted %+v", got)
	}
}

func TestTrustedProxiesBringTheConnectionsOfOthers(t *testing.T) {
	l := newConnections(nil, Config{Limits: limits{AddressConnections: 1}, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	enter := func(address string) bool {
		return l.enter(clientOf(net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(address), 1))))
	}
	for _, c := range []struct {
		address string
		want    bool
	}{
		{"10.0.0.1", true}, {"10.0.0.1", true}, {"192.0.2.1", true}, {"192.0.2.1", false},
		{"2001:db8::1", true}, {"2001:db8::2", false}, {"2001:db8:0:1::1", true}, {"::ffff:192.0.2.1", false},
	} {
		if got := enter(c.address); got != c.want {
			t.Errorf("%s: %v", c.address, got)
		}
	}
}
