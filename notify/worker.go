package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"rejoinder/notify/mail"
)

// OutboxStore is the storage of Worker.
type OutboxStore interface {
	// Claim returns messages that are due, and makes them due again at c.Until. No other node gets them
	// before.
	Claim(ctx context.Context, c Claim) ([]Message, error)
	// Extend extends the claim on a message.
	Extend(ctx context.Context, id string, until time.Time) error
	// Finish records the result of a try. It changes nothing if the message is no longer waiting.
	Finish(ctx context.Context, r Result) error
	// SentSince counts the mails to a reader since a time.
	SentSince(ctx context.Context, commenterID string, since time.Time) (int, error)
}

// Claim asks for messages to send.
type Claim struct {
	At, Until time.Time
	Limit     int
	WebhookID string // the recipient; empty: mails
}

// Result is the result of a try to send a message.
type Result struct {
	ID    string
	State State
	// Tries is the new number of tries.
	Tries int
	DueAt time.Time // the next try of a waiting message
	Error string
	At    time.Time
}

const (
	claimBatch = 64 // messages claimed at once

	// claimLife is how long a claim lasts; afterwards, another node sends what a killed node had claimed. A
	// sender that takes longer than slowTime extends its claim. A message whose turn comes too late in its claim
	// is released.
	claimLife = 20 * time.Second
	slowTime  = 5 * time.Second
	// sendTime is the maximum time for one message.
	sendTime = time.Minute

	pollInterval = time.Second
	// readerHourly is the maximum number of mails to one reader in an hour.
	readerHourly = 30
)

// MaxTries is how often a message is tried.
const MaxTries = 8

// pauses are the pauses between the tries.
var pauses = [MaxTries - 1]time.Duration{
	5 * time.Second, 30 * time.Second, 3 * time.Minute, 20 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour,
}

// Pause returns how long to wait after a failed try, the first being 1. random is from 0 to 1, and varies the
// pause by up to a quarter.
func Pause(tries int, random float64) time.Duration {
	pause := pauses[min(max(tries, 1), len(pauses))-1]
	return pause + time.Duration((random-0.5)/2*float64(pause))
}

// Worker sends the mails of the outbox. All fields are required.
type Worker struct {
	Store     OutboxStore
	Composer  *Composer
	Transport mail.Transport
	Readers   *Readers
	// Senders is the number of mails sent at the same time.
	Senders int
	// PerMinute is the maximum number of mails per minute; 0: no limit.
	PerMinute int
	Observe   func(Kind, State, time.Duration) // called when a message is done, with its age
	Log       *slog.Logger
	Now       func() time.Time
	// Random returns a number from 0 to 1, for the jitter of pauses.
	Random func() float64

	mu          sync.Mutex
	outage      int       // failures of the server in a row
	pausedUntil time.Time // the server failed
	nextSlot    time.Time // by PerMinute
}

// Run sends until ctx ends. Failures are logged and tried again.
func (w *Worker) Run(ctx context.Context) {
	Repeat(ctx, w.Send, func(err error) { w.Log.ErrorContext(ctx, "send mails failed", "err", err) })
}

// Repeat calls work until ctx ends: at once while there is more to do, otherwise after a second.
func Repeat(ctx context.Context, work func(context.Context) (more bool, err error), failed func(error)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		more, err := work(ctx)
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
		if more && err == nil {
			timer.Reset(0)
		} else {
			timer.Reset(pollInterval)
		}
	}
}

// Send claims messages that are due and sends them. More reports that there may be further ones.
func (w *Worker) Send(ctx context.Context) (more bool, err error) {
	now := w.Now()
	if w.paused(now) {
		return false, nil
	}
	claim := Claim{At: now, Until: now.Add(claimLife), Limit: claimBatch}
	messages, err := w.Store.Claim(ctx, claim)
	if err != nil || len(messages) == 0 {
		return false, err
	}
	queue := make(chan Message)
	errs := make([]error, w.Senders)
	var running sync.WaitGroup
	for i := range w.Senders {
		running.Go(func() {
			for m := range queue {
				errs[i] = errors.Join(errs[i], w.handle(ctx, m, claim.Until))
			}
		})
	}
	for _, m := range messages {
		queue <- m
	}
	close(queue)
	running.Wait()
	return len(messages) == claimBatch, errors.Join(errs...)
}

// handle sends one message and records the result. The result is recorded even if ctx ends, since the mail
// may have been accepted.
func (w *Worker) handle(ctx context.Context, m Message, claimedUntil time.Time) error {
	if !w.waitForSlot(ctx) || w.paused(w.Now()) || w.Now().Add(2*slowTime).After(claimedUntil) {
		return w.finish(ctx, m, Result{State: StateWaiting, Tries: m.Tries - 1, DueAt: w.resumeAt(), Error: m.Error})
	}
	sending, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	extending := time.AfterFunc(slowTime, func() {
		if err := w.Store.Extend(sending, m.ID, w.Now().Add(2*sendTime)); err != nil && sending.Err() == nil {
			w.Log.ErrorContext(ctx, "the claim on a message could not be extended", "message", m.ID, "err", err)
		}
	})
	defer extending.Stop()
	return w.finish(ctx, m, w.try(sending, m))
}

