package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
)

// connections is a listener that limits open connections, in total and per client. It closes excess
// connections at once: this is cheap, and the client can retry sooner than after a timeout.
type connections struct {
	net.Listener
	most, mostOfClient int // 0 means no limit
	trusted            []netip.Prefix

	mu       sync.Mutex
	open     int
	ofClient map[netip.Prefix]int
	conns    map[*clientConn]struct{}
	refused  struct{ full, client uint64 }
}

// newConnections limits the connections of a listener. Trusted proxies have no limit per client, since they
// forward those of others.
func newConnections(listener net.Listener, c Config) *connections {
	return &connections{Listener: listener, most: c.Limits.Connections, mostOfClient: c.Limits.AddressConnections,
		trusted: c.TrustedProxies, ofClient: map[netip.Prefix]int{},
		conns: map[*clientConn]struct{}{}}
}

// Accept implements net.Listener.
func (l *connections) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		client := clientOf(conn.RemoteAddr())
		if l.enter(client) {
			return l.keep(conn, client), nil
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // leave nothing behind in the kernel
		}
		_ = conn.Close() // rejected, so nobody needs the error
	}
}

// clientOf returns the key for counting connections: an IPv4 address, or the /64 of an IPv6 address.
func clientOf(remote net.Addr) netip.Prefix {
	both, err := netip.ParseAddrPort(remote.String())
	if err != nil {
		return netip.Prefix{} // unknown addresses count as one client
	}
	address := both.Addr().Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(address, bits).Masked()
}

func (l *connections) enter(client netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.most > 0 && l.open >= l.most:
		l.refused.full++
		return false
	case l.mostOfClient > 0 && l.ofClient[client] >= l.mostOfClient && !l.trusts(client):
		l.refused.client++
		return false
	}
	l.open++
	l.ofClient[client]++
	return true
}

func (l *connections) trusts(client netip.Prefix) bool {
	return slices.ContainsFunc(l.trusted, func(p netip.Prefix) bool { return p.Contains(client.Addr()) })
}

func (l *connections) leave(client netip.Prefix, conn *clientConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
	l.open--
	if l.ofClient[client]--; l.ofClient[client] == 0 {
		delete(l.ofClient, client)
	}
}

// keep returns a connection that releases its slot when closed.
func (l *connections) keep(conn net.Conn, client netip.Prefix) *clientConn {
	kept := &clientConn{Conn: conn}
	kept.leave = sync.OnceFunc(func() { l.leave(client, kept) })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[kept] = struct{}{}
	return kept
}

// stop ends connections that wait for their client: immediately if for a request, after stopGrace if for
// reading a response.
func (l *connections) stop() {
	l.mu.Lock()
	open := slices.Collect(maps.Keys(l.conns))
	l.mu.Unlock()
	for _, conn := range open {
		conn.stop()
	}
}

// connectionCounts are connection counts for metrics.
type connectionCounts struct{ open, refusedFull, refusedClient float64 }

func (l *connections) counts() connectionCounts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return connectionCounts{float64(l.open), float64(l.refused.full), float64(l.refused.client)}
}

// watch adds the connection metrics.
func (m *metrics) watch(l *connections) {
	m.registry.MustRegister(newStatsCollector([]statMetric[connectionCounts]{
		{prometheus.GaugeValue, "rejoinder_connections", "Open client connections.",
			func(c connectionCounts) float64 { return c.open }},
		{
			prometheus.CounterValue,
			"rejoinder_connections_refused_total",
			"Connections closed immediately because too many were open.",
			func(c connectionCounts) float64 { return c.refusedFull },
		},
		{
			prometheus.CounterValue,
			"rejoinder_connections_refused_by_address_total",
			"Connections closed immediately because too many from one client address were open.",
			func(c connectionCounts) float64 { return c.refusedClient },
		},
	}, func(tell func(connectionCounts, ...string)) { tell(l.counts()) }))
}

// listen listens on the address of a setting. Its error describes the problem and how to choose another
// address.
func listen(setting, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener, nil
	}
	var why string
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		why = "another program listens on " + address
	case errors.Is(err, syscall.EACCES):
		why = "the system does not allow listening on " + address
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		why = "this machine does not have the address of " + address
	default:
		return nil, fmt.Errorf("listen on %s (%s): %w", address, choose(setting), err)
	}
	return nil, fmt.Errorf("%s; %s", why, choose(setting))
}

// choose describes where to set a setting.
func choose(name string) string {
	return fmt.Sprintf("choose an address with --%s or %s", name, setting{name: name}.env())
}
