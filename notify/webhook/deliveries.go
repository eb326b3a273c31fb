package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
)

// DeliveryStore is the storage of deliveries.
type DeliveryStore interface {
	// Deliveries returns a page of a webhook's deliveries, the newest first.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]notify.Message, error)
	// Delivery returns one delivery of a webhook; moderation.ErrNotFound.
	Delivery(ctx context.Context, webhookID, id string) (notify.Message, error)
	// Attempts returns the requests of a delivery, the oldest first.
	Attempts(ctx context.Context, messageID string) ([]Attempt, error)
	// Enqueue stores a message.
	Enqueue(ctx context.Context, m notify.Message) error
	FinishDelivery(ctx context.Context, f Finished) (Health, error)
	// ResendDeliveries makes finished deliveries of a webhook due at once, with all their tries, and returns
	// their number.
	ResendDeliveries(ctx context.Context, r Resend) (int, error)
}

// DeliveryQuery selects deliveries.
type DeliveryQuery struct {
	WebhookID string
	State     notify.State // empty: all
	Before    string       // id of the last delivery of the previous page; empty: the first page
	Limit     int
}

// Resend selects deliveries to send again.
type Resend struct {
	WebhookID string
	ID        string // empty: all that failed, but no tests
	At        time.Time
}

// MaxDeliveries is the maximum size of a page of deliveries.
const MaxDeliveries = 100

// DeliveryPage is a page of deliveries.
type DeliveryPage struct {
	Webhook Webhook
	Items   []notify.Message
	Next    string // Before of the next page; empty: this is the last
}

// Deliveries returns a page of a webhook's deliveries. Errors: moderation.ErrSiteUnknown,
// moderation.ErrNotFound, moderation.ErrCursor, *moderation.Invalid.
func (h *Hooks) Deliveries(ctx context.Context, v moderation.Viewer, of Ref, q DeliveryQuery) (DeliveryPage, error) {
	if q.Before != "" && !moderation.ValidID(q.Before) {
		return DeliveryPage{}, fmt.Errorf("list deliveries: %w", moderation.ErrCursor)
	}
	switch q.State {
	case "", notify.StateWaiting, notify.StateSent, notify.StateDropped, notify.StateFailed:
	default:
		var faults moderation.Invalid
		faults.Add("/state", "unknown", "Must be waiting, sent, dropped or failed.")
		return DeliveryPage{}, faults.Err()
	}
	w, err := h.Find(ctx, v, of)
	if err != nil {
		return DeliveryPage{}, err
	}
	limit := min(max(q.Limit, 1), MaxDeliveries)
	q.WebhookID, q.Limit = w.ID, limit+1
	list, err := h.Store.Deliveries(ctx, q)
	if err != nil {
		return DeliveryPage{}, fmt.Errorf("list deliveries: %w", err)
	}
	page := DeliveryPage{Webhook: w, Items: list}
	if len(list) > limit {
		page.Items, page.Next = list[:limit], list[limit-1].ID
	}
	return page, nil
}

// Delivery is a delivery with its requests, the oldest first.
type Delivery struct {
	notify.Message
	Webhook  Webhook
	Attempts []Request
}

// Request is an attempt with what was sent and received.
type Request struct {
	Attempt
	Exchange Exchange
}

// Delivery returns a delivery with its requests. Errors: moderation.ErrSiteUnknown, moderation.ErrNotFound.
func (h *Hooks) Delivery(ctx context.Context, v moderation.Viewer, of Ref, id string) (Delivery, error) {
	w, err := h.Find(ctx, v, of)
	if err != nil {
		return Delivery{}, err
	}
	d := Delivery{Webhook: w}
	if d.Message, err = h.Store.Delivery(ctx, w.ID, id); err != nil {
		return Delivery{}, fmt.Errorf("find delivery: %w", err)
	}
	attempts, err := h.Store.Attempts(ctx, id)
	if err != nil {
		return Delivery{}, fmt.Errorf("find delivery: %w", err)
	}
	for _, a := range attempts {
		r := Request{Attempt: a}
		plain, err := h.Keys.Open(a.Sealed, exchangeContext(a.ID))
		if err == nil {
			err = json.Unmarshal([]byte(plain), &r.Exchange)
		}
		if err != nil {
			return Delivery{}, fmt.Errorf("open request %s: %w", a.ID, err)
		}
		d.Attempts = append(d.Attempts, r)
	}
	return d, nil
}

// Test sends a test to a webhook, even to a paused one, and returns the delivery. It is tried once.
func (h *Hooks) Test(ctx context.Context, v moderation.Viewer, of Ref) (Delivery, error) {
	w, err := h.Find(ctx, v, of)
	if err != nil {
		return Delivery{}, err
	}
	m := h.newTest(w)
	if err := h.Store.Enqueue(ctx, m); err != nil {
		return Delivery{}, fmt.Errorf("test webhook: %w", err)
	}
	outcome, err := h.Sender.Send(ctx, w, m)
	if err != nil {
		return Delivery{}, fmt.Errorf("test webhook: %w", err) // a worker sends it when the claim ends
	}
	result := notify.Result{ID: m.ID, State: notify.StateSent, Tries: 1, At: h.Now()}
	if !outcome.OK {
		result.State, result.Error = notify.StateFailed, outcome.Attempt.Error
	}
	_, err = h.Store.FinishDelivery(context.WithoutCancel(ctx),
		Finished{Result: result, WebhookID: w.ID, Attempt: &outcome.Attempt})
	if err != nil {
		return Delivery{}, fmt.Errorf("test webhook: %w", err)
	}
	return h.Delivery(ctx, v, of, m.ID)
}

// Resend sends a finished delivery again under the same ID, or with an empty id all failed ones. It returns
// their number. Errors: moderation.ErrSiteUnknown, moderation.ErrNotFound if there is no such delivery,
// *moderation.Invalid if the webhook is paused.
func (h *Hooks) Resend(ctx context.Context, v moderation.Viewer, of Ref, id string) (int, error) {
	w, err := h.Find(ctx, v, of)
	if err != nil {
		return 0, err
	}
	if w.State == Paused {
		var faults moderation.Invalid
		faults.Add("/state", "paused", "The webhook is paused. Resume it first.")
		return 0, faults.Err()
	}
	n, err := h.Store.ResendDeliveries(ctx, Resend{WebhookID: w.ID, ID: id, At: h.Now().UTC()})
	if err == nil && id != "" && n == 0 {
		err = moderation.ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("resend delivery: %w", err)
	}
	return n, nil
}

// Counts is the state of webhooks and their deliveries, for metrics.
type Counts struct {
	Waiting, Failed int       // deliveries
	OldestDue       time.Time // when the oldest waiting delivery was due; zero if none is
	Active, Paused  int       // webhooks
}
