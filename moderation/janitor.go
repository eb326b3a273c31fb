package moderation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Retention periods.
const (
	idempotencyKept = 24 * time.Hour
	loginsKept      = 24 * time.Hour
	signInsKept     = 90 * 24 * time.Hour
	deletedTextKept = 30 * 24 * time.Hour // a moderator's deletion can be reviewed until then
	sketchesKept    = 25 * time.Hour      // facts cover the last day
	blocksKept      = 30 * 24 * time.Hour // an ended block can be looked up until then
	tabsKept        = 24 * time.Hour      // no request can arrive this late
	messagesKept    = 30 * 24 * time.Hour // a message that is done can be looked up until then
	attemptsKept    = 7 * 24 * time.Hour  // a request to a webhook can be looked up until then
	readersKept     = 24 * time.Hour      // without a comment; no submission takes this long
	janitorInterval = time.Hour
)

// JanitorStore is the storage of Janitor. Each method returns the number of rows changed.
type JanitorStore interface {
	// ForgetAddresses removes address indexes and prefixes from submissions, sign-ins, votes and reports
	// created before the given time.
	ForgetAddresses(ctx context.Context, before time.Time) (int64, error)
	// ForgetIdempotencyKeys removes keys created before the given time.
	ForgetIdempotencyKeys(ctx context.Context, before time.Time) (int64, error)
	// ForgetSignIns removes sign-in records created before the given time.
	ForgetSignIns(ctx context.Context, before time.Time) (int64, error)
	// ForgetLogins removes refresh tokens and sessions that expired before the given time, and failed sign-in
	// counters last updated before it.
	ForgetLogins(ctx context.Context, before time.Time) (int64, error)
	// ForgetSketches removes the near-duplicate sketches of submissions created before the given time.
	ForgetSketches(ctx context.Context, before time.Time) (int64, error)
	// ForgetBlocks removes blocks that ended before the given time.
	ForgetBlocks(ctx context.Context, before time.Time) (int64, error)
	// ForgetClaims removes claims that ended before the given time.
	ForgetClaims(ctx context.Context, before time.Time) (int64, error)
	// ForgetTabs removes tabs without claims since the given time.
	ForgetTabs(ctx context.Context, before time.Time) (int64, error)
	// ForgetMessages removes messages of the outbox that were done before the given time.
	ForgetMessages(ctx context.Context, before time.Time) (int64, error)
	// ForgetMailRequests removes the counts of mails that were asked for last before the given time.
	ForgetMailRequests(ctx context.Context, before time.Time) (int64, error)
	// ForgetAttempts removes requests to webhooks that were sent before the given time.
	ForgetAttempts(ctx context.Context, before time.Time) (int64, error)
	// ForgetReaders removes signed-in readers without comments who were first seen before the given time.
	ForgetReaders(ctx context.Context, before time.Time) (int64, error)
	// EraseDeleted erases the texts of comments deleted before the given time.
	EraseDeleted(ctx context.Context, before time.Time) (int64, error)
}

// Janitor removes data past its retention period.
type Janitor struct {
	Store JanitorStore
	// AddressesKept is the retention period of client address indexes and prefixes.
	AddressesKept time.Duration
	Now           func() time.Time
	Log           *slog.Logger
}

// Run sweeps immediately and then every hour until ctx ends. Failures are logged and retried at the next
// sweep.
func (j *Janitor) Run(ctx context.Context) {
	Every(ctx, janitorInterval, j.Sweep, func(err error) { j.Log.ErrorContext(ctx, "sweep failed", "err", err) })
}

// Sweep removes everything that is due. It continues after failures and returns them joined.
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
		{"messages", j.Store.ForgetMessages, messagesKept},
		{"requests for mail", j.Store.ForgetMailRequests, messagesKept},
		{"requests to webhooks", j.Store.ForgetAttempts, attemptsKept},
		{"signed-in readers without comments", j.Store.ForgetReaders, readersKept},
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
