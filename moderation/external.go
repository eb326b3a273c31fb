package moderation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rejoinder/moderation/rules"
)

// ExternalScorer asks the classifiers outside of this program that a site uses.
type ExternalScorer interface {
	// Ask returns what the classifiers say, each within its time limit. It never fails: a classifier that does
	// not answer is missing.
	Ask(ctx context.Context, q ExternalQuery) ExternalAnswers
}

// ExternalQuery is a submission with everything that may be switched on to be sent.
type ExternalQuery struct {
	Site          Site
	Body          string // Markdown
	Language      string // of the text; empty if it is unknown
	AuthorName    string
	AuthorURL     string
	CommenterID   string
	AddressPrefix string // empty if it is unknown
	Edit          bool
}

// ExternalAnswers are the answers of a site's classifiers.
type ExternalAnswers struct {
	Facts   map[string]*rules.External // of those that answered, by name; nil if none did
	Awaited []AwaitedClassifier        // did not answer, and the submission waits for them
}

// AwaitedClassifier is a classifier for whose answer submissions are held.
type AwaitedClassifier struct {
	ID   string
	Name string
}

// ExternalCallKind is what a call to a classifier is for.
type ExternalCallKind string

// Kinds of calls.
const (
	ExternalJudge ExternalCallKind = "judge" // the comment is held until the answer comes
	ExternalSpam  ExternalCallKind = "spam"  // a moderator called it spam
	ExternalHam   ExternalCallKind = "ham"   // a moderator approved it
)

// ExternalCall is a call to a classifier that storage keeps until it is done.
type ExternalCall struct {
	ID           string
	ClassifierID string
	SiteID       string
	CommentID    string
	SubmissionID string
	Kind         ExternalCallKind
	Tries        int
	DueAt        time.Time
	Error        string // of the last try; empty for none
	CreatedAt    time.Time
}

// externalRetry is how long after a submission its classifiers are asked again.
const externalRetry = 2 * time.Second

// askExternal asks the site's classifiers about a submission.
func (in *Intake) askExternal(ctx context.Context, s Submission, q ExternalQuery) ExternalAnswers {
	if in.External == nil {
		return ExternalAnswers{}
	}
	q.Body, q.AuthorName, q.AuthorURL, q.Language = s.Body, s.AuthorName, s.AuthorURL, s.reading.Language()
	q.AddressPrefix = addressPrefix(s.Address)
	return in.External.Ask(ctx, q)
}

// CauseAwaited is the cause of a verdict on a submission that waits for the answer of a classifier.
const CauseAwaited = "classifier-awaited"

// hold returns the verdict until the awaited answers come. What is refused without them stays refused.
func (a ExternalAnswers) hold(v rules.Verdict) rules.Verdict {
	if len(a.Awaited) == 0 || v.Action != rules.Approve {
		return v
	}
	names := make([]string, len(a.Awaited))
	for i, c := range a.Awaited {
		names[i] = c.Name
	}
	waiting := held(CauseAwaited, fmt.Sprintf("No response came in time from %s. The comment is judged again when it comes.",
		strings.Join(names, ", ")))
	waiting.Score, waiting.Hits = v.Score, append(waiting.Hits, v.Hits...)
	return waiting
}

// calls returns the calls that are repeated for a held submission.
func (a ExternalAnswers) calls(n NewComment, newID func() string) []ExternalCall {
	if n.Comment.Status != StatusPending {
		return nil
	}
	var calls []ExternalCall
	for _, c := range a.Awaited {
		calls = append(calls, ExternalCall{ID: newID(), ClassifierID: c.ID, SiteID: n.Comment.SiteID,
			CommentID: n.Comment.ID, SubmissionID: n.Submission.ID, Kind: ExternalJudge,
			DueAt: n.Submission.CreatedAt.Add(externalRetry), CreatedAt: n.Submission.CreatedAt})
	}
	return calls
}

// LateAnswer is an answer to a submission that was held for it.
type LateAnswer struct {
	Call       ExternalCall
	Classifier string // its name
	Answer     rules.External
}
