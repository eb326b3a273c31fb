package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/notify/mail"
	"rejoinder/privacy"
)

// ComposerStore is the storage of Composer.
type ComposerStore interface {
	// Commenter, Site, ArticleByID and CommentText return moderation.ErrNotFound.
	Commenter(ctx context.Context, id string) (moderation.Commenter, error)
	Site(ctx context.Context, id string) (moderation.Site, error)
	ArticleByID(ctx context.Context, id string) (moderation.Article, error)
	CommentText(ctx context.Context, id string) (moderation.Comment, moderation.SubmissionRecord, error)
	// Decisions returns a comment's log, oldest first.
	Decisions(ctx context.Context, commentID string) ([]moderation.Decision, error)
	ReaderChoices(ctx context.Context, commenterID string) (ReaderChoices, error)
	AddressStopped(ctx context.Context, indexes [][]byte) (StopReason, error)
	// CommenterByEmail returns the ID of the commenter with one of the indexes; moderation.ErrNotFound.
	CommenterByEmail(ctx context.Context, siteID string, indexes [][]byte) (string, error)
	// Subscribers returns the subscriptions to a comment, to its parent and to its article that are in force.
	Subscribers(ctx context.Context, c moderation.Comment) ([]Subscriber, error)
	// Language returns the language of a reader's newest subscription, and of the one to a comment if there is any.
	Language(ctx context.Context, commenterID, commentID string) (string, error)
	// RepliesFor returns the comments approved in a period that a reader subscribed to, oldest first.
	RepliesFor(ctx context.Context, q RepliesQuery) ([]moderation.Comment, error)
	// NotifiedModerator returns a moderator who can sign in; moderation.ErrNotFound.
	NotifiedModerator(ctx context.Context, id string) (Moderator, error)
	// Waiting returns the oldest pending comments of sites, and the number of all of them.
	Waiting(ctx context.Context, siteIDs []string, limit int) (Waiting, error)
	// WebhookStatus returns moderation.ErrNotFound.
	WebhookStatus(ctx context.Context, id string) (WebhookStatus, error)
}

// WebhookStatus is what a mail about a webhook needs.
type WebhookStatus struct {
	Name, SiteID string
	Reason       string // why it is paused; empty: it is active
}

// RepliesQuery asks for the comments of a digest.
type RepliesQuery struct {
	CommenterID  string
	Since, Until time.Time
	Limit        int
}

// Waiting are the comments that wait for moderators.
type Waiting struct {
	Oldest  []moderation.Comment
	Total   int
	Reports int // comments with open reports
	Appeals int
}

// Composer writes the mails of messages that are due. All fields are required.
type Composer struct {
	Store  ComposerStore
	Author *moderation.AuthorService
	Keys   *privacy.Keyring
	Links  Links
	// Refusal says why a comment was declined, and DecidedBy who decided, in the words of the status page.
	Refusal   func(moderation.AuthorView, *locale.Language) string
	DecidedBy func(moderation.AuthorView, *locale.Language) string
	Now       func() time.Time
}

// Compose returns the mail of a message. Errors: *ObsoleteError if it is no longer true or wanted, *LaterError.
func (c *Composer) Compose(ctx context.Context, m Message) (mail.Mail, error) {
	if m.Channel != ChannelMail {
		return mail.Mail{}, obsolete("this version sends only mails")
	}
	var composed mail.Mail
	var err error
	if m.Kind.ToReader() {
		composed, err = c.toReader(ctx, m)
	} else {
		composed, err = c.toModerator(ctx, m)
	}
	if errors.Is(err, moderation.ErrNotFound) {
		return mail.Mail{}, obsolete("its subject has been removed")
	}
	if err != nil {
		return mail.Mail{}, err
	}
	composed.ID, composed.Date = m.ID, m.CreatedAt
	return composed, nil
}

// addressee is the reader of a message.
type addressee struct {
	commenter moderation.Commenter
	site      moderation.Site
	email     string
	choices   ReaderChoices
	words     *locale.Language
}

// toReader writes a mail to a reader.
func (c *Composer) toReader(ctx context.Context, m Message) (mail.Mail, error) {
	find := c.addressee
	if m.Kind.ToAddress() {
		find = c.typedAddress
	}
	to, err := find(ctx, m)
	if err != nil {
		return mail.Mail{}, err
	}
	write := map[Kind]func(context.Context, Message, addressee) (readerMail, error){
		KindConfirm: c.confirm, KindManage: c.manage, KindPublished: c.published, KindDeclined: c.declined,
		KindReply: c.reply, KindReplies: c.replies, KindFollow: c.follow, KindPerson: c.person,
	}[m.Kind]
	written, err := write(ctx, m, to)
	if err != nil {
		return mail.Mail{}, err
	}
	content := written.content
	content.Lang, content.Dir, content.Masthead = to.words.Tag, to.words.Dir, to.site.Name
	text, html, err := content.render()
	if err != nil {
		return mail.Mail{}, err
	}
	sender := to.site.Settings.MailSender
	if sender == "" {
		sender = to.site.Name
	}
	return mail.Mail{To: to.email, FromName: sender, ReplyTo: to.site.Settings.MailReplyTo, Subject: content.Subject,
		Text: text, HTML: html, Unsubscribe: written.unsubscribe, Thread: written.thread}, nil
}

