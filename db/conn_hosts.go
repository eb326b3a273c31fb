package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/lib/pq"
)

// defaultPort is PostgreSQL's.
const defaultPort = "5432"

// parsePostgresURL parses a database URL. Several hosts, as in postgres://user@h1:5432,h2:5432/db, are moved to the
// parameters host and port: package url and the driver read at most one port before the path. Errors never contain
// the URL, which may contain a password.
func parsePostgresURL(address string) (*url.URL, url.Values, error) {
	single, hosts, ports, err := cutHosts(address)
	if err != nil {
		return nil, nil, err
	}
	parsed, err := url.Parse(single)
	if err != nil {
		if strings.Contains(address, "@") {
			return nil, nil, errors.New(
				"database URL: not a URL; are all special characters of the password percent-encoded?")
		}
		var fault *url.Error
		if errors.As(err, &fault) {
			err = fault.Err
		}
		return nil, nil, fmt.Errorf("database URL: not a URL: %w", err)
	}
	options := parsed.Query()
	if hosts != nil {
		options.Set("host", strings.Join(hosts, ","))
		options.Set("port", strings.Join(ports, ","))
	}
	return parsed, options, nil
}

// cutHosts removes several hosts from a URL and returns them with their ports. It returns a URL with one host as it is.
func cutHosts(address string) (rest string, hosts, ports []string, err error) {
	scheme, rest, _ := strings.Cut(address, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	first := strings.LastIndexByte(rest[:end], '@') + 1
	if !strings.Contains(rest[first:end], ",") {
		return address, nil, nil, nil
	}
	for part := range strings.SplitSeq(rest[first:end], ",") {
		host, port, err := net.SplitHostPort(part)
		if err != nil {
			host, port = strings.Trim(part, "[]"), defaultPort
		}
		if host == "" || port == "" {
			return "", nil, nil, errors.New("database URL: one of the hosts has no name or an empty port")
		}
		hosts, ports = append(hosts, host), append(ports, port)
	}
	return scheme + "://" + rest[:first] + rest[end:], hosts, ports, nil
}

// severalHosts reports whether the parameters of a URL name more than one host.
func severalHosts(options url.Values) bool { return strings.Contains(options.Get("host"), ",") }

// hostsOf returns hosts and ports of a PostgreSQL URL.
func hostsOf(parsed *url.URL, options url.Values) (hosts, ports []string) {
	host, port := parsed.Hostname(), parsed.Port()
	if host == "" {
		host = options.Get("host")
	}
	if port == "" {
		port = options.Get("port")
	}
	if port == "" {
		port = defaultPort
	}
	hosts, ports = strings.Split(host, ","), strings.Split(port, ",")
	for len(ports) < len(hosts) { // one port for all
		ports = append(ports, ports[0])
	}
	return hosts, ports
}

// serversOf returns hosts and ports of a PostgreSQL URL, for messages.
func serversOf(dsn string) string {
	parsed, options, err := parsePostgresURL(dsn)
	if err != nil {
		return "the servers of the database URL"
	}
	hosts, ports := hostsOf(parsed, options)
	for i, host := range hosts {
		hosts[i] = net.JoinHostPort(host, ports[i])
	}
	return strings.Join(hosts, ", ")
}

// hostConnector connects to the first of several hosts that accepts the connection. It begins with the host that
// accepted the latest one: the driver would begin with the first each time, and wait for its timeout while that host
// is down.
type hostConnector struct {
	hosts  []*pq.Connector
	names  []string
	latest *atomic.Int64 // index of the host that accepted the latest connection
}

// newHostConnector returns a connector to the hosts of a URL.
func newHostConnector(parsed url.URL, options url.Values) (hostConnector, error) {
	c := hostConnector{latest: &atomic.Int64{}}
	if _, err := pq.NewConnector(parsed.String()); err != nil { // as many ports as hosts, for example
		return c, err
	}
	hosts, ports := hostsOf(&parsed, options)
	if options.Get("target_session_attrs") == "prefer-standby" { // which only the driver can tell from all hosts
		hosts, ports = []string{strings.Join(hosts, ",")}, []string{strings.Join(ports, ",")}
	}
	for i, host := range hosts {
		if len(hosts) > 1 {
			options.Set("host", host)
			options.Set("port", ports[i])
			parsed.RawQuery = options.Encode()
		}
		connector, err := pq.NewConnector(parsed.String())
		if err != nil {
			return c, err
		}
		c.hosts, c.names = append(c.hosts, connector), append(c.names, net.JoinHostPort(host, ports[i]))
	}
	return c, nil
}

// dialer sets how connections are opened. Call it before the first.
func (c hostConnector) dialer(d pq.Dialer) {
	for _, host := range c.hosts {
		host.Dialer(d)
	}
}

// Connect implements driver.Connector.
func (c hostConnector) Connect(ctx context.Context) (driver.Conn, error) {
	latest := int(c.latest.Load())
	var failure connectFailure
	for i := range c.hosts {
		at := (latest + i) % len(c.hosts)
		conn, err := c.hosts[at].Connect(ctx)
		if err == nil {
			c.latest.Store(int64(at))
			return conn, nil
		}
		if len(c.hosts) > 1 {
			err = fmt.Errorf("%s: %w", c.names[at], err)
		}
		failure = append(failure, err)
	}
	return nil, failure
}

// Driver implements driver.Connector.
func (c hostConnector) Driver() driver.Driver { return c.hosts[0].Driver() }

// connectFailure is why no host accepted a connection. Without it, a standby that the URL excludes would be an unknown
// error.
type connectFailure []error

func (e connectFailure) Error() string {
	texts := make([]string, len(e))
	for i, err := range e {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

func (e connectFailure) Unwrap() []error { return e }
