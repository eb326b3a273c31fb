package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var (
	// ErrBadCredentials rejects a login: unknown email, wrong password, or disabled moderator.
	ErrBadCredentials = errors.New("wrong email or password")
	// ErrModeratorExists rejects a second moderator with the same email.
	ErrModeratorExists = errors.New("a moderator with this email exists")
	// ErrEmailTaken rejects accepting an invitation whose email belongs to a moderator of other sites.
	ErrEmailTaken = errors.New("another moderator has the email of this invitation")
	// ErrUnknownModerator means that the moderator does not exist, or that the caller may not administer
	// them. Login never returns it.
	ErrUnknownModerator = errors.New("no such moderator")
	// ErrUnknownSession means that the moderator has no active session with this id.
	ErrUnknownSession = errors.New("no such session")
	// ErrLastAdmin rejects a change that would leave no admin.
	ErrLastAdmin = errors.New("the last admin who may sign in")
	// ErrSiteScope rejects an action beyond the sites of an admin restricted to some sites.
	ErrSiteScope = errors.New("beyond the admin's own sites")
	// ErrLink rejects an invitation or password reset whose secret is unknown, used, revoked or expired.
	ErrLink = errors.New("link not accepted")
	// ErrLinkRecent refuses a link while the moderator's earlier one is too new.
	ErrLinkRecent = errors.New("a link was made moments ago")
	// ErrDisabled rejects creating a link for a disabled moderator.
	ErrDisabled = errors.New("moderator is disabled")
	// ErrWrongPassword rejects a change to one's own account without the current password.
	ErrWrongPassword = errors.New("wrong current password")
	// ErrWrongCode rejects a second-factor code that is wrong, expired or already used.
	ErrWrongCode = errors.New("wrong code")
	// ErrSecondFactorOn rejects starting the set-up when the second factor is on.
	ErrSecondFactorOn = errors.New("second factor is on")
	// ErrSecondFactorOff rejects confirming or removing a second factor whose set-up has not started.
	ErrSecondFactorOff = errors.New("second factor is off")
	// ErrPasswordChangeRequired rejects everything but a password change (RequiredStep).
	ErrPasswordChangeRequired = errors.New("password must be changed first")
	// ErrSecondFactorRequired rejects everything but the set-up of a second factor (RequiredStep).
	ErrSecondFactorRequired = errors.New("a second factor must be set up first")

	// ErrUnknownKey means that the server key does not exist, or that the caller may not administer it.
	ErrUnknownKey = errors.New("no such server key")
	// ErrKeyInactive rejects the rotation of a key that was revoked or has expired.
	ErrKeyInactive = errors.New("server key is revoked or expired")
	// ErrKeyRejected rejects a secret that belongs to no key, or was replaced by a rotation.
	ErrKeyRejected = errors.New("server key not accepted")
	// ErrKeyRevoked rejects the secret of a revoked key.
	ErrKeyRevoked = errors.New("server key was revoked")
	// ErrKeyExpired rejects the secret of an expired key.
	ErrKeyExpired = errors.New("server key has expired")

	// ErrTokenInvalid rejects an access or refresh token. The three errors below wrap it.
	ErrTokenInvalid = errors.New("token not accepted")
	// ErrTokenExpired rejects a token that was valid but has expired.
	ErrTokenExpired = fmt.Errorf("%w: expired", ErrTokenInvalid)
	// ErrUnknownToken rejects a refresh token that is not in the store.
	ErrUnknownToken = fmt.Errorf("%w: unknown", ErrTokenInvalid)
	// ErrTokenReused rejects a refresh token that was already used or revoked. Its whole family is revoked by
	// then.
	ErrTokenReused = fmt.Errorf("%w: used or revoked before", ErrTokenInvalid)
)

// SecondFactorNeeded is returned by Login when the password is correct and a code is required. Pass the code
// to SecondFactors.Login.
type SecondFactorNeeded struct {
	Token     string        // proves the first step; opaque
	ExpiresIn time.Duration // how long Token is valid
}

func (*SecondFactorNeeded) Error() string { return "a code of the second factor is needed" }

// TooManyAttempts rejects a login before the password is checked.
type TooManyAttempts struct {
	// RetryAfter is the time until the next attempt is allowed: above 0, at most 15 minutes.
	RetryAfter time.Duration
}

func (e *TooManyAttempts) Error() string {
	return fmt.Sprintf("too many failed logins, retry after %s", e.RetryAfter)
}

// KeyRateLimited rejects a request of a server key that exceeds its rate limit.
type KeyRateLimited struct {
	PerMinute  int // the key's limit
	RetryAfter time.Duration
}

func (e *KeyRateLimited) Error() string {
	return fmt.Sprintf("more than %d requests of a key per minute", e.PerMinute)
}

// Invalid lists all validation errors of an account's fields, in field order.
type Invalid []FieldFault

// FieldFault is a validation error of one field.
type FieldFault struct {
	Field  string // "email", "name", "role", "sites", "password" or "new_password"
	Code   FaultCode
	Reason string // human-readable, without the submitted value: "must be 12 to 256 characters long"
}

// FaultCode is the machine-readable kind of a fault.
type FaultCode string

// Fault codes.
const (
	FaultRequired FaultCode = "required" // the field is empty
	FaultInvalid  FaultCode = "invalid"  // the value is not accepted
)

// add appends a fault for an invalid value, unless reason is empty.
func (e *Invalid) add(field, reason string) {
	if reason != "" {
		*e = append(*e, FieldFault{field, FaultInvalid, reason})
	}
}

// check appends a fault when the value is empty or check returns a reason to reject it.
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
