package moderation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"rejoinder/moderation/classify"
)

const (
	learnInterval = 5 * time.Minute
	// settled is how old a decision must be before it is learned: most of what is taken back is taken back by
	// then, and every transaction that began before has committed.
	settled = 10 * time.Minute
)

// Lesson is what people said of one submission: their newest word, and the one before it.
type Lesson struct {
	Key          LessonKey
	SubmissionID string
	Body         string // empty when the text was erased
	Before       Status // what a person decided on this text before; empty for nothing
	Status       Status // what a person decided now
}

// LessonSelect asks for decisions of moderators, oldest first. Deletions are none: they say nothing of a
// text.
type LessonSelect struct {
	SiteID string
	After  LessonKey
	Before time.Time
	Limit  int
}

// LearnerStore is the storage that learning needs.
type LearnerStore interface {
	ClassifierStore
	Sites(ctx context.Context) ([]Site, error)
	Lessons(ctx context.Context, sel LessonSelect) ([]Lesson, error)
	// SaveClassifier stores model and place together. ErrVersion unless the stored version is the one before.
	SaveClassifier(ctx context.Context, c StoredClassifier) error
}

// Learner teaches each site's classifier what its moderators decide: approved against spam. It never decides
// anything.
type Learner struct {
	Store LearnerStore
	Now   func() time.Time
	Log   *slog.Logger
}

// Run learns at once and then every five minutes, until ctx ends. A failed round is logged and tried again
// next time.
func (l *Learner) Run(ctx context.Context) {
	Every(ctx, learnInterval, l.Learn, func(err error) { l.Log.ErrorContext(ctx, "learning failed", "err", err) })
}

// Learn learns everything that is due now, of all sites. It goes on after a failure and returns all of them.
func (l *Learner) Learn(ctx context.Context) error {
	sites, err := l.Store.Sites(ctx)
	if err != nil {
		return fmt.Errorf("learn: %w", err)
	}
	var errs []error
	for _, site := range sites {
		if err := l.learnSite(ctx, site.ID); err != nil {
			errs = append(errs, fmt.Errorf("learn site %s: %w", site.Slug, err))
		}
	}
	return errors.Join(errs...)
}

// learnSite learns batch after batch. Another process that does the same is let go first: it stores the same
// model.
func (l *Learner) learnSite(ctx context.Context, siteID string) error {
	stored, model, err := l.begin(ctx, siteID)
	for err == nil {
		var lessons []Lesson
		lessons, err = l.Store.Lessons(ctx, LessonSelect{
			SiteID: siteID, After: stored.Learned, Before: l.Now().UTC().Add(-settled), Limit: classify.MaxBatch,
		})
		if err != nil || len(lessons) == 0 {
			return err
		}
		batch := examples(lessons)
		model.Learn(batch)
		stored.Version++
		stored.Model, stored.Learned, stored.UpdatedAt = model.Encode(), lessons[len(lessons)-1].Key, l.Now().UTC()
		if err = l.Store.SaveClassifier(ctx, stored); errors.Is(err, ErrVersion) {
			return nil
		}
		if err == nil {
			l.Log.InfoContext(ctx, "learned from decisions", "site", siteID, "texts", len(batch), "version", stored.Version,
				"approved", model.Count(classify.Approved), "spam", model.Count(classify.Spam))
		}
	}
	return err
}

// begin returns what is learned already. A model in a format that is not ours any more is learned again from
// the beginning.
func (l *Learner) begin(ctx context.Context, siteID string) (StoredClassifier, *classify.Model, error) {
	stored, err := l.Store.NewerClassifier(ctx, siteID, 0)
	if errors.Is(err, ErrNotFound) {
		return StoredClassifier{SiteID: siteID}, classify.New(), nil
	}
	if err != nil {
		return stored, nil, err
	}
	model, err := classify.Decode(stored.Model)
	if err != nil {
		l.Log.WarnContext(ctx, "learning again from the beginning", "site", siteID, "err", err)
		return StoredClassifier{SiteID: siteID, Version: stored.Version}, classify.New(), nil
	}
	return stored, model, nil
}

// examples makes of each submission's lessons one example: from what was learned before the first of them to
// what the last says.
func examples(lessons []Lesson) []classify.Example {
	var batch []classify.Example
	at := map[string]int{}
	for _, l := range lessons {
		if l.Body == "" {
			continue
		}
		i, seen := at[l.SubmissionID]
		if !seen {
			i = len(batch)
			at[l.SubmissionID] = i
			batch = append(batch, classify.Example{Body: l.Body, Before: label(l.Before)})
		}
		batch[i].Label = label(l.Status)
	}
	return batch
}

// label is what a status says of a text. A rejected one may be rude, or off topic: it is neither.
func label(s Status) classify.Label {
	switch s {
	case StatusApproved:
		return classify.Approved
	case StatusSpam:
		return classify.Spam
	}
	return classify.Unlabelled
}
