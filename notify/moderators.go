package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// ModeratorStore is the storage of Moderators.
type ModeratorStore interface {
	// NotifiedModerator returns a moderator who can sign in; moderation.ErrNotFound.
	NotifiedModerator(ctx context.Context, id string) (Moderator, error)
	SaveModeratorChoices(ctx context.Context, moderatorID string, c ModeratorChoices) error
	CommentText(ctx context.Context, id string) (moderation.Comment, moderation.SubmissionRecord, error)
	Site(ctx context.Context, id string) (moderation.Site, error)
	ArticleByID(ctx context.Context, id string) (moderation.Article, error)
	Decisions(ctx context.Context, commentID string) ([]moderation.Decision, error)
}

// Decider decides on comments; queue.Queue implements it.
type Decider interface {
	Decide(ctx context.Context, v moderation.Viewer, r queue.DecisionRequest) (queue.DecisionResult, error)
}

// Moderators are the use cases behind moderators' mails. All fields are required.
type Moderators struct {
	Store ModeratorStore
	Queue Decider
	Links Links
}

// Choices returns a moderator's choices.
func (s *Moderators) Choices(ctx context.Context, moderatorID string) (ModeratorChoices, error) {
	m, err := s.Store.NotifiedModerator(ctx, moderatorID)
	return m.Choices, wrap("read choices about mail", err)
}

// SaveChoices replaces a moderator's choices. Errors: *moderation.Invalid.
func (s *Moderators) SaveChoices(ctx context.Context, v moderation.Viewer, c ModeratorChoices) error {
	if err := c.Check(); err != nil {
		return fmt.Errorf("save choices about mail: %w", err)
	}
	m, err := s.Store.NotifiedModerator(ctx, v.ModeratorID)
	if err != nil {
		return fmt.Errorf("save choices about mail: %w", err)
	}
	var faults moderation.Invalid
	if slices.ContainsFunc(c.Sites, func(id string) bool { return !m.MaySee(id) || !moderation.ValidID(id) }) {
		faults.Add("/sites", "unknown", "Must be sites that you work on.")
		return fmt.Errorf("save choices about mail: %w", faults.Err())
	}
	if c.UrgentRules == nil {
		c.UrgentRules = []string{}
	}
	if c.Sites == nil {
		c.Sites = []string{}
	}
	return wrap("save choices about mail", s.Store.SaveModeratorChoices(ctx, v.ModeratorID, c))
}

// Offer is a decision that a moderator was offered by mail, with the comment as it is now.
type Offer struct {
	Action    moderation.Action
	Moderator string // name
	Site      moderation.Site
	Article   moderation.Article
	Comment   moderation.Comment
	Body      string // Markdown
	Reasons   []string
	// Stale reports that the comment changed since the mail; Last is what happened last.
	Stale bool
	Last  moderation.Decision

	Words *locale.Language // of the moderator

	moderator Moderator
	version   int
}

// ShowOffer returns the decision that a link offers. Errors: ErrLink, ErrLinkExpired, moderation.ErrNotFound.
func (s *Moderators) ShowOffer(ctx context.Context, token string) (Offer, error) {
	link, err := s.Links.openDecide(token)
	if err != nil {
		return Offer{}, fmt.Errorf("show offered decision: %w", err)
	}
	offer := Offer{Action: link.action, version: link.version}
	offer.moderator, err = s.Store.NotifiedModerator(ctx, link.moderatorID)
	if errors.Is(err, moderation.ErrNotFound) {
		return Offer{}, fmt.Errorf("show offered decision: %w", ErrLink)
	}
	if err != nil {
		return Offer{}, fmt.Errorf("show offered decision: %w", err)
	}
	var record moderation.SubmissionRecord
	if offer.Comment, record, err = s.Store.CommentText(ctx, link.commentID); err != nil {
		return Offer{}, fmt.Errorf("show offered decision: %w", err)
	}
	if !offer.moderator.decidesAt(s.Links.Now()) || !offer.moderator.MaySee(offer.Comment.SiteID) {
		return Offer{}, fmt.Errorf("show offered decision: %w", ErrLink)
	}
	if offer.Site, err = s.Store.Site(ctx, offer.Comment.SiteID); err != nil {
		return Offer{}, fmt.Errorf("show offered decision: %w", err)
	}
	if offer.Article, err = s.Store.ArticleByID(ctx, offer.Comment.ArticleID); err != nil {
		return Offer{}, fmt.Errorf("show offered decision: %w", err)
	}
	log, err := s.Store.Decisions(ctx, offer.Comment.ID)
	if err != nil {
		return Offer{}, fmt.Errorf("show offered decision: %w", err)
	}
	if len(log) > 0 {
		offer.Last = log[len(log)-1]
	}
	offer.Words = offer.moderator.Words()
	offer.Moderator, offer.Body = offer.moderator.Name, record.Body
	offer.Reasons = heldBecause(offer.Words, record.Verdict)
	offer.Stale = offer.Comment.Version != link.version
	return offer, nil
}

// Accept carries out the decision that a link offers. A rejection takes a reason code of the site. Errors: those of
// ShowOffer; moderation.ErrVersion if the comment changed since the mail; those of queue.Queue.Decide.
func (s *Moderators) Accept(ctx context.Context, token, reasonCode string) error {
	offer, err := s.ShowOffer(ctx, token)
	if err != nil {
		return err
	}
	viewer := moderation.Viewer{ModeratorID: offer.moderator.ID, SiteIDs: offer.moderator.SiteIDs}
	_, err = s.Queue.Decide(ctx, viewer, queue.DecisionRequest{
		CommentID: offer.Comment.ID, Action: offer.Action, Code: reasonCode, Version: offer.version,
	})
	return wrap("decide from a mail", err)
}

// Ago says how long ago the last decision was made.
func (o Offer) Ago(now time.Time) string { return ago(o.Words, now.Sub(o.Last.CreatedAt)) }