func (w *Worker) finish(ctx context.Context, m Message, r Result) error {
	r.ID, r.At = m.ID, w.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	if err := w.Store.Finish(ctx, r); err != nil {
		return fmt.Errorf("record the result of message %s: %w", m.ID, err)
	}
	if r.State != StateWaiting && w.Observe != nil {
		w.Observe(m.Kind, r.State, r.At.Sub(m.CreatedAt))
	}
	return nil
}

// try composes and sends a message.
func (w *Worker) try(ctx context.Context, m Message) Result {
	if m.CommenterID != "" {
		if sent, err := w.Store.SentSince(ctx, m.CommenterID, w.Now().Add(-time.Hour)); err != nil {
			return w.retry(ctx, m, err)
		} else if sent >= readerHourly {
			return Result{State: StateWaiting, Tries: m.Tries - 1, DueAt: w.Now().Add(20 * time.Minute),
				Error: "this reader got many mails in the last hour"}
		}
	}
	composed, err := w.Composer.Compose(ctx, m)
	var obsolete *ObsoleteError
	var later *LaterError
	switch {
	case errors.As(err, &obsolete):
		return Result{State: StateDropped, Tries: m.Tries, Error: obsolete.Reason}
	case errors.As(err, &later):
		return Result{State: StateWaiting, Tries: m.Tries - 1, DueAt: later.Until, Error: later.Reason}
	case err != nil:
		return w.retry(ctx, m, err)
	}
	err = w.Transport.Deliver(ctx, composed)
	w.noteServer(ctx, err)
	if err == nil {
		return Result{State: StateSent, Tries: m.Tries}
	}
	return w.failed(ctx, m, err)
}

// failed returns the result of a mail that was not accepted.
func (w *Worker) failed(ctx context.Context, m Message, err error) Result {
	var failure *mail.Failure
	if !errors.As(err, &failure) {
		return w.retry(ctx, m, err)
	}
	if failure.BadAddress && m.Kind.ToReader() {
		if err := w.Readers.StopBounced(ctx, m); err != nil {
			return w.retry(ctx, m, err)
		}
	}
	if failure.Permanent {
		return Result{State: StateFailed, Tries: m.Tries, Error: failure.Reason}
	}
	return w.later(m, failure.Reason)
}

// retry returns the result of a try that failed on our side.
func (w *Worker) retry(ctx context.Context, m Message, err error) Result {
	w.Log.ErrorContext(ctx, "a message could not be written", "message", m.ID, "kind", string(m.Kind), "err", err)
	return w.later(m, "the message could not be written; the server's log says why")
}

// later schedules the next try, or gives up.
func (w *Worker) later(m Message, reason string) Result {
	if m.Tries >= MaxTries {
		return Result{State: StateFailed, Tries: m.Tries, Error: reason}
	}
	return Result{State: StateWaiting, Tries: m.Tries, DueAt: w.Now().Add(Pause(m.Tries, w.Random())), Error: reason}
}

// noteServer pauses sending while the server as a whole fails, so that an outage costs each message one try
// and the server no flood of connections.
func (w *Worker) noteServer(ctx context.Context, err error) {
	var failure *mail.Failure
	down := errors.As(err, &failure) && failure.Server
	w.mu.Lock()
	defer w.mu.Unlock()
	if !down {
		if w.outage > 0 && err == nil {
			w.Log.InfoContext(ctx, "the mail server accepts mail again")
			w.outage = 0
		}
		return
	}
	if w.Now().Before(w.pausedUntil) {
		return // another sender has noted it
	}
	if w.outage == 0 {
		w.Log.ErrorContext(ctx, "mail cannot be sent; it stays in the outbox", "err", failure)
	}
	w.outage++
	w.pausedUntil = w.Now().Add(min(5*time.Second<<min(w.outage-1, 6), 5*time.Minute))
}

func (w *Worker) paused(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return now.Before(w.pausedUntil)
}

// resumeAt is when a message that was not tried is due again.
func (w *Worker) resumeAt() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := w.Now(); w.pausedUntil.Before(now) {
		return now
	}
	return w.pausedUntil
}

// waitForSlot waits until PerMinute allows another mail; false if ctx ends first.
func (w *Worker) waitForSlot(ctx context.Context) bool {
	if w.PerMinute <= 0 {
		return ctx.Err() == nil
	}
	w.mu.Lock()
	now := w.Now()
	if w.nextSlot.Before(now) {
		w.nextSlot = now
	}
	wait := w.nextSlot.Sub(now)
	w.nextSlot = w.nextSlot.Add(time.Minute / time.Duration(w.PerMinute))
	w.mu.Unlock()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
