package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/notify/mail"
)

// digestCases is how many comments a digest shows in full.
const digestCases = 3

// toModerator writes a mail to a moderator, in English as the console is.
func (c *Composer) toModerator(ctx context.Context, m Message) (mail.Mail, error) {
	to, err := c.Store.NotifiedModerator(ctx, m.ModeratorID)
	if err != nil {
		return mail.Mail{}, err
	}
	email, err := c.Keys.Open(to.EmailSealed, to.EmailContext())
	if err != nil {
		return mail.Mail{}, fmt.Errorf("open email: %w", err)
	}
	write := map[Kind]func(context.Context, Message, Moderator) (content, error){
		KindUrgent: c.urgent, KindDigest: c.digest, KindLink: c.link, KindSignIn: c.signIn, KindAccount: c.account,
		KindWebhookPaused: c.webhookPaused,
	}[m.Kind]
	if write == nil {
		return mail.Mail{}, obsolete("this version does not know this kind of message")
	}
	written, err := write(ctx, m, to)
	if err != nil {
		return mail.Mail{}, err
	}
	written.Lang, written.Dir = "en", "ltr"
	if written.Masthead == "" {
		written.Masthead = "Rejoinder"
	}
	text, html, err := written.render()
	return mail.Mail{To: email, Subject: written.Subject, Text: text, HTML: html}, err
}

// urgent shows one comment that needs a decision soon.
func (c *Composer) urgent(ctx context.Context, m Message, to Moderator) (content, error) {
	comment, _, err := c.Store.CommentText(ctx, m.CommentID)
	if err != nil {
		return content{}, err
	}
	if comment.Status != moderation.StatusPending {
		return content{}, obsolete("the comment has been decided")
	}
	if !to.decidesAt(c.Now()) || !to.Choices.Urgent || !to.MaySee(comment.SiteID) ||
		!to.Choices.wantsSite(comment.SiteID) {
		return content{}, obsolete("the moderator no longer wants this mail")
	}
	shown, site, err := c.waitingCase(ctx, comment, to)
	if err != nil {
		return content{}, err
	}
	why := "You get urgent mail at once"
	if to.Choices.UrgentInQuiet {
		why += ", even in quiet hours"
	}
	return content{
		Masthead: site.Name, Subject: "Urgent: a comment waits for a decision",
		Heading: "Urgent: a comment waits for a decision",
		Preview: "It is held and not published.",
		Parts: []part{
			paragraph("It is " + bold("held") + ": only moderators can see it."),
			{Case: &shown},
			{Link: &link{"Open the case to reply, block or add a note", c.caseURL(comment.ID)}},
		},
		Why:   why + ". Each link opens a page with one button. The links are for you alone and work for 24 hours.",
		Links: []link{{"Change which mail you get", c.choicesURL()}},
	}, nil
}

// digest lists the waiting comments.
func (c *Composer) digest(ctx context.Context, _ Message, to Moderator) (content, error) {
	if !to.decidesAt(c.Now()) || to.Choices.Digest == Never {
		return content{}, obsolete("the moderator no longer wants this mail")
	}
	sites := to.Choices.Sites
	if len(sites) == 0 {
		sites = to.SiteIDs
	}
	waiting, err := c.Store.Waiting(ctx, sites, digestCases)
	if err != nil {
		return content{}, err
	}
	if waiting.Total == 0 || len(waiting.Oldest) == 0 {
		return content{}, obsolete("no comments are waiting")
	}
	title := locale.Plural(waiting.Total, "comment") + " waiting"
	oldest := "The oldest has been waiting for " + age(c.Now().Sub(waiting.Oldest[0].CreatedAt)) + "."
	if waiting.Reports+waiting.Appeals > 0 {
		oldest += fmt.Sprintf(" Reported comments: %d. Appeals: %d.", waiting.Reports, waiting.Appeals)
	}
	written := content{Subject: title, Heading: title, Preview: oldest, Parts: []part{paragraph(oldest)}}
	for _, comment := range waiting.Oldest {
		shown, site, err := c.waitingCase(ctx, comment, to)
		if err != nil {
			return content{}, err
		}
		shown.On = site.Name + ", " + shown.On
		written.Parts = append(written.Parts, part{Case: &shown})
	}
	open := "Open the queue"
	if more := waiting.Total - len(waiting.Oldest); more > 0 {
		open = fmt.Sprintf("Open the queue: %d more", more)
	}
	written.Parts = append(written.Parts, part{Button: &link{open, c.Links.PublicURL + "/console"}})
	written.Why = "Each link opens a page with one button; opening it decides nothing. The links are for you alone and " +
		"work for 24 hours. You get this mail " + string(to.Choices.Digest) + "."
	written.Links = []link{{"Change which mail you get", c.choicesURL()}}
	return written, nil
}

