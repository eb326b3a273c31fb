package notify

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rejoinder/moderation"
	"rejoinder/privacy"
)

// ReaderStore is the storage of Readers.
type ReaderStore interface {
	// Commenter, Site and ArticleByID return moderation.ErrNotFound.
	Commenter(ctx context.Context, id string) (moderation.Commenter, error)
	Site(ctx context.Context, id string) (moderation.Site, error)
	ArticleByID(ctx context.Context, id string) (moderation.Article, error)
	// Article finds an article by its key; moderation.ErrNotFound.
	Article(ctx context.Context, siteID, key string) (moderation.Article, error)
	// ReaderChoices returns the defaults for a reader who has not chosen.
	ReaderChoices(ctx context.Context, commenterID string) (ReaderChoices, error)
	SaveReaderChoices(ctx context.Context, c ReaderChoices) error
	// ConfirmAddress marks the commenter, and the browser that sent the comment, as confirmed; resumes the site's
	// mail; and restarts the subscription to the comment.
	ConfirmAddress(ctx context.Context, c Confirmation) error
	// Subscriptions returns a reader's subscriptions in force by article, newest first.
	Subscriptions(ctx context.Context, commenterID string) ([]Subscription, error)
	// StopArticle stops the subscriptions to an article, or resumes those stopped at c.StoppedAt.
	StopArticle(ctx context.Context, c ArticleStop) error
	// FollowArticle adds or removes the subscription to all comments of an article.
	FollowArticle(ctx context.Context, f Follow) error
	// StopAddress stops all mail to an address, and ResumeAddress allows it again if the reader stopped it.
	StopAddress(ctx context.Context, index []byte, reason StopReason, at time.Time) error
	ResumeAddress(ctx context.Context, indexes [][]byte) error
	// AddressStopped returns why an address gets no mail; empty if it does.
	AddressStopped(ctx context.Context, indexes [][]byte) (StopReason, error)
	// RemoveAddress erases the sealed email and the subscriptions of a commenter.
	RemoveAddress(ctx context.Context, commenterID string) error
	// Enqueue stores a message, unless its Dedupe exists.
	Enqueue(ctx context.Context, m Message) error
	// EnqueueToAddress does the same for a message that somebody asked for with an address, unless the address got
	// a.Max of this kind already.
	EnqueueToAddress(ctx context.Context, a AddressMessage) error
	// ForgetRequests lets an address get a.Max messages of a kind again.
	ForgetRequests(ctx context.Context, indexes [][]byte, kind Kind) error
	// ConfirmFollow subscribes an address to an article, with a new commenter if none has it, marks it as confirmed,
	// resumes the site's mail, and returns the commenter's ID.
	ConfirmFollow(ctx context.Context, f ConfirmedFollow) (string, error)
}

// StopReason is the reason why an address gets no mail.
type StopReason string

// Reasons.
const (
	StoppedByReader  StopReason = "reader"
	StoppedByBounces StopReason = "bounced"
)

// ReaderChoices are a reader's choices on one site.
type ReaderChoices struct {
	CommenterID string
	SiteID      string
	Replies     Frequency
	Outcomes    bool
	StoppedAt   time.Time // zero: mail
}

// Confirmation confirms the address of a commenter.
type Confirmation struct {
	CommenterID string
	CommentID   string // whose author requested mail
	At          time.Time
}

// Subscription is a reader's subscription to an article.
type Subscription struct {
	Article moderation.Article
	All     bool // all comments, not only replies to the reader
}

// ArticleStop stops a reader's subscriptions to an article.
type ArticleStop struct {
	CommenterID, ArticleID string
	At                     time.Time
	Resume                 bool
}

// Follow says whether a reader follows all comments of an article.
type Follow struct {
	ID, SiteID, ArticleID, CommenterID string
	Language                           string
	All                                bool
	At                                 time.Time
}

// Readers are the use cases behind the links in readers' mails. All fields are required.
type Readers struct {
	Store ReaderStore
	Keys  *privacy.Keyring
	Links Links
	Now   func() time.Time
	NewID func() string
}

// Reader is the reader behind a link, with what the pages show.
type Reader struct {
	CommenterID string
	Site        moderation.Site
	Address     string // half hidden
	ConfirmedAt time.Time
	Choices     ReaderChoices
	Stopped     StopReason         // empty: not stopped on the whole server
	Article     moderation.Article // of the link; zero: none. Title and URL are empty unless they are trusted
	Scope       Scope              // of a link that stops mail

	Subscriptions []Subscription
	Expires       time.Time // of the link
	indexes       [][]byte
}

// HalfHidden shows an address to its owner: m…@example.org.
func HalfHidden(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	for _, first := range local {
		return string(first) + "…@" + domain
	}
	return "…@" + domain
}

