package notify

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// eventBatch is how many events are planned in one transaction.
const eventBatch = 200

// DispatchStore is the storage of Dispatcher.
type DispatchStore interface {
	// Events returns the oldest events that are not planned yet.
	Events(ctx context.Context, limit int) ([]Event, error)
	// Plan deletes events and stores their messages, in one transaction. Messages of events that another node
	// has planned meanwhile are not stored, nor those whose Dedupe exists, nor confirmations beyond the
	// limits, nor a second report of a deep queue.
	Plan(ctx context.Context, eventIDs []string, messages []Message, now time.Time) error
}

// EventPlanner decides which messages follow from events.
type EventPlanner interface {
	Plan(ctx context.Context, events []Event) ([]Message, error)
}

// Dispatcher turns events into messages. All fields are required.
type Dispatcher struct {
	Store    DispatchStore
	Planners []EventPlanner // one for each channel in use
	Log      *slog.Logger
	Now      func() time.Time
}

// Run plans until ctx ends. Failures are logged and tried again.
func (d *Dispatcher) Run(ctx context.Context) {
	Repeat(ctx, d.Plan, func(err error) { d.Log.ErrorContext(ctx, "plan messages failed", "err", err) })
}

// Plan turns events into messages. More reports that there may be further ones.
func (d *Dispatcher) Plan(ctx context.Context) (more bool, err error) {
	events, err := d.Store.Events(ctx, eventBatch)
	if err != nil || len(events) == 0 {
		return false, err
	}
	ids := make([]string, len(events))
	for i, event := range events {
		ids[i] = event.ID
	}
	var messages []Message
	for _, planner := range d.Planners {
		planned, err := planner.Plan(ctx, events)
		if err != nil {
			return false, fmt.Errorf("plan: %w", err)
		}
		messages = append(messages, planned...)
	}
	if err := d.Store.Plan(ctx, ids, messages, d.Now()); err != nil {
		return false, fmt.Errorf("plan: %w", err)
	}
	return len(events) == eventBatch, nil
}
