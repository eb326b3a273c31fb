package notify

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// maxRequests is how many mails of one kind an address gets that anybody can ask for with it, until its owner uses
// a link from one of them. Storage forgets them after 30 days.
const maxRequests = 3

// AddressMessage is a message to an address that somebody typed.
type AddressMessage struct {
	Message
	Index []byte // of the email
	Max   int    // messages of this kind that the address may get
}

// ConfirmedFollow subscribes an address to an article.
type ConfirmedFollow struct {
	Follow                               // CommenterID is used for a new commenter
	Indexes [][]byte                     // of the email, the current one first
	Seal    func(string) ([]byte, error) // seals the email for a commenter
}

// AddressRequest asks for a mail with an address that may be somebody else's.
type AddressRequest struct {
	Site     moderation.Site
	Email    string
	Language string // of the mail
}

// RequestFollow mails a link that confirms that the address follows an article: at most one a day for each article.
// Errors: *moderation.Invalid, moderation.ErrNotFound.
func (r *Readers) RequestFollow(ctx context.Context, q AddressRequest, articleKey string) error {
	article, err := r.Store.Article(ctx, q.Site.ID, articleKey)
	if err != nil {
		return wrap("ask to follow", err)
	}
	return wrap("ask to follow", r.request(ctx, q, Message{Kind: KindFollow, Payload: Payload{ArticleID: article.ID}}))
}

// RequestPerson mails a link to the comments that were sent with the address on the site, if there are any,
// at most once a day. They are looked up only when the mail is composed, so the caller cannot learn whether
// any exist. Errors: *moderation.Invalid.
func (r *Readers) RequestPerson(ctx context.Context, q AddressRequest) error {
	return wrap("ask for one's comments", r.request(ctx, q, Message{Kind: KindPerson}))
}

func (r *Readers) request(ctx context.Context, q AddressRequest, m Message) error {
	if err := moderation.CheckEmail(q.Email); err != nil {
		return err
	}
	now := r.Now().UTC()
	index := r.Keys.Indexes(q.Email)[0]
	m.ID, m.Channel, m.SiteID, m.State, m.DueAt, m.CreatedAt = r.NewID(), ChannelMail, q.Site.ID, StateWaiting, now, now
	m.Dedupe = fmt.Sprintf("%s:%s:%s:%s:%s", m.Kind, q.Site.ID, m.Payload.ArticleID, hex.EncodeToString(index),
		now.Format(time.DateOnly))
	m.Payload.Language = q.Language
	sealed, err := r.Keys.Seal(q.Email, m.ID)
	if err != nil {
		return fmt.Errorf("seal email: %w", err)
	}
	m.Payload.Secret = sealed
	return r.Store.EnqueueToAddress(ctx, AddressMessage{m, index, maxRequests})
}

// ShowFollow returns the reader and the article of a link that confirms a subscription. Errors: ErrLink,
// ErrLinkExpired.
func (r *Readers) ShowFollow(ctx context.Context, token string) (Reader, error) {
	reader, _, err := r.openFollow(ctx, token)
	return reader, wrap("confirm following", err)
}

func (r *Readers) openFollow(ctx context.Context, token string) (Reader, followLink, error) {
	link, err := r.Links.openFollow(token)
	if err != nil {
		return Reader{}, link, err
	}
	article, err := r.Store.ArticleByID(ctx, link.articleID)
	if err != nil {
		return Reader{}, link, err
	}
	site, err := r.Store.Site(ctx, article.SiteID)
	if err != nil {
		return Reader{}, link, err
	}
	if site.Settings.MailOff {
		return Reader{}, link, ErrLink
	}
	return Reader{Site: site, Article: shown(article), Address: HalfHidden(link.email),
		indexes: r.Keys.Indexes(link.email)}, link, nil
}

// Follow confirms the address and subscribes it to all comments of the article. It returns a token for the page of
// notifications. Errors: ErrLink, ErrLinkExpired.
func (r *Readers) Follow(ctx context.Context, token string) (string, error) {
	reader, link, err := r.openFollow(ctx, token)
	if err != nil {
		return "", wrap("confirm following", err)
	}
	commenterID, err := r.Store.ConfirmFollow(ctx, ConfirmedFollow{
		Follow: Follow{ID: r.NewID(), SiteID: reader.Site.ID, ArticleID: link.articleID, CommenterID: r.NewID(),
			Language: link.language, All: true, At: r.Now().UTC()},
		Indexes: reader.indexes,
		Seal:    func(commenterID string) ([]byte, error) { return r.Keys.Seal(link.email, commenterID) },
	})
	if err == nil {
		err = r.Store.ResumeAddress(ctx, reader.indexes)
	}
	if err == nil {
		err = r.Store.ForgetRequests(ctx, reader.indexes, KindFollow)
	}
	return r.Links.manageToken(commenterID), wrap("confirm following", err)
}
