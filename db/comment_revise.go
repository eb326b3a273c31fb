package db

import (
	"context"

	"rejoinder/moderation"
	"rejoinder/notify"
)

// ReviseComment commits a comment's new text with its submission, decision and counters.
// ErrVersion when the stored version is not the one before the comment's; ErrNotFound.
func (s *SubmissionStore) ReviseComment(ctx context.Context, r moderation.Revision) error {
	err := s.write(ctx, "revise comment", func(tx executor) error {
		before, err := checkVersionAndLock(ctx, tx, r.Decision)
		if err != nil {
			return err
		}
		if err := keepBody(ctx, tx, r.Comment.ID); err != nil {
			return err
		}
		n, err := tx.execNamed(ctx, `
			UPDATE comments SET version = :version, revision = :revision, status = :status, author_name = :author_name,
				author_url = :author_url, body_html = :body_html, public_reason = :public_reason, score = :score,
				risk = :risk, language = :language, cluster = :cluster,
				edited_at = :edited_at
			WHERE id = :id AND version = :version - 1`, newCommentRow(r.Comment))
		if err == nil && n == 0 {
			err = moderation.ErrVersion
		}
		if err != nil {
			return err
		}
		t := transition{r.Decision.From, r.Decision.To}
		if err := applyTransition(ctx, tx, before.counterKey(), t); err != nil {
			return err
		}
		r.Submission.ArticleID, r.Submission.CommenterID = string(before.ArticleID), string(before.CommenterID)
		if err := insertText(ctx, tx, r.Submission, r.Comment.BodyHTML); err != nil {
			return err
		}
		if err := reindexPending(ctx, tx, before.counterKey(), t); err != nil {
			return err
		}
		decision := newDecisionRow(r.Decision, string(before.CommenterID))
		if err := insertDecisions(ctx, tx, notify.EventEdit, [][]any{decision.values()}); err != nil {
			return err
		}
		calls, err := awaitedCallRows(ctx, tx, r.Calls)
		if err != nil {
			return err
		}
		_, err = tx.execRows(ctx, externalCallInsert.rowsStmt, calls)
		return err
	})
	if err == nil {
		s.articleRates.increment(r.Comment.ArticleID)
	}
	return err
}
