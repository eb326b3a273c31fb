package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
)

// UndoWindow is how long a moderator may undo a decision.
const UndoWindow = 10 * time.Minute

// ErrUndo rejects an undo: the decision is too old or someone else's, or the comment's text is erased.
var ErrUndo = errors.New("the decision can't be undone")

// DecisionResult is a comment after a decision.
type DecisionResult struct {
	Comment    moderation.Comment
	DecisionID string // can be undone for UndoWindow
}

// Undo reverts a decision of the viewer. It restores the comment's status and public reason, and reopens the
// reports and the appeal that the decision resolved. The log gets a new entry and keeps the old one. Errors:
// ErrNotFound, ErrUndo, *ConflictError (wraps ErrVersion) if the comment has changed since.
func (q *Queue) Undo(ctx context.Context, v moderation.Viewer, decisionID string) (DecisionResult, error) {
	if !moderation.ValidID(decisionID) {
		return DecisionResult{}, fmt.Errorf("undo: %w", moderation.ErrNotFound)
	}
	d, err := q.Store.Decision(ctx, decisionID)
	if err != nil {
		return DecisionResult{}, fmt.Errorf("undo: %w", err)
	}
	row, err := q.visible(ctx, v, d.CommentID)
	if err != nil {
		return DecisionResult{}, fmt.Errorf("undo: %w", err)
	}
	log, err := q.Store.Decisions(ctx, d.CommentID)
	if err != nil {
		return DecisionResult{}, fmt.Errorf("undo: %w", err)
	}
	undo, err := q.undoDecision(v, d, log)
	if err == nil {
		err = q.Store.RecordDecision(ctx, undo)
	}
	if err != nil {
		return DecisionResult{}, fmt.Errorf("undo: %w", q.conflict(ctx, d.CommentID, err))
	}
	c := row.Comment
	c.Version, c.Status, c.PublicReason = undo.Version, undo.To, undo.Reason
	return DecisionResult{c, undo.ID}, nil
}

// undoDecision returns the decision that undoes d. log is the comment's log, oldest first.
func (q *Queue) undoDecision(
	v moderation.Viewer, d moderation.Decision, log []moderation.Decision,
) (moderation.Decision, error) {
	now := q.Now().UTC()
	if d.Actor != moderation.ActorModerator || d.ModeratorID != v.ModeratorID || d.From == "" || now.Sub(d.CreatedAt) > UndoWindow {
		return moderation.Decision{}, ErrUndo
	}
	if len(log) < 2 || log[len(log)-1].ID != d.ID {
		return moderation.Decision{}, moderation.ErrVersion
	}
	undo := moderation.Decision{
		ID: q.NewID(), SiteID: d.SiteID, CommentID: d.CommentID, Version: d.Version + 1, Action: actionFor(d.From),
		From: d.To, To: d.From, Actor: moderation.ActorModerator, ModeratorID: v.ModeratorID, SubmissionID: d.SubmissionID,
		Reason: authorReasonAfter(log[:len(log)-1]), Undoes: d.ID, CreatedAt: now,
	}
	if before := moderation.EffectiveDecisions(log[:len(log)-1]); len(before) > 0 {
		undo.ReasonCode = before[len(before)-1].ReasonCode
	}
	return undo, nil
}

// actionFor returns the action whose target is status.
func actionFor(status moderation.Status) moderation.Action {
	for _, action := range []moderation.Action{
		moderation.ActionApprove, moderation.ActionHold, moderation.ActionReject, moderation.ActionSpam,
	} {
		if to, _ := action.Target(); to == status {
			return action
		}
	}
	return moderation.ActionDelete
}

// authorReasonAfter returns the reason shown to the author after all decisions of a log, oldest first.
func authorReasonAfter(log []moderation.Decision) string {
	reason := ""
	for i, d := range log {
		sameText := i > 0 && d.SubmissionID == log[i-1].SubmissionID
		if sameText && d.Undoes == "" {
			reason = d.PublicReasonAfter(reason)
		} else {
			reason = d.Reason
		}
	}
	return reason
}
