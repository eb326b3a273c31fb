package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"rejoinder/moderation"
)

// sqlError is an error of the database with its meaning to the domain.
type sqlError struct {
	domain error // the error of the domain; nil if there is none
	text   string
	retry  bool // the same transaction may succeed when repeated
	// reconnect: the connection is broken, or leads to a server that takes no writes any more. Another one may work.
	reconnect bool
	unknown   bool // the connection broke during the commit: the transaction may be committed
}

func (e *sqlError) Error() string {
	if e.domain == nil {
		return e.text
	}
	return e.domain.Error() + ": " + e.text
}

func (e *sqlError) Unwrap() error { return e.domain }

// translate converts a driver's error to the domain's: ErrNotFound, ErrExists, ErrBusy, ErrStorageFull,
// ErrReadOnly, or an error without a domain meaning. Their texts never contain a value from a row or a
// parameter.
func (d *dialect) translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if known := (*sqlError)(nil); errors.As(err, &known) {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return moderation.ErrNotFound
	}
	if cause := ctx.Err(); cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) {
			return &sqlError{domain: moderation.ErrBusy, text: cause.Error()}
		}
		return cause
	}
	if f, ok := d.classify(err); ok {
		return f.sqlError()
	}
	if isConnectionError(err) {
		return &sqlError{domain: moderation.ErrBusy, text: err.Error(), reconnect: true}
	}
	return &sqlError{text: redactScanError(err.Error())}
}

// sqlError is an error of the database with its meaning to the domain.
func (f fault) sqlError() error {
	e := &sqlError{text: f.text, reconnect: f.reconnect}
	switch f.kind {
	case faultUnique:
		// The statements expect their conflicts, so this one came from a transaction that ran at the same time.
		e.domain, e.retry = moderation.ErrExists, true
	case faultForeign:
		e.domain = moderation.ErrNotFound
	case faultBusy:
		e.domain = moderation.ErrBusy
	case faultFull:
		e.domain = moderation.ErrStorageFull
	case faultReadOnly:
		e.domain = moderation.ErrReadOnly
	case faultRetry:
		e.domain, e.retry = moderation.ErrBusy, true
	}
	return e
}

// isConnectionError tells failures of the connection from those of a statement.
func isConnectionError(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.As(err, new(connectFailure)) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// redactScanError removes the value from the text of a failed Scan, the only error that quotes one.
func redactScanError(text string) string {
	const scan = "sql: Scan error on column index"
	if !strings.HasPrefix(text, scan) {
		return text
	}
	head, _, _ := strings.Cut(text[len(scan):], ": ")
	return scan + head
}

// commitError is translate for an error of COMMIT. Unless the database has refused the commit, its outcome is unknown.
func (d *dialect) commitError(ctx context.Context, err error) error {
	if _, refused := d.classify(err); refused {
		return d.translate(ctx, err)
	}
	return &sqlError{
		domain: moderation.ErrBusy, text: "the outcome of the commit is unknown: " + err.Error(),
		reconnect: true, unknown: true,
	}
}
