package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var (
	// ErrBadCredentials refuses a login, whether the email is unknown, the password wrong or the moderator disabled.
	ErrBadCredentials = errors.New("wrong email or password")
	// ErrModeratorExists refuses to register a second moderator with the same email.
	ErrModeratorExists = errors.New("a moderator with this email exists")
	// ErrUnknownModerator says that the store holds no such moderator. Login never returns it.
	ErrUnknownModerator = errors.New("no such moderator")

	// ErrTokenInvalid refuses an access or refresh token. The three errors below are it, too, to errors.Is.
	ErrTokenInvalid = errors.New("token not accepted")
	// ErrTokenExpired refuses a token that was good once.
	ErrTokenExpired = fmt.Errorf("%w: expired", ErrTokenInvalid)
	// ErrUnknownToken refuses a refresh token that the store does not hold.
	ErrUnknownToken = fmt.Errorf("%w: unknown", ErrTokenInvalid)
	// ErrTokenReused refuses a refresh token that was used or revoked before. Its whole family is revoked by then.
	ErrTokenReused = fmt.Errorf("%w: used or revoked before", ErrTokenInvalid)
)

// TooManyAttempts refuses a login before the password is looked at.
type TooManyAttempts struct {
	// RetryAfter is how long to wait until an attempt is looked at again: above 0, at most 15 minutes.
	RetryAfter time.Duration
}

func (e *TooManyAttempts) Error() string {
	return fmt.Sprintf("too many failed logins, retry after %s", e.RetryAfter)
}

// Invalid lists everything that is wrong with a NewModerator, in the order of its fields.
type Invalid []FieldFault

// FieldFault says what is wrong with one field.
type FieldFault struct {
	Field  string // "email", "name", "role", "site_ids" or "password"
	Reason string // a phrase for people, without what was typed: "must be 12 to 256 characters long"
}

func (e Invalid) Error() string {
	faults := make([]string, len(e))
	for i, fault := range e {
		faults[i] = fault.Field + " " + fault.Reason
	}
	return strings.Join(faults, "; ")
}