func (r *Readers) load(ctx context.Context, commenterID string) (Reader, error) {
	commenter, err := r.Store.Commenter(ctx, commenterID)
	if errors.Is(err, moderation.ErrNotFound) || err == nil && len(commenter.EmailSealed) == 0 {
		return Reader{}, ErrLink // erased since
	}
	if err != nil {
		return Reader{}, err
	}
	site, err := r.Store.Site(ctx, commenter.SiteID)
	if err != nil {
		return Reader{}, err
	}
	email, err := r.Keys.Open(commenter.EmailSealed, commenter.ID)
	if err != nil {
		return Reader{}, fmt.Errorf("open email: %w", err)
	}
	reader := Reader{CommenterID: commenter.ID, Site: site, Address: HalfHidden(email), ConfirmedAt: commenter.ConfirmedAt,
		indexes: r.Keys.Indexes(email)}
	if reader.Choices, err = r.Store.ReaderChoices(ctx, commenter.ID); err != nil {
		return Reader{}, err
	}
	reader.Choices.CommenterID, reader.Choices.SiteID = commenter.ID, site.ID
	reader.Stopped, err = r.Store.AddressStopped(ctx, reader.indexes)
	return reader, err
}

// ShowConfirmation returns the reader of a confirmation link. Errors: ErrLink, ErrLinkExpired.
func (r *Readers) ShowConfirmation(ctx context.Context, token string) (Reader, error) {
	commenterID, _, err := r.Links.openConfirm(token)
	if err != nil {
		return Reader{}, fmt.Errorf("confirm address: %w", err)
	}
	reader, err := r.load(ctx, commenterID)
	if err != nil {
		return Reader{}, fmt.Errorf("confirm address: %w", err)
	}
	return reader, nil
}

// Confirm confirms the address, and returns a token for the page of notifications. Errors: ErrLink,
// ErrLinkExpired.
func (r *Readers) Confirm(ctx context.Context, token string) (Reader, string, error) {
	commenterID, commentID, err := r.Links.openConfirm(token)
	if err != nil {
		return Reader{}, "", fmt.Errorf("confirm address: %w", err)
	}
	reader, err := r.load(ctx, commenterID)
	if err != nil {
		return Reader{}, "", fmt.Errorf("confirm address: %w", err)
	}
	now := r.Now().UTC()
	if err := r.Store.ConfirmAddress(ctx, Confirmation{commenterID, commentID, now}); err != nil {
		return Reader{}, "", fmt.Errorf("confirm address: %w", err)
	}
	if err := r.Store.ResumeAddress(ctx, reader.indexes); err != nil {
		return Reader{}, "", fmt.Errorf("confirm address: %w", err)
	}
	return reader, r.Links.manageToken(commenterID), nil
}

// ShowStop returns the reader of a link that stops mail. Errors: ErrLink.
func (r *Readers) ShowStop(ctx context.Context, token string) (Reader, error) {
	link, err := r.Links.openStop(token)
	if err != nil {
		return Reader{}, fmt.Errorf("stop mail: %w", err)
	}
	if link.scope == scopeAddress {
		site, err := r.Store.Site(ctx, link.siteID)
		if err != nil && !errors.Is(err, moderation.ErrNotFound) { // the link outlives the site
			return Reader{}, fmt.Errorf("stop mail: %w", err)
		}
		return Reader{Site: site, Address: HalfHidden(link.email), Scope: ScopeAll, indexes: r.Keys.Indexes(link.email)}, nil
	}
	reader, err := r.load(ctx, link.commenterID)
	if err != nil {
		return Reader{}, fmt.Errorf("stop mail: %w", err)
	}
	reader.Scope = link.scope
	if link.articleID != "" {
		article, err := r.Store.ArticleByID(ctx, link.articleID)
		if err != nil {
			return Reader{}, fmt.Errorf("stop mail: %w", err)
		}
		reader.Article = shown(article)
	}
	return reader, nil
}

// shown removes title and URL of an article unless they may be shown.
func shown(a moderation.Article) moderation.Article {
	if !a.TitleTrusted() {
		a.Title, a.URL = "", ""
	}
	return a
}

// Stop stops the mail that a link is about, or resumes it. It is idempotent. Errors: ErrLink.
func (r *Readers) Stop(ctx context.Context, token string, resume bool) error {
	reader, err := r.ShowStop(ctx, token)
	if err != nil {
		return err
	}
	now := r.Now().UTC()
	switch {
	case reader.Scope == ScopeThread && reader.Article.ID != "":
		err = r.Store.StopArticle(ctx, ArticleStop{reader.CommenterID, reader.Article.ID, now, resume})
	case reader.Scope == ScopeAll && resume:
		err = r.Store.ResumeAddress(ctx, reader.indexes)
	case reader.Scope == ScopeAll:
		err = r.Store.StopAddress(ctx, reader.indexes[0], StoppedByReader, now)
	default:
		reader.Choices.StoppedAt = now
		if resume {
			reader.Choices.StoppedAt = time.Time{}
		}
		err = r.Store.SaveReaderChoices(ctx, reader.Choices)
	}
	if err != nil {
		return fmt.Errorf("stop mail: %w", err)
	}
	return nil
}

