package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/notify"
)

// ComposerStore is the storage of Composer. All methods that return one thing return moderation.ErrNotFound.
type ComposerStore interface {
	Site(ctx context.Context, id string) (moderation.Site, error)
	ArticleByID(ctx context.Context, id string) (moderation.Article, error)
	CommentText(ctx context.Context, id string) (moderation.Comment, moderation.SubmissionRecord, error)
	Commenter(ctx context.Context, id string) (moderation.Commenter, error)
	Decision(ctx context.Context, id string) (moderation.Decision, error)
	ReportByID(ctx context.Context, id string) (moderation.Report, error)
	Appeals(ctx context.Context, commentIDs []string) (map[string]moderation.Appeal, error)
	Ruleset(ctx context.Context, id string) (moderation.Ruleset, error)
	PendingComments(ctx context.Context, siteID string) (int, error)
}

// Composer writes the payloads of deliveries that are due. All fields are required.
type Composer struct {
	Store     ComposerStore
	Keys      Keys
	PublicURL string // without a trailing slash
}

// Payload is the body of a request. docs/webhooks.schema.json describes it.
type Payload struct {
	Type      EventType `json:"type"`
	Timestamp time.Time `json:"timestamp"` // when it happened
	Data      Data      `json:"data"`
}

// Data describes an event. The type says which fields are set; the site always is.
type Data struct {
	Site     SiteData       `json:"site"`
	Article  *ArticleData   `json:"article,omitempty"`
	Comment  *CommentData   `json:"comment,omitempty"`
	Decision *DecisionData  `json:"decision,omitempty"`
	Report   *ReportData    `json:"report,omitempty"`
	Appeal   *AppealData    `json:"appeal,omitempty"`
	Queue    *QueueData     `json:"queue,omitempty"`
	Ruleset  *RulesetData   `json:"ruleset,omitempty"`
	Webhook  *TestedWebhook `json:"webhook,omitempty"`
}

// SiteData is the site.
type SiteData struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// ArticleData is the article of the comment.
type ArticleData struct {
	Key   string `json:"key"`
	URL   string `json:"url,omitempty"`
	Title string `json:"title,omitempty"`
}

// CommentData is a comment as it is when the request is sent. A deleted one has neither names nor text.
type CommentData struct {
	ID            string            `json:"id"`
	ParentID      string            `json:"parent_id,omitempty"`
	Status        moderation.Status `json:"status"`
	Version       int               `json:"version"`
	Revision      int               `json:"revision"`
	AuthorName    string            `json:"author_name,omitempty"`
	AuthorURL     string            `json:"author_url,omitempty"`
	AuthorEmail   string            `json:"author_email,omitempty"`
	Staff         bool              `json:"staff"`
	Body          string            `json:"body,omitempty"`
	BodyHTML      string            `json:"body_html,omitempty"`
	Language      string            `json:"language,omitempty"`
	Rules         []RuleData        `json:"rules,omitempty"`
	OpenReports   int               `json:"open_reports"`
	CreatedAt     time.Time         `json:"created_at"`
	EditedAt      time.Time         `json:"edited_at,omitzero"`
	URL           string            `json:"url"`
	ModerationURL string            `json:"moderation_url"`
}

// RuleData is a rule that hit the comment's text. Its reason is left out, since it may quote the email.
type RuleData struct {
	ID     string `json:"id"`
	Label  string `json:"label,omitempty"`
	Action string `json:"action,omitempty"`
}

