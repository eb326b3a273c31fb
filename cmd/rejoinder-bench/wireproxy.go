package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// wireProxy stands between a server and PostgreSQL. It counts what the server asks, and can delay each
// direction as a network would. It reads the protocol in the clear, so it needs sslmode=disable.
type wireProxy struct {
	listener net.Listener
	network  string // of PostgreSQL
	address  string
	oneWay   time.Duration
	tasks    sync.WaitGroup

	statements atomic.Int64 // executed, BEGIN and COMMIT included
	roundTrips atomic.Int64 // times that the server waits for a response
}

// startWireProxy listens in front of a database and returns the URL that leads through the proxy.
func startWireProxy(database string, roundTrip time.Duration) (*wireProxy, string, error) {
	parsed, err := url.Parse(database)
	if err != nil {
		return nil, "", errors.New("proxy: malformed database URL")
	}
	p := &wireProxy{network: "tcp", address: parsed.Host, oneWay: roundTrip / 2}
	options := parsed.Query()
	if socket := options.Get("host"); socket != "" {
		p.network, p.address = "unix", socket+"/.s.PGSQL.5432"
		options.Del("host")
	}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, "", fmt.Errorf("proxy: %w", err)
	}
	options.Set("sslmode", "disable")
	parsed.Host, parsed.RawQuery = p.listener.Addr().String(), options.Encode()
	p.tasks.Go(p.accept)
	return p, parsed.String(), nil
}

// stop ends all connections.
func (p *wireProxy) stop() error {
	err := p.listener.Close()
	p.tasks.Wait()
	return err
}

// accept serves connections until the listener is closed.
func (p *wireProxy) accept() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.tasks.Go(func() { p.serve(ctx, client) })
	}
}

// serve connects a client with PostgreSQL until one of them closes the connection, or ctx ends.
func (p *wireProxy) serve(ctx context.Context, client net.Conn) {
	server, err := (&net.Dialer{}).DialContext(ctx, p.network, p.address)
	if err != nil {
		client.Close()
		return
	}
	end := sync.OnceFunc(func() { client.Close(); server.Close() })
	defer context.AfterFunc(ctx, end)()
	var copies sync.WaitGroup
	copies.Go(func() {
		defer end()
		read, write := io.Pipe()
		defer write.Close()
		copies.Go(func() {
			defer io.Copy(io.Discard, read) //nolint:errcheck // an unreadable rest must not block the copy
			p.count(bufio.NewReader(read))
		})
		p.forward(server, io.TeeReader(client, write))
	})
	copies.Go(func() {
		defer end()
		p.forward(client, server)
	})
	copies.Wait()
}

// forward copies what it reads, each piece after the delay.
func (p *wireProxy) forward(to io.Writer, from io.Reader) {
	type piece struct {
		bytes []byte
		due   time.Time
	}
	pieces := make(chan piece, 1024)
	var writer sync.WaitGroup
	writer.Go(func() {
		for next := range pieces {
			time.Sleep(time.Until(next.due))
			if _, err := to.Write(next.bytes); err != nil {
				break
			}
		}
		for range pieces { // so that the reader never blocks
		}
	})
	for {
		buffer := make([]byte, 16<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			pieces <- piece{buffer[:n], time.Now().Add(p.oneWay)}
		}
		if err != nil {
			break
		}
	}
	close(pieces)
	writer.Wait()
}

// count reads the messages of a client
// (https://www.postgresql.org/docs/current/protocol-message-formats.html).
func (p *wireProxy) count(client *bufio.Reader) {
	if _, err := skipMessage(client); err != nil { // the first has no type
		return
	}
	for {
		kind, err := client.ReadByte()
		if err != nil {
			return
		}
		switch kind {
		case 'Q': // a simple query
			p.statements.Add(1)
			p.roundTrips.Add(1)
		case 'E': // Execute
			p.statements.Add(1)
		case 'S': // Sync
			p.roundTrips.Add(1)
		}
		if _, err := skipMessage(client); err != nil {
			return
		}
	}
}

// skipMessage skips a length, which includes itself, and as many bytes.
func skipMessage(r *bufio.Reader) (int, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return 0, err
	}
	return r.Discard(int(binary.BigEndian.Uint32(length[:])) - len(length))
}