// Show returns what the page of notifications shows. Errors: ErrLink, ErrLinkExpired.
func (r *Readers) Show(ctx context.Context, token string) (Reader, error) {
	commenterID, expires, err := r.Links.openManage(token)
	if err != nil {
		return Reader{}, fmt.Errorf("show notifications: %w", err)
	}
	reader, err := r.load(ctx, commenterID)
	if err != nil {
		return Reader{}, fmt.Errorf("show notifications: %w", err)
	}
	reader.Expires = expires
	if reader.Subscriptions, err = r.Store.Subscriptions(ctx, commenterID); err != nil {
		return Reader{}, fmt.Errorf("show notifications: %w", err)
	}
	for i := range reader.Subscriptions {
		reader.Subscriptions[i].Article = shown(reader.Subscriptions[i].Article)
	}
	return reader, nil
}

// PersonURL returns the path of a person's own comments, valid for ManageLife. Give it only to the owner of
// the commenter's email.
func (r *Readers) PersonURL(commenterID string) string {
	return PersonPath + r.Links.manageToken(commenterID)
}

// ReaderChange changes a reader's choices; nil fields stay.
type ReaderChange struct {
	Replies     *Frequency
	Outcomes    *bool
	FollowAll   string // article: mail about all of its comments
	RepliesOnly string // article: mail about replies only
	StopArticle string
	StopSite    *bool // true: no more mail of the site; false: mail again
	Language    string
}

// Change changes a reader's choices. Errors: ErrLink, ErrLinkExpired, *moderation.Invalid.
func (r *Readers) Change(ctx context.Context, token string, change ReaderChange) error {
	reader, err := r.Show(ctx, token)
	if err != nil {
		return err
	}
	now := r.Now().UTC()
	if id := change.StopArticle; id != "" {
		return wrap("change notifications", r.Store.StopArticle(ctx, ArticleStop{reader.CommenterID, id, now, false}))
	}
	if id := change.FollowAll + change.RepliesOnly; id != "" {
		for _, s := range reader.Subscriptions {
			if s.Article.ID == id {
				return wrap("change notifications", r.Store.FollowArticle(ctx, Follow{r.NewID(), reader.Site.ID, id,
					reader.CommenterID, change.Language, change.FollowAll != "", now}))
			}
		}
		return fmt.Errorf("change notifications: %w", moderation.ErrNotFound)
	}
	choices := reader.Choices
	if change.Replies != nil {
		choices.Replies = *change.Replies
	}
	if change.Outcomes != nil {
		choices.Outcomes = *change.Outcomes
	}
	if change.StopSite != nil {
		choices.StoppedAt = time.Time{}
		if *change.StopSite {
			choices.StoppedAt = now
		}
	}
	if !choices.Replies.Valid() {
		var faults moderation.Invalid
		faults.Add("/replies", "unknown", "Must be at_once, hourly, daily or never.")
		return faults.Err()
	}
	return wrap("change notifications", r.Store.SaveReaderChoices(ctx, choices))
}

// RemoveAddress erases the reader's address and subscriptions on the site. Errors: ErrLink, ErrLinkExpired.
func (r *Readers) RemoveAddress(ctx context.Context, token string) error {
	reader, err := r.Show(ctx, token)
	if err != nil {
		return err
	}
	return wrap("remove address", r.Store.RemoveAddress(ctx, reader.CommenterID))
}

// SendLink mails a new link to the page of notifications to the holder of an old one, once an hour at most.
// Errors: ErrLink.
func (r *Readers) SendLink(ctx context.Context, token string) error {
	commenterID, _, err := r.Links.openManage(token)
	if err != nil && !errors.Is(err, ErrLinkExpired) {
		return fmt.Errorf("send a new link: %w", err)
	}
	reader, err := r.load(ctx, commenterID)
	if err != nil {
		return fmt.Errorf("send a new link: %w", err)
	}
	now := r.Now().UTC()
	return wrap("send a new link", r.Store.Enqueue(ctx, Message{
		ID: r.NewID(), Channel: ChannelMail, Kind: KindManage, SiteID: reader.Site.ID, CommenterID: commenterID,
		Dedupe: "manage:" + commenterID + ":" + strconv.FormatInt(now.Truncate(time.Hour).Unix(), 10),
		State:  StateWaiting, DueAt: now, CreatedAt: now,
	}))
}

// StopBounced stops all mail to the address of a message, which does not exist.
func (r *Readers) StopBounced(ctx context.Context, m Message) error {
	indexes, err := r.indexesOf(ctx, m)
	if errors.Is(err, ErrLink) {
		return nil
	}
	if err != nil {
		return err
	}
	return wrap("stop mail to an address", r.Store.StopAddress(ctx, indexes[0], StoppedByBounces, r.Now().UTC()))
}

// indexesOf returns the indexes of a message's address.
func (r *Readers) indexesOf(ctx context.Context, m Message) ([][]byte, error) {
	if m.Kind.ToAddress() {
		email, err := r.Keys.Open(m.Payload.Secret, m.ID)
		if err != nil {
			return nil, fmt.Errorf("open email: %w", err)
		}
		return r.Keys.Indexes(email), nil
	}
	reader, err := r.load(ctx, m.CommenterID)
	return reader.indexes, err
}

func wrap(purpose string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", purpose, err)
}