// readerMail is a mail to a reader, before it is rendered.
type readerMail struct {
	content
	unsubscribe string
	thread      string
}

// addressee returns the reader of a message, unless nothing may be sent to them.
func (c *Composer) addressee(ctx context.Context, m Message) (addressee, error) {
	var to addressee
	var err error
	if to.commenter, err = c.Store.Commenter(ctx, m.CommenterID); err != nil {
		return to, err
	}
	if len(to.commenter.EmailSealed) == 0 {
		return to, obsolete("the address was erased")
	}
	if to.site, err = c.Store.Site(ctx, to.commenter.SiteID); err != nil {
		return to, err
	}
	if to.email, err = c.Keys.Open(to.commenter.EmailSealed, to.commenter.ID); err != nil {
		return to, fmt.Errorf("open email: %w", err)
	}
	if to.choices, err = c.Store.ReaderChoices(ctx, m.CommenterID); err != nil {
		return to, err
	}
	if err := c.checkStopped(ctx, c.Keys.Indexes(to.email)); err != nil {
		return to, err
	}
	switch {
	case m.Kind == KindConfirm || m.Kind == KindManage:
	case to.commenter.ConfirmedAt.IsZero():
		return to, obsolete("the address is not confirmed")
	case !to.choices.StoppedAt.IsZero():
		return to, obsolete("the reader stopped mail from this site")
	}
	if to.site.Settings.MailOff && m.Kind != KindManage {
		return to, obsolete("the site sends no mail to readers")
	}
	language, err := c.Store.Language(ctx, m.CommenterID, m.CommentID)
	to.words = locale.Match(language, "", to.site.Locale)
	return to, err
}

// checkStopped returns *ObsoleteError if an address gets no mail.
func (c *Composer) checkStopped(ctx context.Context, indexes [][]byte) error {
	stopped, err := c.Store.AddressStopped(ctx, indexes)
	switch {
	case err != nil:
		return err
	case stopped == StoppedByBounces:
		return obsolete("mail to this address bounced")
	case stopped != "":
		return obsolete("the reader stopped all mail")
	}
	return nil
}

// confirm asks to confirm the address. Nothing that its sender typed is in it.
func (c *Composer) confirm(ctx context.Context, m Message, to addressee) (readerMail, error) {
	comment, _, err := c.Store.CommentText(ctx, m.CommentID)
	if err != nil {
		return readerMail{}, err
	}
	if comment.Status == moderation.StatusDeleted || comment.Status == moderation.StatusRejected {
		return readerMail{}, obsolete("the comment was deleted or rejected")
	}
	if !to.commenter.ConfirmedAt.IsZero() && to.choices.StoppedAt.IsZero() {
		return readerMail{}, obsolete("the address is confirmed")
	}
	t := to.words.Text
	never := c.Links.stopURL(ScopeAll, m.CommenterID, "")
	return readerMail{unsubscribe: never, content: content{
		Subject: t("mail.confirm.subject"), Heading: t("mail.confirm.subject"), Preview: t("mail.confirm.preview"),
		Parts: []part{
			paragraph(t("mail.confirm.text", "site", bold(to.site.Name))),
			{Button: &link{t("mail.confirm.button"), c.Links.confirmURL(m.CommenterID, m.CommentID)}},
			paragraph(t("mail.confirm.life")),
		},
		Why: t("mail.confirm.not_you"), Links: []link{{t("mail.confirm.never"), never}},
	}}, nil
}

// manage sends a new link to the page of notifications.
func (c *Composer) manage(_ context.Context, m Message, to addressee) (readerMail, error) {
	t := to.words.Text
	return readerMail{content: content{
		Subject: t("mail.manage.subject"), Heading: t("mail.manage.subject"), Preview: to.site.Name,
		Parts: []part{
			paragraph(t("mail.manage.text", "site", bold(to.site.Name))),
			{Button: &link{t("mail.manage"), c.Links.manageURL(m.CommenterID)}},
		},
	}}, nil
}

// published says that the reader's comment was published.
func (c *Composer) published(ctx context.Context, m Message, to addressee) (readerMail, error) {
	comment, record, article, err := c.subscribed(ctx, m, to)
	if err != nil {
		return readerMail{}, err
	}
	if !comment.Public() {
		return readerMail{}, obsolete("the comment is no longer published")
	}
	if err := c.checkInForce(ctx, comment.ID, m.Payload.DecisionID); err != nil {
		return readerMail{}, err
	}
	t := to.words.Text
	written := c.withFooter(m, to, article, content{
		Subject: t("mail.published.subject"), Heading: t("mail.published.subject"), Preview: t("mail.published.preview"),
		Parts: []part{
			paragraph(t("mail.published.text", "title", bold(heading(article, to.site)))),
			{Quote: &quote{By: t("mail.you_wrote"), Paragraphs: split(record.Body, fullLength)}},
			{Button: &link{t("mail.published.button"), c.permalink(to.site, article, comment.ID)}},
			{Link: &link{t("mail.own_page"), c.statusURL(comment.ID, to.words)}},
		},
	})
	return written, nil
}

