package webhook

import (
	"slices"
	"time"
)

// Type is what kind of server a webhook sends to.
type Type string

// Types.
const (
	Standard   Type = "standard" // JSON with a signature, as in the Standard Webhooks specification
	Slack      Type = "slack"
	Discord    Type = "discord"
	Mattermost Type = "mattermost"
	Telegram   Type = "telegram"
)

// Types are all types.
var Types = []Type{Standard, Slack, Discord, Mattermost, Telegram}

// EventType is the type of an event that a webhook can get.
type EventType string

// Types of events.
const (
	CommentCreated   EventType = "comment.created"
	CommentHeld      EventType = "comment.held"
	CommentApproved  EventType = "comment.approved"
	CommentRejected  EventType = "comment.rejected"
	CommentSpam      EventType = "comment.spam"
	CommentEdited    EventType = "comment.edited"
	CommentDeleted   EventType = "comment.deleted"
	CommentReported  EventType = "comment.reported"
	AppealCreated    EventType = "appeal.created"
	QueueDepth       EventType = "queue.depth"
	RulesetActivated EventType = "ruleset.activated"

	// WebhookTest is sent when an admin asks for it, whatever events the webhook has.
	WebhookTest EventType = "webhook.test"
)

// EventTypes are the types that admins can choose.
var EventTypes = []EventType{CommentCreated, CommentHeld, CommentApproved, CommentRejected, CommentSpam, CommentEdited,
	CommentDeleted, CommentReported, AppealCreated, QueueDepth, RulesetActivated}

// State is whether a webhook gets deliveries.
type State string

// States.
const (
	Active State = "active"
	Paused State = "paused"
)

// PauseReason is why a webhook is paused.
type PauseReason string

// Reasons.
const (
	PausedByAdmin    PauseReason = "admin"
	PausedByFailures PauseReason = "failures" // all deliveries failed for PauseAfter
	PausedAsGone     PauseReason = "gone"     // the server responded with 410 Gone
)

// Text says why, in a sentence. Active webhooks have no reason.
func (r PauseReason) Text() string {
	switch r {
	case PausedByAdmin:
		return "An admin paused it."
	case PausedByFailures:
		return "All deliveries failed for a day."
	case PausedAsGone:
		return "Its server responded with 410 Gone, which asks to send nothing more."
	}
	return ""
}

// Webhook is an address to which events of a site are sent.
type Webhook struct {
	ID     string
	SiteID string
	Name   string
	Type   Type
	Host   string // of the URL
	Chat   string // Telegram: the chat's ID; otherwise empty
	Events []EventType
	Email  bool // the payload has the commenter's email
	Depth  int  // QueueDepth is sent when more comments than this are waiting

	State       State
	PauseReason PauseReason
	// Failures is how many deliveries failed since the last one that succeeded, the first at FailingSince.
	Failures     int
	FailingSince time.Time

	URLSealed       []byte // bound to the webhook: URLs of chats are secrets
	SecretSealed    []byte // likewise; empty for chats
	OldSecretSealed []byte // also signs until OldSecretUntil; empty for none
	OldSecretUntil  time.Time
	Version         int // increases with every change by an admin
	CreatedAt       time.Time
}

// Wants reports whether an event is to be sent to the webhook.
func (w Webhook) Wants(e EventType) bool { return w.State == Active && slices.Contains(w.Events, e) }

// Sealed values are bound to the webhook, and to what they are.
func urlContext(id string) string    { return "webhook-url:" + id }
func secretContext(id string) string { return "webhook-secret:" + id }

func exchangeContext(attemptID string) string { return "webhook-exchange:" + attemptID }

// Attempt is one request to a webhook, with what came back.
type Attempt struct {
	ID        string
	MessageID string
	WebhookID string
	SiteID    string
	CommentID string // empty: about no single comment
	At        time.Time
	Took      time.Duration
	Status    int    // of the response; 0: there was none
	Error     string // why it failed; empty: it succeeded
	Sealed    []byte // the exchange, bound to ID
}

// Exchange is what was sent and received, shortened. It may contain names and texts.
type Exchange struct {
	RequestHeader  []Header `json:"request_header"`
	RequestBody    string   `json:"request_body"`
	ResponseHeader []Header `json:"response_header"`
	ResponseBody   string   `json:"response_body"`
}

// Header is a header of a request or response.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Keys seals secrets. privacy.Keyring implements it.
type Keys interface {
	Seal(plain, context string) ([]byte, error)
	Open(sealed []byte, context string) (string, error)
}