func (c *Composer) caseURL(commentID string) string {
	return c.Links.PublicURL + "/console/comments/" + commentID
}

func (c *Composer) choicesURL() string { return c.Links.PublicURL + "/console/notifications" }

// waitingCase shows a comment with why it was held, and links to decisions.
func (c *Composer) waitingCase(ctx context.Context, comment moderation.Comment, to Moderator,
) (waitingCase, moderation.Site, error) {
	comment, record, err := c.Store.CommentText(ctx, comment.ID)
	if err != nil {
		return waitingCase{}, moderation.Site{}, err
	}
	site, err := c.Store.Site(ctx, comment.SiteID)
	if err != nil {
		return waitingCase{}, site, err
	}
	article, err := c.Store.ArticleByID(ctx, comment.ArticleID)
	if err != nil {
		return waitingCase{}, site, err
	}
	shown := waitingCase{
		Name: comment.AuthorName, Age: age(c.Now().Sub(comment.CreatedAt)), On: article.Title,
		Paragraphs: split(record.Body, fullLength/2), Reasons: heldBecause(record.Verdict),
	}
	if shown.On == "" {
		shown.On = article.Key
	}
	for _, v := range []verb{
		{link{Text: "Approve"}, "ok", "#1c6b3a"}, {link{Text: "Reject"}, "no", "#9b1c1c"}, {link{Text: "Spam"}, "sp",
			"#5b2d91"},
	} {
		v.URL = c.Links.decideURL(decideLink{to.ID, comment.ID, comment.Version, moderation.Action(strings.ToLower(v.Text))})
		shown.Verbs = append(shown.Verbs, v)
	}
	return shown, site, nil
}

// heldBecause returns the reasons of the hits that took part in a verdict.
func heldBecause(stored []byte) []string {
	var verdict rules.Verdict
	if json.Unmarshal(stored, &verdict) != nil {
		return nil
	}
	var reasons []string
	for _, hit := range verdict.Hits {
		if hit.Mode == rules.Enforce && hit.Reason != "" && len(reasons) < 5 {
			reasons = append(reasons, hit.Reason)
		}
	}
	return reasons
}

// age says how long something took, roughly.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return locale.Plural(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return locale.Plural(int(d/time.Hour), "hour")
	}
	return locale.Plural(int(d/(24*time.Hour)), "day")
}

// link sends an invitation, or a link that sets a new password.
func (c *Composer) link(_ context.Context, m Message, to Moderator) (content, error) {
	if c.Now().After(m.Payload.Until) {
		return content{}, obsolete("the link has expired")
	}
	secret, err := c.Keys.Open(m.Payload.Secret, "link:"+m.ID)
	if err != nil {
		return content{}, fmt.Errorf("open the link: %w", err)
	}
	written := content{Subject: "Set a new password", Preview: "The link works once.",
		Why: "Somebody asked for this on the sign-in page, or an admin did. If it was not you, ignore this mail: " +
			"nothing changes until the link is used."}
	text, button := "This link sets a new password for your account, "+bold(to.Name)+".", "Set a new password"
	if m.Payload.LinkKind == "invitation" {
		written.Subject, button = "You are invited to moderate", "Accept the invitation"
		text = "You are invited to moderate comments as " + bold(to.Name) + ". Set a password to get started."
		written.Why = "An admin of this server entered your address. If you did not expect this, ignore this mail."
	}
	written.Heading = written.Subject
	written.Parts = []part{
		paragraph(text), {Button: &link{button, c.Links.PublicURL + "/console/invitation/" + secret}},
		fine("It works once, until " + m.Payload.Until.UTC().Format("2 January 2006 at 15:04 UTC") + "."),
	}
	return written, nil
}

