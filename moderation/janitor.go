package moderation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// How long things are kept that nobody needs for ever.
const (
	idempotencyKept = 24 * time.Hour
	loginsKept      = 24 * time.Hour
	signInsKept     = 90 * 24 * time.Hour
	deletedTextKept = 30 * 24 * time.Hour // in which a moderator's deletion may still be examined
	sketchesKept    = 25 * time.Hour      // facts look back one day
	blocksKept      = 30 * 24 * time.Hour // in which a block that ended may still be looked at
	tabsKept        = 24 * time.Hour      // no request can arrive this late
	janitorInterval = time.Hour
)

// JanitorStore is the storage that forgetting needs. Each method returns how many rows it changed.
type JanitorStore interface {
	// ForgetAddresses removes index and prefix of addresses from submissions, sign-ins, votes and reports made
	// before then.
	ForgetAddresses(ctx context.Context, before time.Time) (int64, error)
	// ForgetIdempotencyKeys removes keys made before then.
	ForgetIdempotencyKeys(ctx context.Context, before time.Time) (int64, error)
	// ForgetSignIns removes records of sign-ins made before then.
	ForgetSignIns(ctx context.Context, before time.Time) (int64, error)
	// ForgetLogins removes refresh tokens and sessions that expired, and failed sign-ins whose last was, before
	// then.
	ForgetLogins(ctx context.Context, before time.Time) (int64, error)
	// ForgetSketches removes what finds texts that are nearly the same, of submissions made before then.
	ForgetSketches(ctx context.Context, before time.Time) (int64, error)
	// ForgetBlocks removes blocks that ended before then.
	ForgetBlocks(ctx context.Context, before time.Time) (int64, error)
	// ForgetClaims removes claims that ended before then.
	ForgetClaims(ctx context.Context, before time.Time) (int64, error)
	// ForgetTabs deletes tabs without claims since then.
	ForgetTabs(ctx context.Context, before time.Time) (int64, error)
	// EraseDeleted removes the texts of comments that were deleted before then.
	EraseDeleted(ctx context.Context, before time.Time) (int64, error)
}

// Janitor forgets what is past its retention.
type Janitor struct {
	Store JanitorStore
	// AddressesKept is how long indexes and prefixes of client addresses are kept.
	AddressesKept time.Duration
	Now           func() time.Time
	Log           *slog.Logger
}

// Run sweeps at once and then every hour, until ctx ends. A failed sweep is logged and tried again next time.
func (j *Janitor) Run(ctx context.Context) {
	Every(ctx, janitorInterval, j.Sweep, func(err error) { j.Log.ErrorContext(ctx, "sweep failed", "err", err) })
}

// Sweep forgets everything that is due now. It goes on after a failure and returns all of them.
func (j *Janitor) Sweep(ctx context.Context) error {
	now := j.Now().UTC()
	var errs []error
	for _, task := range []struct {
		name   string
		forget func(context.Context, time.Time) (int64, error)
		kept   time.Duration
	}{
		{"addresses", j.Store.ForgetAddresses, j.AddressesKept},
		{"idempotency keys", j.Store.ForgetIdempotencyKeys, idempotencyKept},
		{"sign-ins", j.Store.ForgetSignIns, signInsKept},
		{"logins", j.Store.ForgetLogins, loginsKept},
		{"sketches", j.Store.ForgetSketches, sketchesKept},
		{"blocks", j.Store.ForgetBlocks, blocksKept},
		{"claims", j.Store.ForgetClaims, 0},
		{"tabs", j.Store.ForgetTabs, tabsKept},
		{"deleted texts", j.Store.EraseDeleted, deletedTextKept},
	} {
		n, err := task.forget(ctx, now.Add(-task.kept))
		if err != nil {
			errs = append(errs, fmt.Errorf("forget %s: %w", task.name, err))
			continue
		}
		if n > 0 {
			j.Log.InfoContext(ctx, "forgot what is past its retention", "what", task.name, "rows", n)
		}
	}
	return errors.Join(errs...)
}
