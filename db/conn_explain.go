package db

import (
	"errors"
	"strings"
)

// connectError says why the first connection to PostgreSQL failed. It never contains the password.
type connectError struct {
	servers string // hosts and ports
	cause   string
	err     error
}

func (e *connectError) Error() string {
	return "can't connect to PostgreSQL at " + e.servers + ": " + e.cause
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
	if servers := serversOf(dsn); strings.Contains(servers, ", ") { // the cause names each
		return &connectError{servers: servers, cause: cause, err: err}
	}
	// The errors of package net repeat the address: "dial tcp 127.0.0.1:1: connect: connection refused".
	ofNet := strings.HasPrefix(cause, "dial ") || strings.HasPrefix(cause, "lookup ")
	if at := strings.LastIndex(cause, ": "); at >= 0 && ofNet {
		cause = cause[at+len(": "):]
	}
	return &connectError{servers: serversOf(dsn), cause: cause, err: err}
}
