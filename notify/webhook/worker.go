package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
)

// WorkerStore is the storage of Worker.
type WorkerStore interface {
	// DueWebhooks returns the webhooks that have deliveries due, at most limit.
	DueWebhooks(ctx context.Context, at time.Time, limit int) ([]string, error)
	// Claim returns deliveries of one webhook that are due, the oldest first, and makes them due again at
	// c.Until. No other node gets them before.
	Claim(ctx context.Context, c notify.Claim) ([]notify.Message, error)
	// Webhook returns moderation.ErrNotFound.
	Webhook(ctx context.Context, id string) (Webhook, error)
	// FinishDelivery records the result of a try, and returns the webhook's state after it.
	FinishDelivery(ctx context.Context, f Finished) (Health, error)
	// SiteAdmins returns the admins of a site who can sign in.
	SiteAdmins(ctx context.Context, siteID string) ([]string, error)
	// PauseWebhook pauses an active webhook; its waiting deliveries fail.
	PauseWebhook(ctx context.Context, p Pause) error
}

// Finished is the result of a try.
type Finished struct {
	notify.Result
	WebhookID string
	Attempt   *Attempt // nil: no request was sent
}

// Health is how many deliveries of a webhook failed in a row, and since when; zero if the last one succeeded.
type Health struct {
	Failures int
	Since    time.Time
}

// Pause pauses a webhook.
type Pause struct {
	WebhookID string
	Reason    PauseReason
	At        time.Time
	Mails     []notify.Message // to the admins
}

const (
	maxDue     = 1000 // webhooks looked up at once
	claimBatch = 16
	// claimLife is how long a claim lasts: after it, another node sends what a killed one had claimed. A
	// delivery that could begin only later than startBy after the claim is given back.
	claimLife = 30 * time.Second
	startBy   = claimLife - RequestTimeout - 5*time.Second

	// finishTime is the maximum time for recording a result.
	finishTime = 30 * time.Second

	// PauseAfter is how long all deliveries must fail before a webhook is paused; at least minFailures must.
	PauseAfter  = 24 * time.Hour
	minFailures = 5

	// PausedError is why deliveries of a paused webhook failed.
	PausedError = "the webhook is paused"

	// maxHold is the longest pause of a webhook whose server fails.
	maxHold = 5 * time.Minute
)

// Worker sends the deliveries that are due: those of one webhook one after another, those of different ones
// at the same time. All fields are required.
type Worker struct {
	Store  WorkerStore
	Sender *Sender
	// Parallel is the number of webhooks that are sent to at the same time.
	Parallel int
	Observe  func(EventType, Observation)
	Log      *slog.Logger
	Now      func() time.Time
	NewID    func() string
	// Random returns a number from 0 to 1, for the jitter of pauses.
	Random func() float64

	slots   chan struct{} // taken by the webhooks that are being sent to; made by start
	mu      sync.Mutex
	busy    map[string]bool
	holding map[string]hold
}

// Observation is a request for metrics.
type Observation struct {
	OK    bool
	State notify.State // of the delivery after it
	Took  time.Duration
	Age   time.Duration // of the delivery
}

// hold keeps a worker from a webhook whose server fails.
type hold struct {
	failures int // in a row, on this node
	until    time.Time
}

// Run sends until ctx ends. Failures are logged and tried again.
func (w *Worker) Run(ctx context.Context) {
	var running sync.WaitGroup
	notify.Repeat(ctx, func(ctx context.Context) (bool, error) { return false, w.start(ctx, &running) },
		func(err error) { w.Log.ErrorContext(ctx, "send webhooks failed", "err", err) })
	running.Wait()
}

// SendDue sends what is due and returns when that is done.
func (w *Worker) SendDue(ctx context.Context) error {
	var running sync.WaitGroup
	err := w.start(ctx, &running)
	running.Wait()
	return err
}

// start sends to each webhook that has deliveries due, unless that happens already. It waits while Parallel
// webhooks are being sent to.
func (w *Worker) start(ctx context.Context, running *sync.WaitGroup) error {
	if w.slots == nil {
		w.slots = make(chan struct{}, w.Parallel)
	}
	due, err := w.Store.DueWebhooks(ctx, w.Now(), maxDue)
	if err != nil {
		return fmt.Errorf("find due webhooks: %w", err)
	}
	for _, id := range due {
		if !w.occupy(id) {
			continue
		}
		select {
		case w.slots <- struct{}{}:
		case <-ctx.Done():
			w.release(id)
			return nil
		}
		running.Go(func() {
			defer func() { <-w.slots }()
			defer w.release(id)
			if err := w.drain(ctx, id); err != nil && ctx.Err() == nil {
				w.Log.ErrorContext(ctx, "send webhook failed", "webhook", id, "err", err)
			}
		})
	}
	return nil
}

// occupy reserves a webhook for the caller, unless it is reserved or rests after failures.
func (w *Worker) occupy(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy == nil {
		w.busy, w.holding = map[string]bool{}, map[string]hold{}
	}
	if w.busy[id] || w.Now().Before(w.holding[id].until) {
		return false
	}
	w.busy[id] = true
	return true
}

func (w *Worker) release(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, id)
}

// drain sends the deliveries of a webhook until none is due or one fails.
func (w *Worker) drain(ctx context.Context, id string) error {
	for ctx.Err() == nil {
		now := w.Now()
		claim := notify.Claim{At: now, Until: now.Add(claimLife), Limit: claimBatch, WebhookID: id}
		messages, err := w.Store.Claim(ctx, claim)
		if err != nil || len(messages) == 0 {
			return err
		}
		for i, m := range messages {
			again, err := w.deliver(ctx, m)
			if err == nil && again && w.Now().Before(now.Add(startBy)) {
				continue
			}
			if err := errors.Join(err, w.giveBack(ctx, messages[i+1:])); err != nil || !again {
				return err
			}
			break
		}
	}
	return nil
}

