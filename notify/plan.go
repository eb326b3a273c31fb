package notify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"rejoinder/moderation"
)

// PlannerStore is the storage of Planner.
type PlannerStore interface {
	// Subscribers returns the subscriptions to a comment, to its parent and to its article that are in force.
	Subscribers(ctx context.Context, c moderation.Comment) ([]Subscriber, error)
	// Moderators returns the moderators who can sign in.
	Moderators(ctx context.Context) ([]Moderator, error)
	// HitRules returns the rules that hit the current text of a comment.
	HitRules(ctx context.Context, commentID string) ([]string, error)
}

// moderatorsLife is how long Planner caches the moderators with their choices.
const moderatorsLife = 10 * time.Second

// Planner decides who gets which mail. All fields are required.
type Planner struct {
	Store PlannerStore
	Now   func() time.Time
	NewID func() string
	// UndoTime delays messages about a moderator's decision, so that it can be undone first.
	UndoTime time.Duration

	mu         sync.Mutex
	moderators []Moderator
	readAt     time.Time
}

// Plan returns the mails that follow from events.
func (p *Planner) Plan(ctx context.Context, events []Event) ([]Message, error) {
	var messages []Message
	for _, e := range events {
		if !e.ofDecision() {
			continue
		}
		planned, err := p.planOne(ctx, e)
		if err != nil {
			return nil, err
		}
		messages = append(messages, planned...)
	}
	return messages, nil
}

func (p *Planner) planOne(ctx context.Context, e Event) ([]Message, error) {
	subscribers, err := p.Store.Subscribers(ctx, e.Comment)
	if err != nil {
		return nil, fmt.Errorf("find subscribers: %w", err)
	}
	messages := p.forAuthor(e, subscribers)
	if e.Decision.To == moderation.StatusApproved {
		messages = append(messages, p.forReaders(e, subscribers)...)
	}
	if e.Decision.To == moderation.StatusPending && e.Comment.Status == moderation.StatusPending {
		told, err := p.forModerators(ctx, e)
		if err != nil {
			return nil, err
		}
		messages = append(messages, told...)
	}
	return messages, nil
}

// message returns a mail about the event's comment that is due at once.
func (p *Planner) message(e Event, kind Kind) Message {
	return Message{ID: p.NewID(), Channel: ChannelMail, Kind: kind, SiteID: e.Comment.SiteID, CommentID: e.Comment.ID,
		State: StateWaiting, DueAt: p.Now(), CreatedAt: p.Now(), EventID: e.ID}
}

// forAuthor returns the message for the author, if they subscribed to the comment. Authors see at once what the
// rules decide, so only later decisions are told.
func (p *Planner) forAuthor(e Event, subscribers []Subscriber) []Message {
	at := slices.IndexFunc(subscribers, func(s Subscriber) bool { return s.CommentID == e.Comment.ID })
	if at < 0 {
		return nil
	}
	author, d := subscribers[at], e.Decision
	m := p.message(e, KindConfirm)
	m.CommenterID, m.Payload.DecisionID = author.CommenterID, d.ID
	switch {
	case !author.Active():
		if d.From != "" || d.To == moderation.StatusRejected {
			return nil
		}
		m.Dedupe = "confirm:" + e.Comment.ID
		return []Message{m}
	case d.From == "", d.From == d.To, d.Actor == moderation.ActorCommenter, !author.Outcomes:
		return nil
	case d.To == moderation.StatusApproved:
		m.Kind = KindPublished
	case d.To == moderation.StatusRejected, d.To == moderation.StatusDeleted && d.Actor == moderation.ActorModerator:
		m.Kind = KindDeclined
	default:
		return nil
	}
	if d.Actor == moderation.ActorModerator {
		m.DueAt = m.DueAt.Add(p.UndoTime)
	}
	m.Dedupe = "outcome:" + d.ID
	return []Message{m}
}

// forReaders returns the messages for the author of the parent and for followers of the article.
func (p *Planner) forReaders(e Event, subscribers []Subscriber) []Message {
	var messages []Message
	told := map[string]bool{e.Comment.CommenterID: true}
	for _, s := range subscribers {
		if s.CommentID == e.Comment.ID || told[s.CommenterID] || !s.Active() || s.Replies == Never {
			continue
		}
		told[s.CommenterID] = true
		m := p.message(e, KindReply)
		m.CommenterID, m.Dedupe = s.CommenterID, "reply:"+e.Comment.ID+":"+s.CommenterID
		if s.Replies != AtOnce {
			since, until := s.Replies.period(p.Now())
			m.Kind, m.CommentID, m.DueAt = KindReplies, "", until
			m.Payload = Payload{Since: since, Until: until}
			m.Dedupe = "replies:" + s.CommenterID + ":" + strconv.FormatInt(until.Unix(), 10)
		} else if e.Decision.Actor == moderation.ActorModerator {
			m.DueAt = m.DueAt.Add(p.UndoTime)
		}
		messages = append(messages, m)
	}
	return messages
}

// forModerators returns urgent mails and digests about a comment that waits.
func (p *Planner) forModerators(ctx context.Context, e Event) ([]Message, error) {
	moderators, err := p.readModerators(ctx)
	if err != nil {
		return nil, err
	}
	var messages []Message
	var hit []string // rules that hit the comment; read when a moderator chose rules
	for _, m := range moderators {
		if !m.decidesAt(p.Now()) || !m.MaySee(e.Comment.SiteID) || !m.Choices.wantsSite(e.Comment.SiteID) ||
			e.Decision.ModeratorID == m.ID {
			continue
		}
		if hit == nil && len(m.Choices.UrgentRules) > 0 {
			if hit, err = p.Store.HitRules(ctx, e.Comment.ID); err != nil {
				return nil, fmt.Errorf("read the rules that hit: %w", err)
			}
		}
		if m.Choices.urgent(e.Comment.Risk, hit) {
			urgent := p.message(e, KindUrgent)
			urgent.ModeratorID, urgent.Dedupe = m.ID, "urgent:"+e.Comment.ID+":"+m.ID
			if !m.Choices.UrgentInQuiet {
				urgent.DueAt = m.Choices.afterQuiet(p.Now())
			}
			messages = append(messages, urgent)
		}
		if due, ok := m.Choices.nextDigest(p.Now()); ok {
			digest := p.message(e, KindDigest)
			digest.ModeratorID, digest.CommentID, digest.SiteID, digest.DueAt = m.ID, "", "", due
			digest.Dedupe = "digest:" + m.ID + ":" + strconv.FormatInt(due.Unix(), 10)
			messages = append(messages, digest)
		}
	}
	return messages, nil
}

func (p *Planner) readModerators(ctx context.Context) ([]Moderator, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if age := p.Now().Sub(p.readAt); p.moderators != nil && 0 <= age && age < moderatorsLife {
		return p.moderators, nil
	}
	moderators, err := p.Store.Moderators(ctx)
	if err != nil {
		return nil, fmt.Errorf("read moderators: %w", err)
	}
	p.moderators, p.readAt = moderators, p.Now()
	return moderators, nil
}
