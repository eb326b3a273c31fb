package rulebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/privacy"
)

// LateJudgeStore is the storage of LateJudge.
type LateJudgeStore interface {
	Site(ctx context.Context, id string) (moderation.Site, error)
	// PendingSubmission returns a comment that is pending, as PendingSubmissions does. Errors: ErrNotFound.
	PendingSubmission(ctx context.Context, commentID string, emails bool) (moderation.PendingSubmission, error)
	// FinishCall removes a call to a classifier.
	FinishCall(ctx context.Context, id string) error
	// RecordLateVerdict removes the call and stores the facts with the answer. If the comment waits for no other
	// classifier, it stores the verdict and the decision, too. Errors: ErrVersion if comment or facts changed
	// concurrently.
	RecordLateVerdict(ctx context.Context, v LateVerdict) error
}

// LateVerdict is the verdict on a held comment with an answer for which it waited.
type LateVerdict struct {
	Call        moderation.ExternalCall
	FactsBefore []byte // as stored
	Facts       []byte
	Verdict     []byte
	Score       float64
	Decision    moderation.Decision // of the action hold if the comment stays pending
}

// LateJudge judges comments again that were held until a classifier outside of this program answers.
type LateJudge struct {
	Store    LateJudgeStore
	Rulebook *Rulebook
	Keys     *privacy.Keyring
	Now      func() time.Time
	NewID    func() string
}

// JudgeLate judges the comment with the answer, under the ruleset that is active now. The answer becomes one
// of the facts of its arrival. A comment that was decided on or edited meanwhile is left alone. Errors:
// ErrVersion.
func (j *LateJudge) JudgeLate(ctx context.Context, a moderation.LateAnswer) error {
	site, err := j.Store.Site(ctx, a.Call.SiteID)
	if err != nil {
		return fmt.Errorf("judge late: %w", err)
	}
	compiled, err := j.Rulebook.Compiled(ctx, site.ActiveRulesetID)
	if err != nil {
		return fmt.Errorf("judge late: %w", err)
	}
	pending, err := j.Store.PendingSubmission(ctx, a.Call.CommentID, compiled.AsksForEmails())
	gone := errors.Is(err, moderation.ErrNotFound)
	if err != nil && !gone {
		return fmt.Errorf("judge late: %w", err)
	}
	if gone || pending.SubmissionID != a.Call.SubmissionID || pending.ByModerator {
		return j.Store.FinishCall(ctx, a.Call.ID)
	}
	v, err := j.judge(ctx, compiled, pending, a)
	if err != nil {
		return fmt.Errorf("judge late: %w", err)
	}
	v.Decision.RulesetID = site.ActiveRulesetID
	if err := j.Store.RecordLateVerdict(ctx, v); err != nil {
		return fmt.Errorf("judge late: %w", err)
	}
	return nil
}

func (j *LateJudge) judge(
	ctx context.Context, compiled *rules.Ruleset, p moderation.PendingSubmission, a moderation.LateAnswer,
) (LateVerdict, error) {
	facts, err := p.Facts(j.Keys)
	if err != nil {
		return LateVerdict{}, err
	}
	if facts.External == nil {
		facts.External = map[string]*rules.External{}
	}
	facts.External[a.Classifier] = &a.Answer
	verdict := judgeAgain(ctx, compiled, p, facts)
	if ctx.Err() != nil {
		return LateVerdict{}, ctx.Err()
	}
	action := moderation.Action(verdict.Action)
	to, ok := action.Target()
	if !ok {
		return LateVerdict{}, fmt.Errorf("verdict %q is not an action that a ruleset can take", verdict.Action)
	}
	v := LateVerdict{Call: a.Call, FactsBefore: p.FrozenFacts, Score: verdict.Score, Decision: moderation.Decision{
		ID: j.NewID(), SiteID: a.Call.SiteID, CommentID: p.CommentID, Version: p.Version + 1, Action: action,
		From: moderation.StatusPending, To: to, Actor: moderation.ActorRuleset, SubmissionID: p.SubmissionID,
		Reason: moderation.AuthorReason(verdict), ReasonCode: verdict.ReasonCode(), CreatedAt: j.Now().UTC(),
		Note: fmt.Sprintf("Judged again when %s responded, because of %s.", a.Classifier, verdict.Cause),
	}}
	if v.Facts, err = json.Marshal(facts); err != nil {
		return LateVerdict{}, fmt.Errorf("freeze facts: %w", err)
	}
	if v.Verdict, err = json.Marshal(verdict); err != nil {
		return LateVerdict{}, fmt.Errorf("keep verdict: %w", err)
	}
	return v, nil
}
