package queue

import (
	"context"
	"fmt"
	"slices"

	"rejoinder/moderation"
)

// DecisionRequest is a moderator's decision on one comment.
type DecisionRequest struct {
	CommentID string
	Action    moderation.Action
	Version   int    // version that the moderator saw
	Reason    string // for the commenter; may be empty
	Reply     string // name of a canned reply to send if there is no Reason; may be empty
	Note      string // for moderators; may be empty
	Code      string // one of the site's reason codes; may be empty
	Force     bool   // decide even if another moderator holds the comment
}

// Decide executes a decision and returns the changed comment. Errors: *Invalid, ErrNotFound, *ConflictError
// (wraps ErrVersion) if the comment changed concurrently, ErrTransition, ErrAnotherModerator, *ClaimedError
// (wraps ErrClaimed).
func (q *Queue) Decide(ctx context.Context, v moderation.Viewer, r DecisionRequest) (DecisionResult, error) {
	if err := r.prepare(); err != nil {
		return DecisionResult{}, err
	}
	row, err := q.visible(ctx, v, r.CommentID)
	if err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	c := row.Comment
	if err := q.checkCode(ctx, c.SiteID, r); err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	if c.Version != r.Version {
		return DecisionResult{}, fmt.Errorf("decide: %w", q.conflict(ctx, c.ID, moderation.ErrVersion))
	}
	if r.Reason, err = q.message(ctx, row, r); err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	to, err := c.Apply(r.Action)
	if err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	if err := q.checkAppeal(ctx, v, row); err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", err)
	}
	now := q.Now().UTC()
	d := moderation.Decision{
		ID:           q.NewID(),
		SiteID:       c.SiteID,
		CommentID:    c.ID,
		Version:      c.Version + 1,
		Action:       r.Action,
		From:         c.Status,
		To:           to,
		Actor:        moderation.ActorModerator,
		ModeratorID:  v.ModeratorID,
		SubmissionID: row.Submission.ID,
		Reason:       r.Reason,
		Note:         r.Note,
		ReasonCode:   r.Code,
		CreatedAt:    now,
		Force:        r.Force,
		ClaimsUntil:  now.Add(q.ClaimLength()),
	}
	if err := q.Store.RecordDecision(ctx, d); err != nil {
		return DecisionResult{}, fmt.Errorf("decide: %w", q.conflict(ctx, c.ID, err))
	}
	c.Version, c.Status, c.PublicReason, c.OpenReports = c.Version+1, to, d.PublicReasonAfter(c.PublicReason), 0
	return DecisionResult{c, d.ID}, nil
}

func (r *DecisionRequest) prepare() error {
	var faults moderation.Invalid
	if _, ok := r.Action.Target(); !ok {
		faults.Add("/action", "unknown", "The action is one of approve, hold, reject, spam, delete.")
	}
	switch {
	case r.Version == 0:
		faults.Add("/version", "required", "Name the version of the comment that the decision is about.")
	case r.Version < 0:
		faults.Add("/version", "out_of_range", "Must be a whole number from 1 on.")
	}
	r.Reason = moderation.CleanReason(&faults, "/reason", r.Reason)
	r.Note = moderation.CleanReason(&faults, "/note", r.Note)
	if left := moderation.UnfilledPlaceholders(r.Reason); len(left) > 0 {
		faults.Add("/reason", "unfilled", unfilledText(left))
	}
	return faults.Err()
}

// checkAppeal returns ErrAnotherModerator if the viewer would decide on an appeal against their own decision
// although another moderator works on the site.
func (q *Queue) checkAppeal(ctx context.Context, v moderation.Viewer, row Row) error {
	c := row.Comment
	if !row.Appealed || c.Status != moderation.StatusPending {
		return nil
	}
	appeals, err := q.Store.Appeals(ctx, []string{c.ID})
	if err != nil {
		return err
	}
	appeal, ok := appeals[c.ID]
	if !ok || !appeal.Open() || appeal.ModeratorID == "" || appeal.ModeratorID != v.ModeratorID {
		return nil
	}
	others, err := q.Store.OtherModerators(ctx, c.SiteID, v.ModeratorID)
	if err == nil && others {
		err = moderation.ErrAnotherModerator
	}
	return err
}

// checkCode returns *Invalid unless the reason code is one of the site's and the action is not an approval.
func (q *Queue) checkCode(ctx context.Context, siteID string, r DecisionRequest) error {
	if r.Code == "" {
		return nil
	}
	var faults moderation.Invalid
	if r.Action == moderation.ActionApprove {
		faults.Add("/reason_code", "unexpected", "An approval has no reason code.")
		return faults.Err()
	}
	site, err := q.Store.Site(ctx, siteID)
	if err != nil {
		return err
	}
	known := func(reason moderation.Reason) bool { return reason.Code == r.Code }
	if !slices.ContainsFunc(site.Settings.ReasonList(), known) {
		faults.Add("/reason_code", "unknown", "Must be one of the site's reason codes.")
	}
	return faults.Err()
}
