package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var (
	// ErrBadCredentials refuses a login, whether the email is unknown, the password wrong or the moderator
	// disabled.
	ErrBadCredentials = errors.New("wrong email or password")
	// ErrModeratorExists refuses to register a second moderator with the same email.
	ErrModeratorExists = errors.New("a moderator with this email exists")
	// ErrEmailTaken refuses to accept an invitation for an email under which somebody works on other sites.
	ErrEmailTaken = errors.New("another moderator has the email of this invitation")
	// ErrUnknownModerator says that there is no such moderator, or that the caller may not administer them.
	// Login never returns it.
	ErrUnknownModerator = errors.New("no such moderator")
	// ErrUnknownSession says that the moderator has no such session that goes on.
	ErrUnknownSession = errors.New("no such session")
	// ErrLastAdmin refuses what would leave nobody who may administer.
	ErrLastAdmin = errors.New("the last admin who may sign in")
	// ErrSiteScope refuses an admin of certain sites what reaches beyond them.
	ErrSiteScope = errors.New("beyond the admin's own sites")
	// ErrLink refuses the secret of an invitation or a password reset that is unknown, used, revoked or too old.
	ErrLink = errors.New("link not accepted")
	// ErrDisabled refuses a link for a moderator who is disabled.
	ErrDisabled = errors.New("moderator is disabled")
	// ErrWrongPassword refuses a change of one's own account without the current password.
	ErrWrongPassword = errors.New("wrong current password")
	// ErrWrongCode refuses a code of the second factor: wrong, outdated, or used before.
	ErrWrongCode = errors.New("wrong code")
	// ErrSecondFactorOn refuses to begin the set-up of a second factor that is on.
	ErrSecondFactorOn = errors.New("second factor is on")
	// ErrSecondFactorOff refuses to confirm or end a second factor whose set-up was not begun.
	ErrSecondFactorOff = errors.New("second factor is off")
	// ErrPasswordChangeRequired refuses everything but a new password (RequiredStep).
	ErrPasswordChangeRequired = errors.New("password must be changed first")
	// ErrSecondFactorRequired refuses everything but the set-up of a second factor (RequiredStep).
	ErrSecondFactorRequired = errors.New("a second factor must be set up first")

	// ErrTokenInvalid refuses an access or refresh token. The three errors below are it, too, to errors.Is.
	ErrTokenInvalid = errors.New("token not accepted")
	// ErrTokenExpired refuses a token that was good once.
	ErrTokenExpired = fmt.Errorf("%w: expired", ErrTokenInvalid)
	// ErrUnknownToken refuses a refresh token that the store does not hold.
	ErrUnknownToken = fmt.Errorf("%w: unknown", ErrTokenInvalid)
	// ErrTokenReused refuses a refresh token that was used or revoked before. Its whole family is revoked by
	// then.
	ErrTokenReused = fmt.Errorf("%w: used or revoked before", ErrTokenInvalid)
)

// SecondFactorNeeded is what Login answers when the password was right and a code is to follow, to LoginCode.
type SecondFactorNeeded struct {
	Token     string        // proves the first step; opaque
	ExpiresIn time.Duration // how long Token is accepted
}

func (*SecondFactorNeeded) Error() string { return "a code of the second factor is needed" }

// TooManyAttempts refuses a login before the password is looked at.
type TooManyAttempts struct {
	// RetryAfter is how long to wait until an attempt is looked at again: above 0, at most 15 minutes.
	RetryAfter time.Duration
}

func (e *TooManyAttempts) Error() string {
	return fmt.Sprintf("too many failed logins, retry after %s", e.RetryAfter)
}

// Invalid lists everything that is wrong with an account's fields, in their order.
type Invalid []FieldFault

// FieldFault says what is wrong with one field.
type FieldFault struct {
	Field  string // "email", "name", "role", "sites", "password" or "new_password"
	Code   FaultCode
	Reason string // a phrase for people, without what was typed: "must be 12 to 256 characters long"
}

// FaultCode names the kind of a fault for programs.
type FaultCode string

// The codes of faults.
const (
	FaultRequired FaultCode = "required" // the field is empty
	FaultInvalid  FaultCode = "invalid"  // its value is not accepted
)

// add appends a fault of a value, unless reason is empty.
func (e *Invalid) add(field, reason string) {
	if reason != "" {
		*e = append(*e, FieldFault{field, FaultInvalid, reason})
	}
}

// check appends a fault when the value is empty or check has a reason against it.
func (e *Invalid) check(field, value string, check func(string) string) {
	if value == "" {
		*e = append(*e, FieldFault{field, FaultRequired, "is required"})
		return
	}
	e.add(field, check(value))
}

func (e Invalid) Error() string {
	faults := make([]string, len(e))
	for i, fault := range e {
		faults[i] = fault.Field + " " + fault.Reason
	}
	return strings.Join(faults, "; ")
}
