package db

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// connectError says why the first connection to PostgreSQL failed. It never contains the password.
type connectError struct {
	server string // host and port
	cause  string
	err    error
}

func (e *connectError) Error() string {
	return "can't connect to PostgreSQL at " + e.server + ": " + e.cause
}

func (e *connectError) Unwrap() error { return e.err }

// explainConnect returns an error of the first connection with the server's address, without the words that errors
// of statements have. Errors of SQLite, for which dsn is empty, stay as they are.
func explainConnect(dsn string, err error) error {
	var known *sqlError
	if dsn == "" || !errors.As(err, &known) {
		return err
	}
	cause := strings.TrimPrefix(known.text, "pq: ")
	// The errors of package net repeat the address: "dial tcp 127.0.0.1:1: connect: connection refused".
	ofNet := strings.HasPrefix(cause, "dial ") || strings.HasPrefix(cause, "lookup ")
	if at := strings.LastIndex(cause, ": "); at >= 0 && ofNet {
		cause = cause[at+len(": "):]
	}
	return &connectError{server: serverOf(dsn), cause: cause, err: err}
}

// serverOf returns host and port of a PostgreSQL URL.
func serverOf(dsn string) string {
	parsed, err := url.Parse(dsn)
	if err != nil {
		return "the server of the database URL"
	}
	host, port := parsed.Hostname(), parsed.Port()
	if host == "" {
		host = parsed.Query().Get("host")
	}
	if port == "" {
		port = parsed.Query().Get("port")
	}
	if port == "" {
		port = "5432"
	}
	return net.JoinHostPort(host, port)
}
