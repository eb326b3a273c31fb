package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// Limits are those of every request of a client.
type Limits struct {
	// Timeout bounds the whole exchange, from looking up the host to the end of the response.
	Timeout time.Duration
	// Response is the maximum size of a response's body in bytes.
	Response int64
}

// Client sends requests to public addresses and to those of the permitted networks. It is safe for concurrent
// use and keeps connections open.
type Client struct {
	http      *http.Client
	limits    Limits
	permitted []netip.Prefix
}

// Response is a whole response. A redirect is a response like others.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK reports whether the status is one of success.
func (r Response) OK() bool { return r.Status >= 200 && r.Status < 300 }

// ErrTooLarge says that a response is larger than permitted.
var ErrTooLarge = errors.New("the response is too large")

// AddressError says that a host has an address to which no request is sent.
type AddressError struct {
	Address netip.Addr
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("%s is not a public address", e.Address)
}

// New returns a client. The permitted networks are those that requests may reach although they are not public.
func New(limits Limits, permitted []netip.Prefix) *Client {
	c := &Client{limits: limits, permitted: permitted}
	dialer := &net.Dialer{Timeout: limits.Timeout, Control: c.control}
	c.http = &http.Client{
		Timeout:       limits.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    limits.Timeout,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
	return c
}

// Do sends a request and reads the response. Errors: *AddressError, ErrTooLarge, those of package net/http.
func (c *Client) Do(ctx context.Context, r *http.Request) (Response, error) {
	answer, err := c.http.Do(r.WithContext(ctx))
	if err != nil {
		return Response{}, err
	}
	defer answer.Body.Close()
	response := Response{Status: answer.StatusCode, Header: answer.Header}
	response.Body, err = io.ReadAll(io.LimitReader(answer.Body, c.limits.Response+1))
	if err != nil {
		return response, fmt.Errorf("read the response: %w", err)
	}
	if int64(len(response.Body)) > c.limits.Response {
		response.Body = response.Body[:c.limits.Response]
		return response, ErrTooLarge
	}
	return response, nil
}

// Close closes the idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// control refuses connections to addresses that are not permitted. It sees the address that DNS gave.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connect to %q: %w", address, err)
	}
	return c.checkAddress(to.Addr())
}

func (c *Client) checkAddress(address netip.Addr) error {
	address = address.Unmap().WithZone("")
	if !c.permits(address) && !public(address) {
		return &AddressError{Address: address}
	}
	return nil
}

func (c *Client) permits(address netip.Addr) bool {
	return slices.ContainsFunc(c.permitted, func(network netip.Prefix) bool { return network.Contains(address) })
}

// PermitsHost reports whether the host of a URL is an address in one of the permitted networks. It is false for
// names.
func (c *Client) PermitsHost(u *url.URL) bool {
	address, err := netip.ParseAddr(u.Hostname())
	return err == nil && c.permits(address.Unmap().WithZone(""))
}
