package notify

import (
	"context"

	"rejoinder/moderation"
)

// reply says that somebody replied to the reader, or commented on an article that they follow.
func (c *Composer) reply(ctx context.Context, m Message, to addressee) (readerMail, error) {
	comment, record, err := c.Store.CommentText(ctx, m.CommentID)
	if err != nil {
		return readerMail{}, err
	}
	switch s, ok, err := c.subscription(ctx, comment, m.CommenterID); {
	case err != nil:
		return readerMail{}, err
	case !comment.Public():
		return readerMail{}, obsolete("the comment is no longer published")
	case !ok || s.CommentID == comment.ID || to.choices.Replies == Never:
		return readerMail{}, obsolete("the reader stopped mail about this discussion")
	}
	article, err := c.Store.ArticleByID(ctx, comment.ArticleID)
	if err != nil {
		return readerMail{}, err
	}
	article = shown(article)
	t, title := to.words.Text, heading(article, to.site)
	text := content{Parts: []part{paragraph(t("mail.reply.on", "title", bold(title)))}}
	text.Subject = t("mail.follow.subject", "name", withoutMarks.Replace(comment.AuthorName), "title", title)
	own, ownRecord, err := c.ownParent(ctx, comment, m.CommenterID)
	if err != nil {
		return readerMail{}, err
	}
	if own != "" {
		text.Subject = t("mail.reply.subject", "name", withoutMarks.Replace(comment.AuthorName))
		text.Parts = append(text.Parts,
			part{Quote: &quote{By: t("mail.you_wrote"), Paragraphs: split(ownRecord, shortLength), Muted: true}})
	}
	text.Heading, text.Preview = text.Subject, preview(record.Body)
	text.Parts = append(text.Parts,
		part{Quote: &quote{By: comment.AuthorName + ", " + to.words.Moment(comment.CreatedAt),
			Paragraphs: split(record.Body, fullLength)}},
		part{Button: &link{t("mail.reply.button"), c.permalink(to.site, article, comment.ID)}})
	written := c.withFooter(m, to, article, text)
	written.thread = comment.RootID // mails about one branch form a thread
	return written, nil
}

// ownParent returns the id and the text of the comment that another one replies to, if the reader wrote it.
func (c *Composer) ownParent(ctx context.Context, reply moderation.Comment, commenterID string) (id,
	text string, err error) {
	if reply.ParentID == "" {
		return "", "", nil
	}
	parent, record, err := c.Store.CommentText(ctx, reply.ParentID)
	if err != nil || parent.CommenterID != commenterID {
		return "", "", err
	}
	return parent.ID, record.Body, nil
}

// maxReplies is the maximum number of comments in a digest.
const maxReplies = 20

// replies lists the comments of a period.
func (c *Composer) replies(ctx context.Context, m Message, to addressee) (readerMail, error) {
	if to.choices.Replies == Never {
		return readerMail{}, obsolete("the reader turned off this mail")
	}
	comments, err := c.Store.RepliesFor(ctx, RepliesQuery{m.CommenterID, m.Payload.Since, m.Payload.Until, maxReplies})
	if err != nil {
		return readerMail{}, err
	}
	if len(comments) == 0 {
		return readerMail{}, obsolete("there are no new comments")
	}
	t := to.words.Text
	text := content{Subject: t("mail.replies.subject", "site", to.site.Name)}
	text.Heading = text.Subject
	var article moderation.Article
	for _, comment := range comments {
		if comment.ArticleID != article.ID {
			if article, err = c.Store.ArticleByID(ctx, comment.ArticleID); err != nil {
				return readerMail{}, err
			}
			article = shown(article)
			text.Parts = append(text.Parts, paragraph(t("mail.reply.on", "title", bold(heading(article, to.site)))))
		}
		_, record, err := c.Store.CommentText(ctx, comment.ID)
		if err != nil {
			return readerMail{}, err
		}
		if text.Preview == "" {
			text.Preview = preview(record.Body)
		}
		text.Parts = append(text.Parts,
			part{Quote: &quote{By: comment.AuthorName + ", " + to.words.Moment(comment.CreatedAt),
				Paragraphs: split(record.Body, fullLength/4)}},
			part{Link: &link{t("mail.reply.button"), c.permalink(to.site, article, comment.ID)}})
	}
	return c.withFooter(m, to, moderation.Article{}, text), nil
}