// giveBack makes deliveries due again that were claimed and not tried.
func (w *Worker) giveBack(ctx context.Context, messages []notify.Message) error {
	for _, m := range messages {
		r := notify.Result{State: notify.StateWaiting, Tries: m.Tries - 1, DueAt: w.Now(), Error: m.Error}
		if _, err := w.finish(ctx, m, r, nil); err != nil {
			return err
		}
	}
	return nil
}

// deliver tries one delivery and records the result. again is false if the webhook should rest.
func (w *Worker) deliver(ctx context.Context, m notify.Message) (again bool, err error) {
	hook, err := w.Store.Webhook(ctx, m.WebhookID)
	if errors.Is(err, moderation.ErrNotFound) {
		return false, nil // its deliveries were removed with it
	}
	if err != nil {
		return false, err
	}
	if hook.State == Paused && EventType(m.Kind) != WebhookTest {
		_, err := w.finish(ctx, m, notify.Result{State: notify.StateFailed, Tries: m.Tries - 1, Error: PausedError}, nil)
		return true, err
	}
	outcome, err := w.Sender.Send(ctx, hook, m)
	var obsolete *notify.ObsoleteError
	switch {
	case errors.As(err, &obsolete):
		_, err := w.finish(ctx, m, notify.Result{State: notify.StateDropped, Tries: m.Tries, Error: obsolete.Reason}, nil)
		return true, err
	case ctx.Err() != nil:
		return false, w.giveBack(ctx, []notify.Message{m})
	case err != nil:
		w.Log.ErrorContext(ctx, "a webhook's delivery could not be made", "message", m.ID, "webhook", hook.ID, "err", err)
		_, err := w.finish(ctx, m, w.later(m, "the request could not be made; the server's log says why"), nil)
		return true, err
	}
	return w.record(ctx, hook, m, outcome)
}

// record records a request, and pauses the webhook after too many failures.
func (w *Worker) record(ctx context.Context, hook Webhook, m notify.Message, o Outcome) (again bool, err error) {
	result := notify.Result{State: notify.StateSent, Tries: m.Tries}
	switch {
	case o.OK:
	case EventType(m.Kind) == WebhookTest, o.Gone:
		result = notify.Result{State: notify.StateFailed, Tries: m.Tries, Error: o.Attempt.Error}
	default:
		result = w.later(m, o.Attempt.Error)
		result.DueAt = later(result.DueAt, w.Now().Add(o.RetryAfter))
	}
	health, err := w.finish(ctx, m, result, &o.Attempt)
	if err != nil {
		return false, err
	}
	w.Observe(EventType(m.Kind), Observation{o.OK, result.State, o.Attempt.Took, w.Now().Sub(m.CreatedAt)})
	w.note(hook.ID, o)
	switch {
	case o.OK || hook.State != Active:
	case o.Gone:
		err = w.pause(ctx, hook, PausedAsGone)
	case health.Failures >= minFailures && w.Now().Sub(health.Since) >= PauseAfter:
		err = w.pause(ctx, hook, PausedByFailures)
	}
	return o.OK, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// later schedules the next try, or gives up.
func (w *Worker) later(m notify.Message, why string) notify.Result {
	if m.Tries >= notify.MaxTries {
		return notify.Result{State: notify.StateFailed, Tries: m.Tries, Error: why}
	}
	return notify.Result{State: notify.StateWaiting, Tries: m.Tries, DueAt: w.Now().Add(notify.Pause(m.Tries, w.Random())),
		Error: why}
}

// note lets this node rest from a webhook whose server fails, so that an outage costs each delivery few
// tries.
func (w *Worker) note(id string, o Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.holding == nil {
		w.holding = map[string]hold{}
	}
	if o.OK {
		delete(w.holding, id)
		return
	}
	h := w.holding[id]
	h.failures++
	h.until = w.Now().Add(max(o.RetryAfter, min(time.Second<<min(h.failures-1, 10), maxHold)))
	w.holding[id] = h
}

// finish records a result even if ctx ends, since the server may have accepted the delivery.
func (w *Worker) finish(ctx context.Context, m notify.Message, r notify.Result, a *Attempt) (Health, error) {
	r.ID, r.At = m.ID, w.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTime)
	defer cancel()
	health, err := w.Store.FinishDelivery(ctx, Finished{Result: r, WebhookID: m.WebhookID, Attempt: a})
	if err != nil {
		return health, fmt.Errorf("record the result of delivery %s: %w", m.ID, err)
	}
	return health, nil
}

// pause pauses a webhook and tells the site's admins.
func (w *Worker) pause(ctx context.Context, hook Webhook, why PauseReason) error {
	admins, err := w.Store.SiteAdmins(ctx, hook.SiteID)
	if err != nil {
		return fmt.Errorf("find admins: %w", err)
	}
	p := Pause{WebhookID: hook.ID, Reason: why, At: w.Now()}
	for _, id := range admins {
		p.Mails = append(p.Mails, notify.Message{ID: w.NewID(), Channel: notify.ChannelMail, Kind: notify.KindWebhookPaused,
			SiteID: hook.SiteID, ModeratorID: id, WebhookID: hook.ID, State: notify.StateWaiting, DueAt: p.At, CreatedAt: p.At})
	}
	if err := w.Store.PauseWebhook(ctx, p); err != nil {
		return fmt.Errorf("pause webhook: %w", err)
	}
	w.Log.WarnContext(ctx, "a webhook was paused", "webhook", hook.ID, "site", hook.SiteID, "why", string(why))
	return nil
}
