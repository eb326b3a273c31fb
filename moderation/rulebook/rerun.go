package rulebook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// rerunBatch is the number of pending comments per read, rerunSample the number of changes in a result.
const (
	rerunBatch  = 200
	rerunSample = 50
)

// RerunStore is the storage for re-runs.
type RerunStore interface {
	SiteBySlug(ctx context.Context, slug string) (moderation.Site, error)
	// PendingSubmissions returns pending comments. After and Until apply to the comments.
	PendingSubmissions(ctx context.Context, q moderation.HistoryQuery) ([]moderation.PendingSubmission, error)
	// RecordDecision stores a decision. Errors: ErrVersion if the comment changed concurrently.
	RecordDecision(ctx context.Context, d moderation.Decision) error
}

// Rerun judges pending comments again with a ruleset, using the facts of their arrival.
type Rerun struct {
	Store    RerunStore
	Rulebook *Rulebook
	Keys     *privacy.Keyring
	Now      func() time.Time
	NewID    func() string
}

// RerunResult is the result of a re-run or its preview.
type RerunResult struct {
	Preview  bool                      `json:"preview"`
	Version  int                       `json:"version"`
	Examined int                       `json:"examined"`  // pending comments without a moderator's decision
	ByPerson int                       `json:"by_person"` // skipped, because a moderator decided on them
	Actions  map[moderation.Action]int `json:"actions"`   // verdicts; hold: stays pending
	Changed  int                       `json:"changed"`   // decisions recorded; 0 in a preview
	Missed   int                       `json:"missed"`    // skipped, because they changed concurrently
	Sample   []RerunChange             `json:"sample"`    // the first comments no longer pending
}

// RerunChange is a comment that is no longer pending.
type RerunChange struct {
	CommentID string            `json:"comment_id"`
	Action    moderation.Action `json:"action"`
	Cause     string            `json:"cause"` // as in a verdict
}

// Preview returns what Run would do, under any version. Errors: ErrSiteUnknown, ErrNotFound.
func (r *Rerun) Preview(ctx context.Context, v moderation.Viewer, ref Ref) (RerunResult, error) {
	return r.rerun(ctx, v, ref, true)
}

// Run judges every pending comment that no moderator ever decided on, and records each verdict other than
// hold as a decision of the ruleset. When ctx ends, completed decisions remain; another run continues with
// the rest. Errors: ErrSiteUnknown, ErrNotFound, ErrNotActive.
func (r *Rerun) Run(ctx context.Context, v moderation.Viewer, ref Ref) (RerunResult, error) {
	return r.rerun(ctx, v, ref, false)
}

func (r *Rerun) rerun(ctx context.Context, v moderation.Viewer, ref Ref, preview bool) (RerunResult, error) {
	stored, err := r.Rulebook.Version(ctx, v, ref)
	if err != nil {
		return RerunResult{}, fmt.Errorf("re-run: %w", err)
	}
	if !preview && !stored.Active {
		return RerunResult{}, fmt.Errorf("re-run: %w", moderation.ErrNotActive)
	}
	compiled, err := r.Rulebook.Compiled(ctx, stored.ID)
	if err != nil {
		return RerunResult{}, fmt.Errorf("re-run: %w", err)
	}
	run := &rerunning{Rerun: r, ruleset: stored, compiled: compiled, result: RerunResult{
		Preview: preview,
		Version: stored.Version,
		Sample:  []RerunChange{},
		Actions: map[moderation.Action]int{
			moderation.ActionApprove: 0,
			moderation.ActionHold:    0,
			moderation.ActionReject:  0,
			moderation.ActionSpam:    0,
		},
	}}
	q := moderation.HistoryQuery{
		SiteID: stored.SiteID,
		Until:  r.Now().UTC(),
		Limit:  rerunBatch,
		Emails: compiled.AsksForEmails(),
	}
	for {
		batch, err := r.Store.PendingSubmissions(ctx, q)
		if err != nil {
			return run.result, fmt.Errorf("re-run: %w", err)
		}
		for _, w := range batch {
			if err := run.one(ctx, w); err != nil {
				return run.result, fmt.Errorf("re-run: %w", err)
			}
		}
		if len(batch) < q.Limit {
			return run.result, nil
		}
		q.After = batch[len(batch)-1].Position
	}
}

// rerunning is the state of a re-run in progress.
type rerunning struct {
	*Rerun
	ruleset  moderation.Ruleset
	compiled *rules.Ruleset
	result   RerunResult
}

func (r *rerunning) one(ctx context.Context, w moderation.PendingSubmission) error {
	if w.ByModerator {
		r.result.ByPerson++
		return nil
	}
	facts, err := w.Facts(r.Keys)
	if err != nil {
		return err
	}
	verdict := judgeAgain(ctx, r.compiled, w, facts)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	action := moderation.Action(verdict.Action)
	r.result.Examined++
	r.result.Actions[action]++
	if action == moderation.ActionHold {
		return nil
	}
	if !r.result.Preview {
		recorded, err := r.record(ctx, w, verdict)
		if err != nil || !recorded {
			return err
		}
	}
	if len(r.result.Sample) < rerunSample {
		r.result.Sample = append(r.result.Sample, RerunChange{w.CommentID, action, verdict.Cause})
	}
	return nil
}

// judgeAgain evaluates within the time limit of a submission. A comment once judged as spam and edited since is
// held instead of approved, as on arrival: a moderator must see it.
func judgeAgain(
	ctx context.Context, compiled *rules.Ruleset, w moderation.PendingSubmission, facts *rules.Facts,
) rules.Verdict {
	ctx, cancel := context.WithTimeout(ctx, moderation.JudgeTime)
	defer cancel()
	verdict := compiled.Evaluate(ctx, facts)
	if w.WasSpam && verdict.Action == rules.Approve {
		verdict.Action, verdict.Cause = rules.Hold, moderation.CauseEdited
	}
	return verdict
}

func (r *rerunning) record(ctx context.Context, w moderation.PendingSubmission, verdict rules.Verdict) (bool, error) {
	action := moderation.Action(verdict.Action)
	to, ok := action.Target()
	if !ok {
		return false, fmt.Errorf("verdict %q is no action of a ruleset", verdict.Action)
	}
	err := r.Store.RecordDecision(ctx, moderation.Decision{
		ID:           r.NewID(),
		SiteID:       r.ruleset.SiteID,
		CommentID:    w.CommentID,
		Version:      w.Version + 1,
		Action:       action,
		From:         moderation.StatusPending,
		To:           to,
		Actor:        moderation.ActorRuleset,
		RulesetID:    r.ruleset.ID,
		SubmissionID: w.SubmissionID,
		Reason:       moderation.AuthorReason(verdict),
		ReasonCode:   verdict.ReasonCode(),
		CreatedAt:    r.Now().UTC(),
		Note:         fmt.Sprintf("Re-run under version %d, because of %s.", r.ruleset.Version, verdict.Cause),
	})
	if errors.Is(err, moderation.ErrVersion) {
		r.result.Missed++
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.result.Changed++
	return true, nil
}