// signIn reports a sign-in on a new device.
func (c *Composer) signIn(_ context.Context, m Message, to Moderator) (content, error) {
	device := m.Payload.Client
	if device == "" {
		device = "an unknown browser"
	}
	return content{
		Subject: "New sign-in to your account", Heading: "New sign-in to your account", Preview: device,
		Parts: []part{
			paragraph("Somebody signed in as " + bold(to.Name) + " with " + bold(device) + ", on " +
				m.CreatedAt.UTC().Format("2 January 2006 at 15:04 UTC") + "."),
			paragraph("If this was you, there is nothing to do. If not, end that session and change your password now."),
			{Button: &link{"Your account", c.Links.PublicURL + "/console/account"}},
		},
		Why: securityWhy,
	}, nil
}

const securityWhy = "Mail about the security of your account is always sent."

// accountChanges name the changes of an account, by their action in the audit log.
var accountChanges = map[string]string{
	"accept_invitation":   "The invitation was accepted and a password set",
	"reset_password":      "The password was changed with a link",
	"change_password":     "The password was changed",
	"second_factor_on":    "The second factor was turned on",
	"second_factor_off":   "The second factor was turned off",
	"reset_second_factor": "An admin turned off the second factor",
	"use_recovery_code":   "A recovery code was used to sign in",
	"link_identity":       "The account was linked to an identity provider",
	"unlink_identity":     "The link to an identity provider was removed",
}

// account reports a change to the account.
func (c *Composer) account(_ context.Context, m Message, to Moderator) (content, error) {
	change := accountChanges[m.Payload.Action]
	if change == "" {
		return content{}, obsolete("this change needs no mail")
	}
	return content{
		Subject: "Your account was changed", Heading: "Your account was changed", Preview: change + ".",
		Parts: []part{
			paragraph(bold(change) + ", on " + m.CreatedAt.UTC().Format("2 January 2006 at 15:04 UTC") + ". Account: " +
				bold(to.Name) + "."),
			paragraph("If this was not you, change your password now and tell an admin."),
			{Button: &link{"Your account", c.Links.PublicURL + "/console/account"}},
		},
		Why: securityWhy,
	}, nil
}

// webhookPaused reports that a webhook was paused because its deliveries failed.
func (c *Composer) webhookPaused(ctx context.Context, m Message, to Moderator) (content, error) {
	hook, err := c.Store.WebhookStatus(ctx, m.WebhookID)
	if err != nil {
		return content{}, err
	}
	if hook.Reason == "" {
		return content{}, obsolete("the webhook is active again")
	}
	if !to.MaySee(hook.SiteID) {
		return content{}, obsolete("the moderator no longer works on the site")
	}
	site, err := c.Store.Site(ctx, hook.SiteID)
	if err != nil {
		return content{}, err
	}
	return content{
		Masthead: site.Name, Subject: "A webhook was paused", Heading: "A webhook was paused", Preview: hook.Reason,
		Parts: []part{
			paragraph("The webhook " + bold(hook.Name) + " gets no more deliveries, since " +
				m.CreatedAt.UTC().Format("2 January 2006 at 15:04 UTC") + "."),
			paragraph(hook.Reason),
			paragraph("Its page shows the last requests and responses. Resume it there once its server works again; deliveries " +
				"that failed can be sent again."),
			{Button: &link{"Open the webhook", c.Links.PublicURL + "/console/sites/" + site.Slug + "/webhooks/" + m.WebhookID}},
		},
		Why: "You get this mail because you are an admin of this site.",
	}, nil
}
