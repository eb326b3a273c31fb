package notify

import (
	"errors"
	"time"
)

var (
	// ErrLink reports that the link was changed or is incomplete.
	ErrLink = errors.New("link in a mail refused")
	// ErrLinkExpired reports that the link was valid and has expired.
	ErrLinkExpired = errors.New("link in a mail expired")
)

// ObsoleteError means that a message is no longer true or wanted. Its reason is for operators.
type ObsoleteError struct{ Reason string }

func (e *ObsoleteError) Error() string { return "message is obsolete: " + e.Reason }

func obsolete(reason string) error { return &ObsoleteError{reason} }

// LaterError means that a message must wait.
type LaterError struct {
	Until  time.Time
	Reason string
}

func (e *LaterError) Error() string { return "message must wait: " + e.Reason }
