package webhook

import (
	"context"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/notify"
)

// PlannerStore is the storage of Planner.
type PlannerStore interface {
	// ActiveWebhooks returns the active webhooks of all sites.
	ActiveWebhooks(ctx context.Context) ([]Webhook, error)
	// PendingComments counts the comments of a site that wait for a decision.
	PendingComments(ctx context.Context, siteID string) (int, error)
	// RearmDepth notes that a queue is no longer deeper than the webhook's Depth, so that QueueDepth is sent
	// again.
	RearmDepth(ctx context.Context, webhookID string) error
}

// Planner decides which webhook gets which event. All fields are required. It is a notify.EventPlanner.
type Planner struct {
	Store PlannerStore
	Now   func() time.Time
	NewID func() string
}

// Plan returns the deliveries of events.
func (p *Planner) Plan(ctx context.Context, events []notify.Event) ([]notify.Message, error) {
	hooks, err := p.Store.ActiveWebhooks(ctx)
	if err != nil || len(hooks) == 0 {
		return nil, err
	}
	var messages []notify.Message
	last := map[string]notify.Event{} // by site: the last event that changed a status
	for _, e := range events {
		if e.Decision.From != e.Decision.To {
			last[e.SiteID] = e
		}
		for _, t := range typesOf(e) {
			for _, hook := range hooks {
				if hook.SiteID == e.SiteID && hook.Wants(t) {
					messages = append(messages, p.message(hook, t, e))
				}
			}
		}
	}
	deep, err := p.depths(ctx, hooks, last)
	return append(messages, deep...), err
}

// typesOf returns the types of an event, in the order in which they are sent.
func typesOf(e notify.Event) []EventType {
	switch e.Kind {
	case notify.EventReport:
		return []EventType{CommentReported}
	case notify.EventRuleset:
		return []EventType{RulesetActivated}
	case notify.EventDecision, notify.EventEdit:
	}
	d := e.Decision
	var types []EventType
	if d.From == "" {
		types = append(types, CommentCreated)
	}
	if e.Kind == notify.EventEdit {
		types = append(types, CommentEdited)
	}
	if d.Actor == moderation.ActorCommenter && d.To == moderation.StatusPending {
		types = append(types, AppealCreated)
	}
	if t := typeOfStatus[d.To]; t != "" && d.From != d.To {
		types = append(types, t)
	}
	return types
}

var typeOfStatus = map[moderation.Status]EventType{
	moderation.StatusPending: CommentHeld, moderation.StatusApproved: CommentApproved,
	moderation.StatusRejected: CommentRejected, moderation.StatusSpam: CommentSpam,
	moderation.StatusDeleted: CommentDeleted,
}

func (p *Planner) message(hook Webhook, t EventType, e notify.Event) notify.Message {
	m := notify.Message{ID: p.NewID(), Channel: notify.ChannelWebhook, Kind: notify.Kind(t), SiteID: hook.SiteID,
		CommentID: e.Comment.ID, WebhookID: hook.ID, State: notify.StateWaiting, DueAt: p.Now(), CreatedAt: p.Now(),
		EventID: e.ID}
	m.Payload = notify.Payload{DecisionID: e.Decision.ID, At: e.CreatedAt}
	if e.Decision.ID == "" {
		m.Payload.SubjectID = e.ID
	}
	if t == QueueDepth {
		m.CommentID, m.Payload = "", notify.Payload{At: e.CreatedAt}
	}
	return m
}

// depths returns the deliveries about queues that became deeper than a webhook wants.
func (p *Planner) depths(ctx context.Context, hooks []Webhook, last map[string]notify.Event) ([]notify.Message, error) {
	var messages []notify.Message
	pending := map[string]int{}
	for _, hook := range hooks {
		e, changed := last[hook.SiteID]
		if !changed || !hook.Wants(QueueDepth) {
			continue
		}
		n, known := pending[hook.SiteID]
		if !known {
			var err error
			if n, err = p.Store.PendingComments(ctx, hook.SiteID); err != nil {
				return nil, fmt.Errorf("count waiting comments: %w", err)
			}
			pending[hook.SiteID] = n
		}
		if n > hook.Depth {
			messages = append(messages, p.message(hook, QueueDepth, e))
		} else if err := p.Store.RearmDepth(ctx, hook.ID); err != nil {
			return nil, fmt.Errorf("rearm queue depth: %w", err)
		}
	}
	return messages, nil
}
