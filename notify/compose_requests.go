package notify

import (
	"context"
	"errors"
	"fmt"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
)

// typedAddress returns the addressee of a mail that somebody asked for, unless nothing may be sent to the address.
// Only mail about a person's own comments is for a commenter.
func (c *Composer) typedAddress(ctx context.Context, m Message) (addressee, error) {
	var to addressee
	var err error
	if to.email, err = c.Keys.Open(m.Payload.Secret, m.ID); err != nil {
		return to, fmt.Errorf("open email: %w", err)
	}
	if to.site, err = c.Store.Site(ctx, m.SiteID); err != nil {
		return to, err
	}
	indexes := c.Keys.Indexes(to.email)
	if err := c.checkStopped(ctx, indexes); err != nil {
		return to, err
	}
	to.words = locale.Match(m.Payload.Language, "", to.site.Locale)
	if m.Kind == KindFollow {
		if to.site.Settings.MailOff {
			err = obsolete("the site sends no mail to readers")
		}
		return to, err
	}
	to.commenter.ID, err = c.Store.CommenterByEmail(ctx, m.SiteID, indexes)
	if errors.Is(err, moderation.ErrNotFound) {
		err = obsolete("nobody wrote with this address")
	}
	return to, err
}

// follow asks to confirm that the address follows an article. Nothing that its sender typed is in it.
func (c *Composer) follow(ctx context.Context, m Message, to addressee) (readerMail, error) {
	article, err := c.Store.ArticleByID(ctx, m.Payload.ArticleID)
	if err != nil {
		return readerMail{}, err
	}
	confirm, err := c.Links.followURL(followLink{to.email, article.ID, to.words.Tag})
	if err != nil {
		return readerMail{}, err
	}
	never, err := c.Links.stopAddressURL(to.email, to.site.ID)
	if err != nil {
		return readerMail{}, err
	}
	t := to.words.Text
	return readerMail{unsubscribe: never, content: content{
		Subject: t("mail.confirm.subject"), Heading: t("mail.confirm.subject"), Preview: t("mail.follow.preview"),
		Parts: []part{
			paragraph(t("mail.follow.text", "site", bold(to.site.Name), "title", bold(heading(shown(article), to.site)))),
			{Button: &link{t("follow.confirm"), confirm}},
			paragraph(t("mail.confirm.life")),
		},
		Why: t("mail.follow.not_you"), Links: []link{{t("mail.confirm.never"), never}},
	}}, nil
}

// person sends the link to a person's own comments.
func (c *Composer) person(_ context.Context, _ Message, to addressee) (readerMail, error) {
	never, err := c.Links.stopAddressURL(to.email, to.site.ID)
	if err != nil {
		return readerMail{}, err
	}
	t := to.words.Text
	return readerMail{unsubscribe: never, content: content{
		Subject: t("mail.person.subject"), Heading: t("mail.person.subject"), Preview: to.site.Name,
		Parts: []part{
			paragraph(t("mail.person.text", "site", bold(to.site.Name))),
			{Button: &link{t("person.title"), c.Links.personURL(to.commenter.ID)}},
		},
		Why: t("mail.follow.not_you"), Links: []link{{t("mail.confirm.never"), never}},
	}}, nil
}
