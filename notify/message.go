package notify

import (
	"time"

	"rejoinder/moderation"
)

// Channel is the way in which a message is sent.
type Channel string

// Channels.
const (
	ChannelMail    Channel = "mail"
	ChannelWebhook Channel = "webhook" // its kinds are the event types of package webhook
)

// Kind is what a message says.
type Kind string

// Kinds of messages to readers.
const (
	KindConfirm   Kind = "confirm"   // asks to confirm the address
	KindPublished Kind = "published" // the comment was published
	KindDeclined  Kind = "declined"  // the comment was rejected or deleted by a moderator
	KindReply     Kind = "reply"     // somebody replied, or commented on a followed article
	KindReplies   Kind = "replies"   // several of these
	KindManage    Kind = "manage"    // a new link to the page of notifications
	KindFollow    Kind = "follow"    // asks to confirm that an article is followed
	KindPerson    Kind = "person"    // the link to the reader's own comments
)

// Kinds of messages to moderators.
const (
	KindUrgent  Kind = "urgent"  // a comment must be decided soon
	KindDigest  Kind = "digest"  // comments wait
	KindLink    Kind = "link"    // an invitation or a new password
	KindSignIn  Kind = "sign_in" // a sign-in on a new device
	KindAccount Kind = "account" // password, second factor or access changed

	KindWebhookPaused Kind = "webhook_paused" // a webhook of an admin's site was paused
)

// ToReader reports whether the recipient is a reader.
func (k Kind) ToReader() bool {
	switch k {
	case KindConfirm, KindPublished, KindDeclined, KindReply, KindReplies, KindManage, KindFollow, KindPerson:
		return true
	}
	return false
}

// ToAddress reports whether somebody asked for the message with an address, which is sealed in its payload: it
// has no recipient yet.
func (k Kind) ToAddress() bool { return k == KindFollow || k == KindPerson }

// State is the state of a message.
type State string

// States of messages.
const (
	StateWaiting State = "waiting"
	StateSent    State = "sent"
	StateDropped State = "dropped" // no longer true, or no longer wanted
	StateFailed  State = "failed"  // given up
)

// Message is one message to one recipient.
type Message struct {
	ID          string // UUIDv7
	Channel     Channel
	Kind        Kind
	SiteID      string // empty: about an account
	CommenterID string // the recipient, if it is a reader
	ModeratorID string // the recipient, if it is a moderator
	CommentID   string // empty: about no single comment
	WebhookID   string // the recipient, or what the message is about; empty: none
	Payload     Payload
	Dedupe      string // no second message has the same; empty: any number may
	State       State
	Tries       int
	DueAt       time.Time
	Error       string
	CreatedAt   time.Time
	DoneAt      time.Time // zero: waiting

	EventID string // of the event that it comes from; not stored
}

// Payload is the data of a message besides its recipient and comment. It holds no texts, and an address only sealed.
type Payload struct {
	DecisionID string    `json:"decision,omitempty"`
	Since      time.Time `json:"since,omitzero"` // period of a digest
	Until      time.Time `json:"until,omitzero"`
	Client     string    `json:"client,omitempty"` // of a sign-in
	Action     string    `json:"action,omitempty"` // of the audit log
	ByOther    bool      `json:"by_other,omitempty"`
	// FormerEmail is a moderator's email before it was changed, sealed as theirs; the message goes there.
	FormerEmail []byte    `json:"former_email,omitempty"`
	LinkKind    string    `json:"link_kind,omitempty"`
	Secret      []byte    `json:"secret,omitempty"`  // of a link, or an address; sealed with the message's ID
	ArticleID   string    `json:"article,omitempty"` // to follow
	Language    string    `json:"language,omitempty"`
	SubjectID   string    `json:"subject,omitempty"` // of a webhook: the report or ruleset
	At          time.Time `json:"at,omitzero"`       // of a webhook: when it happened
}

// EventKind is what an event is about.
type EventKind string

// Kinds of events.
const (
	EventDecision EventKind = "decision"
	EventEdit     EventKind = "edit"    // the decision on a text that its author changed
	EventReport   EventKind = "report"  // a reader reported the comment
	EventRuleset  EventKind = "ruleset" // a ruleset was activated
)

// Event is a change that may need messages.
type Event struct {
	ID        string // that of the decision, the report or the ruleset
	Kind      EventKind
	SiteID    string
	Decision  moderation.Decision // of decisions and edits
	Comment   moderation.Comment  // as it is now; zero for a ruleset
	CreatedAt time.Time
}

// ofDecision reports whether the event has a decision.
func (e Event) ofDecision() bool { return e.Kind == EventDecision || e.Kind == EventEdit }

// Frequency is how often a reader gets mail about replies.
type Frequency string

// Frequencies.
const (
	AtOnce Frequency = "at_once"
	Hourly Frequency = "hourly"
	Daily  Frequency = "daily"
	Never  Frequency = "never"
)

// Valid reports whether f is one of the frequencies.
func (f Frequency) Valid() bool { return f == AtOnce || f == Hourly || f == Daily || f == Never }

// period returns the digest's period that contains a time: a full hour or day in UTC.
func (f Frequency) period(at time.Time) (since, until time.Time) {
	length := time.Hour
	if f == Daily {
		length = 24 * time.Hour
	}
	since = at.UTC().Truncate(length)
	return since, since.Add(length)
}

// Subscriber is a subscription with its reader's choices.
type Subscriber struct {
	ID          string
	CommenterID string
	CommentID   string // empty: all comments of the article
	ArticleID   string
	ConfirmedAt time.Time // zero: the address is not confirmed
	Replies     Frequency
	Outcomes    bool
	Stopped     bool // wants no mail of the site
}

// Active reports whether the reader may be sent anything but a confirmation.
func (s Subscriber) Active() bool { return !s.ConfirmedAt.IsZero() && !s.Stopped }
