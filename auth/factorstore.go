package auth

import (
	"context"
	"time"
)

// SecondFactorStore keeps second factors.
type SecondFactorStore interface {
	// SecondFactor returns a moderator's second factor, confirmed or not. ErrSecondFactorOff when there is none.
	SecondFactor(ctx context.Context, moderatorID string) (SecondFactor, error)
	// PutSecondFactor stores one that is not confirmed, in place of an earlier one that is not.
	// ErrSecondFactorOn when there is one that is confirmed.
	PutSecondFactor(ctx context.Context, f SecondFactor) error
	// ConfirmSecondFactor turns the one whose secret is f.SecretSealed on, with its last step and recovery
	// codes. ErrSecondFactorOff when it is not there, ErrSecondFactorOn when it is confirmed.
	ConfirmSecondFactor(ctx context.Context, f SecondFactor, codes [][]byte, entry AuditEntry) error
	// UseStep remembers that the code of a period was used. ErrWrongCode when that one or a later one was used
	// already.
	UseStep(ctx context.Context, moderatorID string, step int64) error
	// UseRecoveryCode uses a code up. ErrWrongCode when there is none with that hash, or it was used before.
	UseRecoveryCode(ctx context.Context, moderatorID string, hash []byte, entry AuditEntry) error
	// RemoveSecondFactor turns it off and forgets its recovery codes. ErrSecondFactorOff when there is none.
	RemoveSecondFactor(ctx context.Context, moderatorID string, entry AuditEntry) error
}

// SecondFactor is what a moderator's authenticator app shares with this installation.
type SecondFactor struct {
	ModeratorID  string
	SecretSealed []byte
	LastStep     int64 // the last period whose code was used, in periods of 30 s since 1970
	CreatedAt    time.Time
	ConfirmedAt  time.Time // zero: enrolled, but no code was shown yet
	CodesLeft    int       // recovery codes that were not used
}

// Confirmed reports whether signing in takes a code.
func (f SecondFactor) Confirmed() bool { return !f.ConfirmedAt.IsZero() }

// secretContext is what SecretSealed is bound to.
func (f SecondFactor) secretContext() string { return "second-factor:" + f.ModeratorID }
