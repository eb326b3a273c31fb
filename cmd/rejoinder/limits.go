package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"rejoinder/auth"
	"rejoinder/handlers"
)

// limits are the server's limits for clients.
type limits struct {
	HeaderTime  time.Duration // to receive a request's header
	BodyTime    time.Duration // from then to receive its body
	HandlerTime time.Duration // to produce a response
	QueryTime   time.Duration // for a database statement
	AnswerTime  time.Duration // from a request's header until its response is written
	IdleTime    time.Duration // between two requests
	HeaderBytes int
	BodyBytes   int // of requests without a ruleset

	Connections        int // maximum open; 0 means no limit
	AddressConnections int // per client IP address; 0 means no limit
	InFlight           int // concurrent requests; 0 means no limit
	BufferedBytes      int // of request bodies in memory; 0 means no limit
}

// mostBodyBytes is the maximum size of any request without a ruleset.
const mostBodyBytes = 256 << 10

var limitSettings = []setting{
	{"header-timeout", "5s", "maximum time to receive a request's header",
		func(c *Config, v string) (err error) { c.Limits.HeaderTime, err = parseDuration(v); return err }},
	{"read-timeout", "15s", "maximum time to receive a request's body, after the header",
		func(c *Config, v string) (err error) { c.Limits.BodyTime, err = parseDuration(v); return err }},
	{
		"handler-timeout",
		"15s",
		"maximum time to produce a response; live streams, backtests and bulk decisions have limits of their own",
		func(c *Config, v string) (err error) { c.Limits.HandlerTime, err = parseDuration(v); return err },
	},
	{"query-timeout", "10s", "maximum time for one database statement",
		func(c *Config, v string) (err error) { c.Limits.QueryTime, err = parseDuration(v); return err }},
	{
		"write-timeout",
		"45s",
		"maximum time from a request's header until the client has received the response; longer than body and handler timeout together",
		func(c *Config, v string) (err error) { c.Limits.AnswerTime, err = parseDuration(v); return err },
	},
	{"idle-timeout", "2m", "how long a connection may stay idle between two requests",
		func(c *Config, v string) (err error) { c.Limits.IdleTime, err = parseDuration(v); return err }},
	{"header-bytes", "32768", "maximum size of a request's header, in bytes",
		func(c *Config, v string) (err error) { c.Limits.HeaderBytes, err = parseCount(v); return err }},
	{"body-bytes", "262144", "maximum size of a request's body, in bytes, at most 262144; a ruleset or a batch of articles may have 3 MiB",
		func(c *Config, v string) (err error) { c.Limits.BodyBytes, err = parseCount(v); return err }},
	{"max-connections", "16384", "maximum open connections; further ones are closed; 0: no limit",
		func(c *Config, v string) (err error) { c.Limits.Connections, err = parseCount(v); return err }},
	{"address-connections", "512", "maximum open connections per client address, except trusted proxies; 0: no limit",
		func(c *Config, v string) (err error) { c.Limits.AddressConnections, err = parseCount(v); return err }},
	{
		"max-in-flight",
		"512",
		"maximum concurrent requests; further ones get 503, reads already at three quarters; 0: no limit",
		func(c *Config, v string) (err error) { c.Limits.InFlight, err = parseCount(v); return err },
	},
	{
		"max-buffered-bytes",
		"33554432",
		"memory for the bodies of all requests, and as much for large pages being sent, in bytes, at least 8388608; further ones get 503; 0: no limit",
		func(c *Config, v string) (err error) { c.Limits.BufferedBytes, err = parseCount(v); return err },
	},
}

// leastBufferedBytes leaves room for the largest permitted body and some others.
const leastBufferedBytes = 8 << 20

// hashing is the maximum number of concurrent requests that hash a password. A hash takes about 40 ms, so the
// last one waits less than half a second.
const hashing = 8 * auth.DefaultHashesAtOnce

// server returns an HTTP server with these limits.
func (l limits) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           markWorking(handler),
		ConnContext:       withConn,
		ReadHeaderTimeout: l.HeaderTime,
		ReadTimeout:       l.HeaderTime + l.BodyTime,
		WriteTimeout:      l.AnswerTime,
		IdleTimeout:       l.IdleTime,
		MaxHeaderBytes:    l.HeaderBytes,
	}
}

// handlers returns the limits that the handlers enforce.
func (l limits) handlers() handlers.Limits {
	return handlers.Limits{
		Body:     int64(l.BodyBytes),
		Buffered: int64(l.BufferedBytes),
		Handler:  l.HandlerTime,
		InFlight: l.InFlight,
		Hashing:  hashing,
	}
}

// check reports settings that contradict each other.
func (l limits) check() error {
	var faults []error
	if l.QueryTime > l.HandlerTime {
		faults = append(faults,
			fmt.Errorf("query-timeout (%s) is longer than handler-timeout (%s)", l.QueryTime, l.HandlerTime))
	}
	if l.AnswerTime <= l.BodyTime+l.HandlerTime {
		faults = append(
			faults,
			fmt.Errorf("write-timeout (%s) is not longer than read-timeout and handler-timeout together (%s)",
				l.AnswerTime, l.BodyTime+l.HandlerTime),
		)
	}
	if l.HeaderBytes < 4<<10 {
		faults = append(faults, errors.New("header-bytes must be at least 4096, which browsers need"))
	}
	if l.BodyBytes < 16<<10 || l.BodyBytes > mostBodyBytes {
		faults = append(faults, fmt.Errorf("body-bytes must be from 16384 to %d", mostBodyBytes))
	}
	if l.BufferedBytes > 0 && l.BufferedBytes < leastBufferedBytes {
		faults = append(faults,
			fmt.Errorf("max-buffered-bytes must be 0 or at least %d, so that a ruleset fits beside other requests", leastBufferedBytes))
	}
	return errors.Join(faults...)
}
