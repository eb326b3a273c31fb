package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"

	"rejoinder/handlers/locale"
	"rejoinder/handlers/rulewords"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/notify/mail"
)

// digestCases is how many comments a digest shows in full.
const digestCases = 3

// toModerator writes a mail to a moderator, in the language that they chose for the console.
func (c *Composer) toModerator(ctx context.Context, m Message) (mail.Mail, error) {
	to, err := c.Store.NotifiedModerator(ctx, m.ModeratorID)
	if err != nil {
		return mail.Mail{}, err
	}
	sealed := to.EmailSealed
	if len(m.Payload.FormerEmail) > 0 {
		sealed = m.Payload.FormerEmail
	}
	email, err := c.Keys.Open(sealed, to.EmailContext())
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
	words := to.Words()
	written.Lang, written.Dir = words.Tag, words.Dir
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
	words := to.Words()
	why := words.T("You get urgent mail at once.")
	if to.Choices.UrgentInQuiet {
		why = words.T("You get urgent mail at once, even in quiet hours.")
	}
	title := words.T("Urgent: a comment waits for a decision")
	return content{
		Masthead: site.Name, Subject: title, Heading: title, Preview: words.T("It is held and not published."),
		Parts: []part{
			paragraph(words.T("It is %s: only moderators can see it.", bold(words.T("held")))),
			{Case: &shown},
			{Link: &link{words.T("Open the case to reply, block or add a note"), c.caseURL(comment.ID)}},
		},
		Why:   why + " " + words.T("Each link opens a page with one button. The links are for you alone and work for 24 hours."),
		Links: []link{{words.T("Change which mail you get"), c.choicesURL()}},
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
	words := to.Words()
	title := words.N("%d comment waiting", "%d comments waiting", waiting.Total)
	oldest := words.T("The oldest was written %s.", ago(words, c.Now().Sub(waiting.Oldest[0].CreatedAt)))
	if waiting.Reports+waiting.Appeals > 0 {
		oldest += " " + words.T("Reported comments: %d. Appeals: %d.", waiting.Reports, waiting.Appeals)
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
	open := words.T("Open the queue")
	if more := waiting.Total - len(waiting.Oldest); more > 0 {
		open = words.T("Open the queue: %d more", more)
	}
	written.Parts = append(written.Parts, part{Button: &link{open, c.Links.PublicURL + "/console"}})
	often := words.T("You get this mail daily.")
	if to.Choices.Digest == Hourly {
		often = words.T("You get this mail hourly.")
	}
	written.Why = words.T("Each link opens a page with one button; opening it decides nothing. The links are for you alone and "+
		"work for 24 hours.") + " " + often
	written.Links = []link{{words.T("Change which mail you get"), c.choicesURL()}}
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
	words := to.Words()
	shown := waitingCase{
		Name: comment.AuthorName, Age: ago(words, c.Now().Sub(comment.CreatedAt)), On: article.Title,
		Paragraphs: split(record.Body, fullLength/2), Reasons: heldBecause(words, record.Verdict),
	}
	if shown.On == "" {
		shown.On = article.Key
	}
	for _, v := range []struct {
		action             moderation.Action
		text, class, color string
	}{
		{moderation.ActionApprove, "Approve", "ok", "#1c6b3a"}, {moderation.ActionReject, "Reject", "no", "#9b1c1c"},
		{moderation.ActionSpam, "Spam", "sp", "#5b2d91"},
	} {
		url := c.Links.decideURL(decideLink{to.ID, comment.ID, comment.Version, v.action})
		shown.Verbs = append(shown.Verbs, verb{link{words.T(v.text), url}, v.class, template.CSS(v.color),
			words.T("%s: comment by %s", words.T(v.text), comment.AuthorName)})
	}
	return shown, site, nil
}

// heldBecause returns the reasons of the hits that took part in a verdict.
func heldBecause(words *locale.Language, stored []byte) []string {
	var verdict rules.Verdict
	if json.Unmarshal(stored, &verdict) != nil {
		return nil
	}
	var reasons []string
	for _, hit := range verdict.Hits {
		if hit.Mode == rules.Enforce && hit.Reason != "" && len(reasons) < 5 {
			reasons = append(reasons, rulewords.Reason(words, hit.Reason))
		}
	}
	return reasons
}

// ago says how long ago something was, roughly.
func ago(words *locale.Language, d time.Duration) string {
	switch {
	case d < time.Minute:
		return words.T("just now")
	case d < time.Hour:
		return words.N("%d minute ago", "%d minutes ago", int(d/time.Minute))
	case d < 48*time.Hour:
		return words.N("%d hour ago", "%d hours ago", int(d/time.Hour))
	}
	return words.N("%d day ago", "%d days ago", int(d/(24*time.Hour)))
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
	words := to.Words()
	written := content{Subject: words.T("Set a new password"), Preview: words.T("The link works once."),
		Why: words.T("Somebody asked for this on the sign-in page, or an admin did. If it was not you, ignore this mail: " +
			"nothing changes until the link is used.")}
	text, button := words.T("This link sets a new password for your account, %s.", bold(to.Name)), words.T("Set a new password")
	if m.Payload.LinkKind == "invitation" {
		written.Subject, button = words.T("You are invited to moderate"), words.T("Accept the invitation")
		text = words.T("You are invited to moderate comments as %s. Set a password to get started.", bold(to.Name))
		written.Why = words.T("An admin of this server entered your address. If you did not expect this, ignore this mail.")
	}
	written.Heading = written.Subject
	written.Parts = []part{
		paragraph(text), {Button: &link{button, c.Links.PublicURL + "/console/invitation/" + secret}},
		fine(words.T("It works once, until %s.", words.Moment(m.Payload.Until))),
	}
	return written, nil
}

// signIn reports a sign-in on a new device.
func (c *Composer) signIn(_ context.Context, m Message, to Moderator) (content, error) {
	words := to.Words()
	device := words.T("an unknown browser")
	if browser, system, found := strings.Cut(m.Payload.Client, " on "); found {
		device = words.T("%s on %s", browser, system)
	} else if m.Payload.Client != "" {
		device = m.Payload.Client
	}
	title := words.T("New sign-in to your account")
	return content{
		Subject: title, Heading: title, Preview: device,
		Parts: []part{
			paragraph(words.T("Somebody signed in as %s with %s, on %s.", bold(to.Name), bold(device), words.Moment(m.CreatedAt))),
			paragraph(words.T("If this was you, there is nothing to do. If not, end that session and change your password now.")),
			{Button: &link{words.T("Your account"), c.Links.PublicURL + "/console/account"}},
		},
		Why: words.T(securityWhy),
	}, nil
}

const securityWhy = "Mail about the security of your account is always sent."

// accountChanges name the changes of an account, by their action in the audit log.
var accountChanges = map[string]string{
	"accept_invitation":   "The invitation was accepted and a password set",
	"reset_password":      "The password was changed with a link",
	"change_password":     "The password was changed",
	"change_email":        "The email was changed",
	"second_factor_on":    "The second factor was turned on",
	"second_factor_off":   "The second factor was turned off",
	"reset_second_factor": "An admin turned off the second factor",
	"use_recovery_code":   "A recovery code was used to sign in",
	"link_identity":       "The account was linked to an identity provider",
	"unlink_identity":     "The link to an identity provider was removed",
}

// account reports a change to the account.
func (c *Composer) account(_ context.Context, m Message, to Moderator) (content, error) {
	words := to.Words()
	change := words.T(accountChanges[m.Payload.Action])
	if change == "" {
		return content{}, obsolete("this change needs no mail")
	}
	title := words.T("Your account was changed")
	if len(m.Payload.FormerEmail) > 0 {
		return content{
			Subject: title, Heading: title, Preview: change + ".",
			Parts: []part{
				paragraph(words.T("%s, on %s. Account: %s.", bold(change), words.Moment(m.CreatedAt), bold(to.Name))),
				paragraph(words.T("This address no longer signs in and gets no more mail from here. If this was not you, tell an admin now.")),
			},
			Why: words.T(securityWhy),
		}, nil
	}
	return content{
		Subject: title, Heading: title, Preview: change + ".",
		Parts: []part{
			paragraph(words.T("%s, on %s. Account: %s.", bold(change), words.Moment(m.CreatedAt), bold(to.Name))),
			paragraph(words.T("If this was not you, change your password now and tell an admin.")),
			{Button: &link{words.T("Your account"), c.Links.PublicURL + "/console/account"}},
		},
		Why: words.T(securityWhy),
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
	words := to.Words()
	title, reason := words.T("A webhook was paused"), words.T(hook.Reason)
	return content{
		Masthead: site.Name, Subject: title, Heading: title, Preview: reason,
		Parts: []part{
			paragraph(words.T("The webhook %s gets no more deliveries, since %s.", bold(hook.Name), words.Moment(m.CreatedAt))),
			paragraph(reason),
			paragraph(words.T("Its page shows the last requests and responses. Resume it there once its server works again; " +
				"deliveries that failed can be sent again.")),
			{Button: &link{words.T("Open the webhook"), c.Links.PublicURL + "/console/sites/" + site.Slug + "/webhooks/" + m.WebhookID}},
		},
		Why: words.T("You get this mail because you are an admin of this site."),
	}, nil
}
