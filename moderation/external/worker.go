package external

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/moderation"
)

// WorkerStore is the storage of Worker.
type WorkerStore interface {
	Site(ctx context.Context, id string) (moderation.Site, error)
	Sites(ctx context.Context) ([]moderation.Site, error)
	// CommentText returns a comment with the text of its current revision. Errors: moderation.ErrNotFound.
	CommentText(ctx context.Context, id string) (moderation.Comment, moderation.SubmissionRecord, error)
	// ClaimCalls returns calls that are due, with one more try, and makes them due again when the claim ends.
	ClaimCalls(ctx context.Context, c ClaimCalls) ([]moderation.ExternalCall, error)
	// PostponeCall sets when a call is tried again, its tries and its error.
	PostponeCall(ctx context.Context, c moderation.ExternalCall) error
	// GiveUpCall keeps a call with its error until an admin has it repeated.
	GiveUpCall(ctx context.Context, c moderation.ExternalCall) error
	// FinishCall removes a call.
	FinishCall(ctx context.Context, id string) error
	FollowStore
}

// ClaimCalls is a claim on calls that are due.
type ClaimCalls struct {
	At, Until time.Time
	Limit     int
}

// LateJudgement judges held comments again.
type LateJudgement interface {
	// JudgeLate judges the comment again with an answer that came late, and finishes the call. It does nothing
	// but that if nobody waits for the answer any more.
	JudgeLate(ctx context.Context, a moderation.LateAnswer) error
}

// Worker makes the calls that wait, and follows what moderators decide. All fields must be set.
type Worker struct {
	Store WorkerStore
	Asker *Asker
	Judge LateJudgement
	Now   func() time.Time
	NewID func() string
	Log   *slog.Logger
}

const (
	workEvery   = time.Second
	followEvery = time.Minute
	claimTime   = time.Minute
	callsAtOnce = 8
)

// Run works until ctx ends.
func (w *Worker) Run(ctx context.Context) {
	var running errgroup.Group
	running.Go(func() error {
		moderation.Every(ctx, workEvery, w.Work, func(err error) {
			w.Log.ErrorContext(ctx, "calls to outside classifiers cannot be made", "err", err)
		})
		return nil
	})
	moderation.Every(ctx, followEvery, w.Follow, func(err error) {
		w.Log.ErrorContext(ctx, "decisions cannot be compared with outside classifiers", "err", err)
	})
	_ = running.Wait() // it never fails
}

// Work makes the calls that are due.
func (w *Worker) Work(ctx context.Context) error {
	if len(w.Asker.all()) == 0 {
		return nil
	}
	for {
		now := w.Now().UTC()
		calls, err := w.Store.ClaimCalls(ctx, ClaimCalls{At: now, Until: now.Add(claimTime), Limit: callsAtOnce})
		if err != nil || len(calls) == 0 {
			return err
		}
		running, ctx := errgroup.WithContext(ctx)
		for _, call := range calls {
			running.Go(func() error { return w.do(ctx, call) })
		}
		if err := running.Wait(); err != nil {
			return err
		}
	}
}

// pauses precede the tries of a call after the first ones; the last is repeated.
var pauses = []time.Duration{
	5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour,
	6 * time.Hour,
}

// maxTries is how often a call is tried: for about three days.
const maxTries = 20

// do makes one call. Its error is one of storage; one of the classifier postpones the call.
func (w *Worker) do(ctx context.Context, call moderation.ExternalCall) error {
	d, wanted, err := w.document(ctx, call)
	if err != nil {
		return err
	}
	l := w.Asker.line(call.ClassifierID)
	if !wanted || l == nil {
		return w.Store.FinishCall(ctx, call.ID)
	}
	switch call.Kind {
	case moderation.ExternalJudge:
		answer, err := l.askPatiently(ctx, d)
		if err != nil {
			return w.postpone(ctx, call, err)
		}
		err = w.Judge.JudgeLate(ctx, moderation.LateAnswer{Call: call, Classifier: l.Name, Answer: *factOf(answer)})
		if errors.Is(err, moderation.ErrVersion) {
			return w.postpone(ctx, call, errors.New("the comment changed meanwhile"))
		}
		return err
	default:
		if err := l.teach(ctx, d, call.Kind == moderation.ExternalSpam); err != nil {
			return w.postpone(ctx, call, err)
		}
		return w.Store.FinishCall(ctx, call.ID)
	}
}

// document returns the document to send. wanted is false if the call is obsolete.
func (w *Worker) document(ctx context.Context, call moderation.ExternalCall) (d Document, wanted bool, err error) {
	l := w.Asker.line(call.ClassifierID)
	comment, record, err := w.Store.CommentText(ctx, call.CommentID)
	switch {
	case errors.Is(err, moderation.ErrNotFound):
		return Document{}, false, nil
	case err != nil:
		return Document{}, false, fmt.Errorf("read a call's comment: %w", err)
	case l == nil || record.ID != call.SubmissionID || record.Body == "":
		return Document{}, false, nil
	case call.Kind == moderation.ExternalJudge && comment.Status != moderation.StatusPending:
		return Document{}, false, nil
	}
	site, err := w.Store.Site(ctx, call.SiteID)
	if err != nil {
		return Document{}, false, fmt.Errorf("read a call's site: %w", err)
	}
	return w.Asker.document(l, moderation.ExternalQuery{
		Site: site, Body: record.Body, Language: record.Reading().Language(), AuthorName: record.AuthorName,
		AuthorURL: record.AuthorURL, CommenterID: record.CommenterID, AddressPrefix: record.AddressPrefix,
		Edit: record.Revision > 1,
	}), true, nil
}

// postpone schedules the next try, or gives up. Calls that were not sent cost no try.
func (w *Worker) postpone(ctx context.Context, call moderation.ExternalCall, why error) error {
	if ctx.Err() != nil {
		return nil // the claim ends by itself
	}
	call.Error = reasonOf(why)
	if errors.Is(why, errPaused) || errors.Is(why, errBudget) || errors.Is(why, errFull) {
		call.Tries--
		call.DueAt = w.Now().UTC().Add(time.Minute)
		return w.Store.PostponeCall(ctx, call)
	}
	if call.Tries >= maxTries {
		w.Log.ErrorContext(ctx, "a call to an outside classifier was given up", "call", call.ID, "kind", string(call.Kind),
			"reason", call.Error)
		return w.Store.GiveUpCall(ctx, call)
	}
	call.DueAt = w.Now().UTC().Add(pauses[min(max(call.Tries, 1), len(pauses))-1])
	return w.Store.PostponeCall(ctx, call)
}
