package queue

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// StaffReplyStore is the storage for staff replies.
type StaffReplyStore interface {
	// ModeratorName returns a moderator's name. Errors: ErrNotFound.
	ModeratorName(ctx context.Context, id string) (string, error)
	// CreateComment is the method of IntakeStore.
	CreateComment(ctx context.Context, c moderation.NewComment) (moderation.Comment, error)
}

// StaffReply is a moderator's public reply.
type StaffReply struct {
	ParentID string
	Body     string

	reading *text.Reading // of Body
}

// Reply publishes a moderator's reply to an approved comment, under the moderator's name and marked as staff.
// A comment submitted with a moderator's email does not get this mark. No ruleset judges the reply, and the
// log records the moderator. Closed articles accept replies, too. Errors: *Invalid, ErrNotFound,
// ErrTransition if the comment is not approved.
func (q *Queue) Reply(ctx context.Context, v moderation.Viewer, r StaffReply) (moderation.Comment, error) {
	var faults moderation.Invalid
	r.reading = moderation.CleanBody(&faults, r.Body)
	if err := faults.Err(); err != nil {
		return moderation.Comment{}, err
	}
	parent, err := q.visible(ctx, v, r.ParentID)
	if err != nil {
		return moderation.Comment{}, fmt.Errorf("reply: %w", err)
	}
	if !parent.Comment.Public() {
		return moderation.Comment{}, fmt.Errorf("reply to a comment that is %s: %w", parent.Comment.Status, moderation.ErrTransition)
	}
	draft, err := q.staffReply(ctx, v, parent, r)
	if err != nil {
		return moderation.Comment{}, fmt.Errorf("reply: %w", err)
	}
	stored, err := q.Store.CreateComment(ctx, draft)
	if errors.Is(err, moderation.ErrParentGone) {
		err = moderation.ErrTransition
	}
	if err != nil {
		return moderation.Comment{}, fmt.Errorf("reply: %w", err)
	}
	return stored, nil
}

// staffReply returns everything to store. Facts and verdict are empty, and the decision refers to no
// submission, so nothing is learned from text that was not judged.
func (q *Queue) staffReply(
	ctx context.Context, v moderation.Viewer, parent Row, r StaffReply,
) (moderation.NewComment, error) {
	site, err := q.Store.SiteBySlug(ctx, parent.Site.Slug)
	if err != nil {
		return moderation.NewComment{}, err
	}
	article, err := q.Store.Article(ctx, site.ID, parent.Article.Key)
	if err != nil {
		return moderation.NewComment{}, err
	}
	if err := moderation.CheckParent(site, article, parent.Comment.ID, &parent.Comment); err != nil {
		return moderation.NewComment{}, err
	}
	name, err := q.Store.ModeratorName(ctx, v.ModeratorID)
	if err != nil {
		return moderation.NewComment{}, err
	}
	html, err := r.reading.HTML()
	if err != nil {
		return moderation.NewComment{}, fmt.Errorf("render: %w", err)
	}
	now, id := q.Now().UTC(), q.NewID()
	commenter := moderation.Commenter{ID: q.NewID(), SiteID: site.ID,
		EmailIndex: staffIndex(v.ModeratorID), EmailSealed: []byte{}, Name: name, FirstSeenAt: now, LastSeenAt: now}
	c := moderation.Comment{ID: id, SiteID: site.ID, ArticleID: article.ID, CommenterID: commenter.ID,
		ParentID: parent.Comment.ID, RootID: parent.Comment.RootID, Depth: parent.Comment.Depth + 1,
		Version: 1, Revision: 1, Status: moderation.StatusApproved,
		AuthorName: name, BodyHTML: html, Language: r.reading.Language(), Cluster: id, Staff: true,
		CreatedAt: now}
	return moderation.NewComment{
		Article:    article,
		Commenter:  commenter,
		Comment:    c,
		Submission: staffSubmission(c, q.NewID(), r.reading, site.ActiveRulesetID),
		Decision: moderation.Decision{
			ID:          q.NewID(),
			SiteID:      site.ID,
			CommentID:   id,
			Version:     1,
			Action:      moderation.ActionApprove,
			To:          moderation.StatusApproved,
			Actor:       moderation.ActorModerator,
			ModeratorID: v.ModeratorID,
			CreatedAt:   now,
		},
	}, nil
}

// staffSubmission returns the submission of a staff reply, with neither facts nor verdict.
func staffSubmission(
	c moderation.Comment, id string, reading *text.Reading, rulesetID string,
) moderation.SubmissionRecord {
	return moderation.SubmissionRecord{
		ID:          id,
		SiteID:      c.SiteID,
		ArticleID:   c.ArticleID,
		CommenterID: c.CommenterID,
		CommentID:   c.ID,
		Revision:    c.Revision,
		AuthorName:  c.AuthorName,
		Body:        reading.Markdown,
		Fingerprint: reading.Fingerprint(),
		Facts:       []byte(`{}`),
		Verdict:     []byte(`{}`),
		RulesetID:   rulesetID,
		CreatedAt:   c.CreatedAt,
	}
}

// staffIndex replaces the email index of readers, so that a moderator is one commenter per site. No email has
// this index.
func staffIndex(moderatorID string) []byte {
	sum := sha256.Sum256([]byte("moderator " + moderatorID))
	return sum[:]
}
