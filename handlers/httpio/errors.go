package httpio

import (
	"errors"
	"fmt"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// Errors of HTTP itself.
var (
	ErrNoRoute       = errors.New("no such route")
	ErrNoMethod      = errors.New("method not supported by route")
	ErrNotSignedIn   = errors.New("not signed in")
	ErrRole          = errors.New("role not sufficient")
	ErrNoKeys        = errors.New("route refuses server keys")
	ErrMalformed     = errors.New("malformed request")
	ErrTooLarge      = errors.New("request too large")
	ErrTooManyFields = errors.New("form has too many fields")
	ErrReadTimeout   = errors.New("request did not arrive in time")
	errMediaType     = errors.New("unsupported media type")
	ErrFormType      = errors.New("unsupported media type of a form")
	errEncoded       = fmt.Errorf("content encoding: %w", ErrFormType)
	errCharset       = fmt.Errorf("charset: %w", ErrFormType)
	ErrCrossOrigin   = errors.New("cross-origin request refused")
	ErrNotReady      = errors.New("not ready")
)

// Errors of a server under load.
var (
	// ErrOverload refuses a request because too many others are in progress. Refusing costs little, so the
	// server can serve as many as possible instead of serving all of them too late.
	ErrOverload = fmt.Errorf("too many concurrent requests: %w", moderation.ErrBusy)
	// ErrHandlerTimeout cancels a request that exceeded the handler timeout.
	ErrHandlerTimeout = fmt.Errorf("handler timeout: %w", moderation.ErrBusy)
	// ErrStopping refuses a request whose body had not arrived when the server began to stop.
	ErrStopping = fmt.Errorf("server is stopping: %w", moderation.ErrBusy)
)

// UnknownOriginError rejects a page whose origin does not belong to the site.
type UnknownOriginError struct{ Origin, Site string }

func (e *UnknownOriginError) Error() string { return "origin does not belong to the site" }

// KeyScopeError rejects a server key without any of the scopes that the route takes.
type KeyScopeError struct{ Needs []auth.Permission }

func (e *KeyScopeError) Error() string { return "server key lacks a scope" }

// InvalidField returns the error for a single invalid field.
func InvalidField(pointer, code, detail string) error {
	return &moderation.Invalid{Fields: []moderation.FieldError{{Pointer: pointer, Code: code, Detail: detail}}}
}
