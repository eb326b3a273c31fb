package auth

import (
	"context"
	"time"
)

// SecondFactorStore is the storage for second factors.
type SecondFactorStore interface {
	// SecondFactor returns a moderator's second factor, confirmed or not. Errors: ErrSecondFactorOff if there
	// is none.
	SecondFactor(ctx context.Context, moderatorID string) (SecondFactor, error)
	// PutSecondFactor stores an unconfirmed second factor and replaces an earlier unconfirmed one. Errors:
	// ErrSecondFactorOn if there is a confirmed one.
	PutSecondFactor(ctx context.Context, f SecondFactor) error
	// ConfirmSecondFactor turns on the second factor with the secret f.SecretSealed, and stores its last step
	// and recovery codes. Errors: ErrSecondFactorOff if it does not exist, ErrSecondFactorOn if it is already
	// confirmed.
	ConfirmSecondFactor(ctx context.Context, f SecondFactor, codes [][]byte, entry AuditEntry) error
	// UseStep records that the code of a period was used. Errors: ErrWrongCode if the code of that or a later
	// period was already used.
	UseStep(ctx context.Context, moderatorID string, step int64) error
	// UseRecoveryCode consumes a recovery code. Errors: ErrWrongCode if the hash is unknown or the code was
	// already used.
	UseRecoveryCode(ctx context.Context, moderatorID string, hash []byte, entry AuditEntry) error
	// RemoveSecondFactor deletes the second factor and its recovery codes. Errors: ErrSecondFactorOff if
	// there is none.
	RemoveSecondFactor(ctx context.Context, moderatorID string, entry AuditEntry) error
}

// SecondFactor is the secret shared with a moderator's authenticator app, and its state.
type SecondFactor struct {
	ModeratorID  string
	SecretSealed []byte
	LastStep     int64 // period of the last used code, in units of 30 s since 1970
	CreatedAt    time.Time
	ConfirmedAt  time.Time // zero: enrolled, but not confirmed with a code yet
	CodesLeft    int       // number of unused recovery codes
}

// Confirmed reports whether sign-in requires a code.
func (f SecondFactor) Confirmed() bool { return !f.ConfirmedAt.IsZero() }

// secretContext returns the context that SecretSealed is bound to.
func (f SecondFactor) secretContext() string { return "second-factor:" + f.ModeratorID }