// declined says that the reader's comment was not published, and why.
func (c *Composer) declined(ctx context.Context, m Message, to addressee) (readerMail, error) {
	comment, record, article, err := c.subscribed(ctx, m, to)
	if err != nil {
		return readerMail{}, err
	}
	declined := comment.Status == moderation.StatusRejected || comment.Status == moderation.StatusDeleted
	if !declined || comment.AuthorName == "" {
		return readerMail{}, obsolete("the comment is no longer declined")
	}
	if err := c.checkInForce(ctx, comment.ID, m.Payload.DecisionID); err != nil {
		return readerMail{}, err
	}
	view, err := c.Author.Show(ctx, comment.ID, moderation.Receipt(c.Keys, comment.ID))
	if err != nil {
		return readerMail{}, err
	}
	t := to.words.Text
	text := content{
		Subject: t("mail.declined.subject"), Heading: t("mail.declined.subject"), Preview: to.site.Name,
		Parts: []part{paragraph(t("mail.declined.text", "title", bold(heading(article, to.site))))},
	}
	if reason := c.Refusal(view, to.words); reason != "" {
		text.Preview = reason
		text.Parts = append(text.Parts, part{Reason: reason})
	}
	text.Parts = append(text.Parts,
		part{Quote: &quote{By: t("mail.you_wrote"), Paragraphs: split(record.Body, fullLength), Muted: true}})
	if by := c.DecidedBy(view, to.words); by != "" {
		text.Parts = append(text.Parts, paragraph(by))
	}
	own := c.statusURL(comment.ID, to.words)
	if view.MayAppeal {
		text.Parts = append(text.Parts, paragraph(t("mail.declined.review")),
			part{Button: &link{t("mail.declined.button"), own + "#appeal"}})
	}
	text.Parts = append(text.Parts, part{Link: &link{t("mail.declined.erase"), own}})
	return c.withFooter(m, to, article, text), nil
}

// subscribed returns the comment of a message about the reader's own comment.
func (c *Composer) subscribed(ctx context.Context, m Message, to addressee,
) (moderation.Comment, moderation.SubmissionRecord, moderation.Article, error) {
	var article moderation.Article
	comment, record, err := c.Store.CommentText(ctx, m.CommentID)
	if err != nil {
		return comment, record, article, err
	}
	if !to.choices.Outcomes {
		return comment, record, article, obsolete("the reader turned off this mail")
	}
	if _, ok, err := c.subscription(ctx, comment, m.CommenterID); err != nil {
		return comment, record, article, err
	} else if !ok {
		return comment, record, article, obsolete("the reader stopped mail about this discussion")
	}
	article, err = c.Store.ArticleByID(ctx, comment.ArticleID)
	return comment, record, shown(article), err
}

// subscription returns the subscription because of which a reader is notified of a comment.
func (c *Composer) subscription(ctx context.Context, about moderation.Comment, commenterID string) (Subscriber,
	bool, error) {
	subscribers, err := c.Store.Subscribers(ctx, about)
	for _, s := range subscribers {
		if s.CommenterID == commenterID {
			return s, true, err
		}
	}
	return Subscriber{}, false, err
}

// checkInForce returns *ObsoleteError unless a decision is in force: the last one on a comment, or one with the same
// result, as before an edit that stays published.
func (c *Composer) checkInForce(ctx context.Context, commentID, decisionID string) error {
	log, err := c.Store.Decisions(ctx, commentID)
	if err != nil {
		return err
	}
	for _, d := range log {
		if d.ID == decisionID && d.To == log[len(log)-1].To {
			return nil
		}
	}
	return obsolete("the decision is no longer in force")
}

// withFooter adds why the mail came, and how to stop it. A mail about one article can be stopped for that article.
func (c *Composer) withFooter(m Message, to addressee, article moderation.Article, text content) readerMail {
	t := to.words.Text
	text.Why = t("mail.why")
	text.Links = []link{{t("mail.manage"), c.Links.manageURL(m.CommenterID)}}
	written := readerMail{unsubscribe: c.Links.stopURL(ScopeSite, m.CommenterID, "")}
	if article.ID != "" {
		written.unsubscribe = c.Links.stopURL(ScopeThread, m.CommenterID, article.ID)
		text.Links = append(text.Links, link{t("mail.stop.thread"), written.unsubscribe})
	}
	text.Links = append(text.Links,
		link{t("mail.stop.site", "site", to.site.Name), c.Links.stopURL(ScopeSite, m.CommenterID, "")})
	written.content = text
	return written
}

// heading names an article for readers, as pages do.
func heading(a moderation.Article, site moderation.Site) string {
	switch {
	case a.Title != "":
		return a.Title
	case a.URL != "":
		return a.URL
	}
	return site.Name
}

func preview(body string) string {
	for _, lines := range split(body, shortLength) {
		return lines[0]
	}
	return ""
}
