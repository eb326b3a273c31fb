package notify

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// AdminStore is the storage of Outbox.
type AdminStore interface {
	// Messages returns a page of messages, the newest first.
	Messages(ctx context.Context, q MessageQuery) ([]Message, error)
	// Resend makes a failed message due at once, with all its tries. moderation.ErrNotFound if no failed message of
	// the sites has that id.
	Resend(ctx context.Context, r Resend) error
	// OutboxCounts returns the state of the outbox.
	OutboxCounts(ctx context.Context) (OutboxCounts, error)
}

// MessageQuery selects messages.
type MessageQuery struct {
	State   State    // empty: all
	SiteIDs []string // empty: all, also those about accounts
	Before  string   // id of the last message of the previous page; empty: the first page
	Limit   int
}

// Resend names a message to send again.
type Resend struct {
	ID      string
	SiteIDs []string // empty: all
	At      time.Time
}

// OutboxCounts is the state of the outbox.
type OutboxCounts struct {
	Events  int // not planned yet
	Waiting int
	Overdue int // of the waiting: due for more than a minute
	Failed  int
	// OldestDue is when the oldest waiting message was due; zero if none is.
	OldestDue time.Time
}

// Outbox shows messages to admins.
type Outbox struct {
	Store AdminStore
	Now   func() time.Time
}

// MaxMessages is the maximum size of a page of messages.
const MaxMessages = 100

// MessagePage is a page of messages.
type MessagePage struct {
	Items []Message
	Next  string // Before of the next page; empty: this is the last
}

// List returns a page of the messages that a viewer may see. Errors: moderation.ErrCursor.
func (o *Outbox) List(ctx context.Context, v moderation.Viewer, q MessageQuery) (MessagePage, error) {
	if q.Before != "" && !moderation.ValidID(q.Before) {
		return MessagePage{}, fmt.Errorf("list messages: %w", moderation.ErrCursor)
	}
	switch q.State {
	case "", StateWaiting, StateSent, StateDropped, StateFailed:
	default:
		var faults moderation.Invalid
		faults.Add("/state", "unknown", "Must be waiting, sent, dropped or failed.")
		return MessagePage{}, faults.Err()
	}
	limit := min(max(q.Limit, 1), MaxMessages)
	q.SiteIDs, q.Limit = v.SiteIDs, limit+1
	list, err := o.Store.Messages(ctx, q)
	if err != nil {
		return MessagePage{}, fmt.Errorf("list messages: %w", err)
	}
	page := MessagePage{Items: list}
	if len(list) > limit {
		page.Items, page.Next = list[:limit], list[limit-1].ID
	}
	return page, nil
}

// Resend sends a failed message again. Errors: moderation.ErrNotFound.
func (o *Outbox) Resend(ctx context.Context, v moderation.Viewer, id string) error {
	return wrap("resend message", o.Store.Resend(ctx, Resend{ID: id, SiteIDs: v.SiteIDs, At: o.Now().UTC()}))
}

// Counts returns the state of the outbox.
func (o *Outbox) Counts(ctx context.Context) (OutboxCounts, error) {
	counts, err := o.Store.OutboxCounts(ctx)
	return counts, wrap("count messages", err)
}
