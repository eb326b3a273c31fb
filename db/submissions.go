package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
)

type submissionRow struct {
	ID            ID         `db:"id"`
	SiteID        ID         `db:"site_id"`
	ArticleID     ID         `db:"article_id"`
	CommenterID   ID         `db:"commenter_id"`
	CommentID     ID         `db:"comment_id"`
	Revision      int        `db:"revision"`
	AuthorName    string     `db:"author_name"`
	AuthorURL     string     `db:"author_url"`
	Body          string     `db:"body"`
	Fingerprint   []byte     `db:"fingerprint"`
	Facts         frozenJSON `db:"facts"`
	Verdict       frozenJSON `db:"verdict"`
	RulesetID     ID         `db:"ruleset_id"`
	AddressIndex  nullBytes  `db:"address_index"`
	AddressPrefix nullString `db:"address_prefix"`
	CreatedAt     Time       `db:"created_at"`
}

// submissionColumns are all columns but the body.
const submissionColumns = `id, site_id, article_id, commenter_id, comment_id, revision, author_name, author_url,
	fingerprint, facts, verdict, ruleset_id, address_index, address_prefix, created_at`

func (r submissionRow) submission() moderation.SubmissionRecord {
	return moderation.SubmissionRecord{
		ID: string(r.ID), SiteID: string(r.SiteID), ArticleID: string(r.ArticleID),
		CommenterID: string(r.CommenterID), CommentID: string(r.CommentID),
		Revision: r.Revision, AuthorName: r.AuthorName, AuthorURL: r.AuthorURL, Body: r.Body, Fingerprint: r.Fingerprint,
		Facts: r.Facts, Verdict: r.Verdict, RulesetID: string(r.RulesetID), AddressIndex: r.AddressIndex,
		AddressPrefix: string(r.AddressPrefix), CreatedAt: r.CreatedAt.time(),
	}
}

func newSubmissionRow(r moderation.SubmissionRecord) submissionRow {
	return submissionRow{ID: ID(r.ID), SiteID: ID(r.SiteID), ArticleID: ID(r.ArticleID), CommenterID: ID(r.CommenterID),
		CommentID: ID(r.CommentID), Revision: r.Revision, AuthorName: r.AuthorName, AuthorURL: r.AuthorURL, Body: r.Body,
		Fingerprint: r.Fingerprint, Facts: r.Facts, Verdict: r.Verdict, RulesetID: ID(r.RulesetID),
		AddressIndex: r.AddressIndex, AddressPrefix: nullString(r.AddressPrefix), CreatedAt: Time(r.CreatedAt)}
}

// values are the parameters of submissionInsert. html is the comment's, if the revision is the present one.
func (r submissionRow) values(html string) []any {
	return []any{r.ID, r.SiteID, r.ArticleID, r.CommenterID, r.CommentID, r.Revision, r.AuthorName, r.AuthorURL,
		r.Fingerprint, r.Facts, r.Verdict, r.RulesetID, r.AddressIndex, r.AddressPrefix, r.CreatedAt,
		storedBody(r.Body, html)}
}

var submissionInsert = insertInto("submissions", submissionColumns+`, body`, "")

// insertText writes a comment's new text and its search words. html is that of the comment now.
func insertText(ctx context.Context, x executor, r moderation.SubmissionRecord, html string) error {
	if _, err := x.execRows(ctx, submissionInsert.rowsStmt, [][]any{newSubmissionRow(r).values(html)}); err != nil {
		return err
	}
	if _, err := x.execRows(ctx, sketchInsert.rowsStmt, sketchRows(r)); err != nil {
		return err
	}
	return indexComment(ctx, x, r)
}

// CommentText returns a comment with the text of its present revision. ErrNotFound.
func (s *CommentStore) CommentText(
	ctx context.Context, id string,
) (moderation.Comment, moderation.SubmissionRecord, error) {
	var row struct {
		Comment    commentRow    `db:"comment"`
		Submission submissionRow `db:"submission"`
	}
	err := s.get(ctx, &row, `
		SELECT `+prefixed("c", "comment", commentColumns)+`,
			`+prefixed("s", "submission", submissionColumns)+`, `+bodyExpr("s", "c")+` AS "submission.body"
		FROM comments c JOIN submissions s ON s.comment_id = c.id AND s.revision = c.revision
		WHERE c.id = $1`, ID(id))
	if err != nil {
		return moderation.Comment{}, moderation.SubmissionRecord{}, fmt.Errorf("find comment: %w", err)
	}
	return row.Comment.comment(), row.Submission.submission(), nil
}