// DecisionData is the decision that the event is about.
type DecisionData struct {
	ID         string            `json:"id"`
	Version    int               `json:"version"`
	Action     moderation.Action `json:"action"`
	From       moderation.Status `json:"from,omitempty"`
	To         moderation.Status `json:"to"`
	Actor      moderation.Actor  `json:"actor"`
	Reason     string            `json:"reason,omitempty"`
	ReasonCode string            `json:"reason_code,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
}

// ReportData is a reader's report.
type ReportData struct {
	ID        string                  `json:"id"`
	Reason    moderation.ReportReason `json:"reason"`
	Note      string                  `json:"note,omitempty"`
	CreatedAt time.Time               `json:"created_at"`
}

// AppealData is what the author says against a rejection.
type AppealData struct {
	Body      string    `json:"body"`
	CreatedAt time.Time `json:"created_at"`
}

// QueueData is the state of the queue.
type QueueData struct {
	Pending   int    `json:"pending"`
	Threshold int    `json:"threshold"`
	URL       string `json:"url"`
}

// RulesetData is a version of the ruleset.
type RulesetData struct {
	Version     int       `json:"version"`
	Checksum    string    `json:"checksum"`
	Note        string    `json:"note,omitempty"`
	ActivatedAt time.Time `json:"activated_at"`
}

// TestedWebhook is the webhook of a test.
type TestedWebhook struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// delivery is a message with its webhook and site.
type delivery struct {
	hook    Webhook
	message notify.Message
	site    moderation.Site
}

func obsolete(reason string) error { return &notify.ObsoleteError{Reason: reason} }

// Compose returns the payload of a delivery. Errors: *notify.ObsoleteError if it is no longer true.
func (c *Composer) Compose(ctx context.Context, hook Webhook, m notify.Message) (Payload, error) {
	p := Payload{Type: EventType(m.Kind), Timestamp: m.Payload.At.UTC()}
	err := c.compose(ctx, &p, delivery{hook: hook, message: m})
	if errors.Is(err, moderation.ErrNotFound) {
		err = obsolete("its subject has been removed")
	}
	return p, err
}

func (c *Composer) compose(ctx context.Context, p *Payload, d delivery) (err error) {
	if d.site, err = c.Store.Site(ctx, d.message.SiteID); err != nil {
		return err
	}
	p.Data.Site = SiteData{d.site.Slug, d.site.Name}
	switch p.Type {
	case WebhookTest:
		p.Data.Webhook = &TestedWebhook{d.hook.ID, d.hook.Name}
		return nil
	case QueueDepth:
		return c.queue(ctx, p, d.hook)
	case RulesetActivated:
		return c.ruleset(ctx, p, d.message)
	default:
		return c.comment(ctx, p, d)
	}
}

func (c *Composer) queue(ctx context.Context, p *Payload, hook Webhook) error {
	pending, err := c.Store.PendingComments(ctx, hook.SiteID)
	if err != nil {
		return err
	}
	if pending <= hook.Depth {
		return obsolete("the queue is no longer that deep")
	}
	p.Data.Queue = &QueueData{Pending: pending, Threshold: hook.Depth,
		URL: c.PublicURL + "/console?site=" + p.Data.Site.Slug}
	return nil
}

func (c *Composer) ruleset(ctx context.Context, p *Payload, m notify.Message) error {
	r, err := c.Store.Ruleset(ctx, m.Payload.SubjectID)
	if err != nil {
		return err
	}
	if !r.Active {
		return obsolete("another ruleset is active")
	}
	p.Data.Ruleset = &RulesetData{r.Version, r.Checksum, r.Note, r.ActivatedAt.UTC()}
	return nil
}

func (c *Composer) comment(ctx context.Context, p *Payload, of delivery) error {
	comment, record, err := c.Store.CommentText(ctx, of.message.CommentID)
	if err != nil {
		return err
	}
	if err := c.about(ctx, p, comment, of.message); err != nil {
		return err
	}
	article, err := c.Store.ArticleByID(ctx, comment.ArticleID)
	if err != nil {
		return err
	}
	p.Data.Article = &ArticleData{article.Key, article.URL, article.Title}
	d := &CommentData{ID: comment.ID, ParentID: comment.ParentID, Status: comment.Status, Version: comment.Version,
		Revision: comment.Revision, Staff: comment.Staff, OpenReports: comment.OpenReports,
		CreatedAt: comment.CreatedAt.UTC(), URL: notify.Permalink(c.PublicURL, of.site, article, comment.ID),
		ModerationURL: c.PublicURL + "/console/comments/" + comment.ID}
	p.Data.Comment = d
	if comment.Status == moderation.StatusDeleted {
		return nil
	}
	d.AuthorName, d.AuthorURL, d.Body, d.BodyHTML = comment.AuthorName, comment.AuthorURL, record.Body, comment.BodyHTML
	d.Language, d.Rules = comment.Language, rulesOf(record.Verdict)
	if !comment.EditedAt.IsZero() {
		d.EditedAt = comment.EditedAt.UTC()
	}
	if !of.hook.Email {
		return nil
	}
	commenter, err := c.Store.Commenter(ctx, comment.CommenterID)
	if err != nil || len(commenter.EmailSealed) == 0 {
		return err
	}
	if d.AuthorEmail, err = c.Keys.Open(commenter.EmailSealed, commenter.ID); err != nil {
		return fmt.Errorf("open email: %w", err)
	}
	return nil
}

// about adds the decision, report or appeal, unless the event is no longer true.
func (c *Composer) about(ctx context.Context, p *Payload, comment moderation.Comment, m notify.Message) error {
	if comment.Status == moderation.StatusDeleted && p.Type != CommentDeleted {
		return obsolete("the comment has been deleted")
	}
	for status, t := range typeOfStatus {
		if p.Type == t && comment.Status != status {
			return obsolete("the comment is no longer " + string(status))
		}
	}
	if p.Type == CommentReported {
		r, err := c.Store.ReportByID(ctx, m.Payload.SubjectID)
		if err == nil && !r.ResolvedAt.IsZero() {
			err = obsolete("the report has been resolved")
		}
		p.Data.Report = &ReportData{r.ID, r.Reason, r.Note, r.CreatedAt.UTC()}
		return err
	}
	if p.Type == AppealCreated {
		appeals, err := c.Store.Appeals(ctx, []string{comment.ID})
		appeal, found := appeals[comment.ID]
		if err == nil && (!found || !appeal.ResolvedAt.IsZero()) {
			err = obsolete("the appeal has been decided")
		}
		if err != nil {
			return err
		}
		p.Data.Appeal = &AppealData{appeal.Body, appeal.CreatedAt.UTC()}
	}
	d, err := c.Store.Decision(ctx, m.Payload.DecisionID)
	p.Data.Decision = &DecisionData{d.ID, d.Version, d.Action, d.From, d.To, d.Actor, d.Reason, d.ReasonCode,
		d.CreatedAt.UTC()}
	return err
}

// rulesOf returns the rules that took part in a verdict.
func rulesOf(stored []byte) []RuleData {
	var verdict rules.Verdict
	if json.Unmarshal(stored, &verdict) != nil {
		return nil
	}
	var list []RuleData
	for _, hit := range verdict.Hits {
		if hit.Mode == rules.Enforce {
			list = append(list, RuleData{hit.Rule, hit.Label, string(hit.Action)})
		}
	}
	return list
}
