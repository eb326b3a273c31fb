package external

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rejoinder/moderation"
	"rejoinder/moderation/rules"
)

// FollowStore is the storage for following moderators' decisions.
type FollowStore interface {
	// Followed returns up to which decision of a site a classifier was compared; zero for none.
	Followed(ctx context.Context, classifierID, siteID string) (moderation.Keyset, error)
	// DecidedSubmissions returns the decisions of moderators that are in force, in the order of taking them, on
	// texts that are still there.
	DecidedSubmissions(ctx context.Context, q moderation.HistoryQuery) ([]DecidedSubmission, error)
	// ForgetFailedCalls removes calls that were made before then and given up.
	ForgetFailedCalls(ctx context.Context, before time.Time) error
	// AddFollowed stores what follows from decisions and advances the cursor. Calls that exist are left alone.
	// Errors: moderation.ErrVersion unless the cursor is step.From.
	AddFollowed(ctx context.Context, step FollowStep) error
}

// DecidedSubmission is a moderator's decision on a text, with the facts of its arrival.
type DecidedSubmission struct {
	Position     moderation.Keyset
	CommentID    string
	SubmissionID string
	To           moderation.Status
	FrozenFacts  []byte
}

// FollowStep is a part of the log of decisions compared with a classifier.
type FollowStep struct {
	ClassifierID string
	SiteID       string
	From, To     moderation.Keyset
	Days         []Day // counts of agreement
	Calls        []moderation.ExternalCall
}

const (
	// followAfter is how old a decision is before it counts: until then it can be undone.
	followAfter = 11 * time.Minute
	followBatch = 200
	// failedCallsKept is how long an admin can have calls repeated that were given up.
	failedCallsKept = 30 * 24 * time.Hour
)

// Follow compares moderators' decisions with the answers of classifiers, counts how often they agree, and
// queues feedback.
func (w *Worker) Follow(ctx context.Context) error {
	lines := w.Asker.all()
	if len(lines) == 0 {
		return nil
	}
	if err := w.Store.ForgetFailedCalls(ctx, w.Now().UTC().Add(-failedCallsKept)); err != nil {
		return fmt.Errorf("forget failed calls: %w", err)
	}
	sites, err := w.Store.Sites(ctx)
	if err != nil {
		return fmt.Errorf("list sites: %w", err)
	}
	for _, l := range lines {
		for _, site := range sites {
			if !l.serves(site.ID) {
				continue
			}
			if err := w.follow(ctx, l, site.ID); err != nil && !errors.Is(err, moderation.ErrVersion) {
				return fmt.Errorf("follow decisions: %w", err)
			}
		}
	}
	return nil
}

// follow goes on to the present. ErrVersion if another node does the same.
func (w *Worker) follow(ctx context.Context, l *line, siteID string) error {
	from, err := w.Store.Followed(ctx, l.ID, siteID)
	if err != nil {
		return err
	}
	q := moderation.HistoryQuery{SiteID: siteID, After: from, Until: w.Now().UTC().Add(-followAfter), Limit: followBatch}
	if from.At.IsZero() {
		q.After.At = l.CreatedAt
	}
	for {
		decided, err := w.Store.DecidedSubmissions(ctx, q)
		if err != nil || len(decided) == 0 {
			return err
		}
		step := FollowStep{ClassifierID: l.ID, SiteID: siteID, From: from, To: decided[len(decided)-1].Position}
		for _, d := range decided {
			if err := w.compare(l, d, &step); err != nil {
				return err
			}
		}
		if err := w.Store.AddFollowed(ctx, step); err != nil {
			return err
		}
		from, q.After = step.To, step.To
	}
}

// compare adds what follows from one decision.
func (w *Worker) compare(l *line, d DecidedSubmission, step *FollowStep) error {
	var facts rules.Facts
	if err := json.Unmarshal(d.FrozenFacts, &facts); err != nil {
		return fmt.Errorf("submission %s: %w", d.SubmissionID, err)
	}
	said := facts.External[l.Name]
	answered := said != nil && said.Available
	refused := d.To == moderation.StatusSpam || d.To == moderation.StatusRejected
	if !refused && d.To != moderation.StatusApproved {
		return nil
	}
	agrees := answered && Answer{Score: said.Score}.Flagged() == refused
	if answered {
		day := Day{ClassifierID: l.ID, Day: dayOf(d.Position.At), Agreed: 1}
		if !agrees {
			day.Agreed, day.Disagreed = 0, 1
		}
		step.Days = append(step.Days, day)
	}
	if agrees || !l.Feedback || !l.Protocol.Teaches() || d.To == moderation.StatusRejected {
		return nil
	}
	kind := moderation.ExternalHam
	if d.To == moderation.StatusSpam {
		kind = moderation.ExternalSpam
	}
	now := w.Now().UTC()
	step.Calls = append(step.Calls, moderation.ExternalCall{ID: w.NewID(), ClassifierID: l.ID, SiteID: step.SiteID,
		CommentID: d.CommentID, SubmissionID: d.SubmissionID, Kind: kind, DueAt: now, CreatedAt: now})
	return nil
}
