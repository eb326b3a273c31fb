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
	// settled is how old a decision must be before it is learned. By then most undos have been made, and
	// every transaction that began before it has committed.
	settled = 10 * time.Minute
)

// Lesson is the newest and the previous decision of moderators on one submission.
type Lesson struct {
	Key       LessonKey
	TextID    string // of the submission: the comment's id and the revision, as in ID/1
	Body      string // empty if the text was erased
	Before    Status // previous moderator decision on this text; empty if none
	Status    Status // this decision
	CommentID string // of an imported decision
}

// LessonSelect selects moderators' decisions, oldest first, without deletions: those say nothing about the
// text.
type LessonSelect struct {
	SiteID string
	After  LessonKey
	Before time.Time
	Limit  int
}

// LearnerStore is the storage of Learner.
type LearnerStore interface {
	ClassifierStore
	Sites(ctx context.Context) ([]Site, error)
	Lessons(ctx context.Context, sel LessonSelect) ([]Lesson, error)
	// ImportToLearn returns the oldest completed import of a site that has decisions to learn; ErrNotFound.
	ImportToLearn(ctx context.Context, siteID string) (ImportLessons, error)
	// ImportedLessons returns decisions that came with an import, in the order of their comments. It skips comments
	// whose moderator's decision the classifier has learned already.
	ImportedLessons(ctx context.Context, from ImportLessons, learned LessonKey, limit int) ([]Lesson, error)
	// ErasedTexts returns those of the texts that were erased, or whose comment was removed.
	ErasedTexts(ctx context.Context, textIDs []string) ([]string, error)
	// SaveClassifier stores the model with its log position. ErrVersion unless the stored version is the one
	// before.
	SaveClassifier(ctx context.Context, c StoredClassifier) error
	// SaveImportLessons does the same, and stores up to which comment an import was learned; empty: all of it.
	SaveImportLessons(ctx context.Context, c StoredClassifier, i ImportLessons) error
	// ForgetImportLessons makes a site's imports due to be learned again.
	ForgetImportLessons(ctx context.Context, siteID string) error
}

// ImportLessons is an import whose decisions a classifier learns, and how far it got.
type ImportLessons struct {
	ImportID string
	After    string // the last comment that it learned from; empty: none yet
}

// Learner trains each site's classifier on its moderators' decisions, approved against spam, and on decisions that
// came with an import if that was requested. It makes no decisions.
type Learner struct {
	Store LearnerStore
	Now   func() time.Time
	Log   *slog.Logger
}

// Run learns immediately and then every five minutes until ctx ends. Failures are logged and retried in the
// next round.
func (l *Learner) Run(ctx context.Context) {
	Every(ctx, learnInterval, l.Learn, func(err error) { l.Log.ErrorContext(ctx, "learning failed", "err", err) })
}

// Learn learns everything that is due on all sites. It continues after failures and returns them joined.
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

// learnSite forgets erased texts, then learns in batches. If another process saved first, it stops: that
// process stores the same model.
func (l *Learner) learnSite(ctx context.Context, siteID string) error {
	stored, model, err := l.begin(ctx, siteID)
	if err == nil {
		err = l.forgetErased(ctx, &stored, model)
	}
	if err == nil {
		err = l.learnImports(ctx, &stored, model)
	}
	for err == nil {
		var lessons []Lesson
		lessons, err = l.Store.Lessons(ctx, LessonSelect{
			SiteID: siteID, After: stored.Learned, Before: l.Now().UTC().Add(-settled), Limit: classify.MaxBatch,
		})
		if err != nil || len(lessons) == 0 {
			break
		}
		batch := examples(lessons)
		model.Learn(batch)
		stored.Learned = lessons[len(lessons)-1].Key
		if err = l.save(ctx, &stored, model); err == nil {
			l.Log.InfoContext(ctx, "learned from decisions", "site", siteID, "texts", len(batch), "version", stored.Version,
				"approved", model.Count(classify.Approved), "spam", model.Count(classify.Spam))
		}
	}
	if errors.Is(err, ErrVersion) {
		return nil
	}
	return err
}

// learnImports learns from completed imports, in batches. A moderator's decision counts more than an imported one, so
// imports come first.
func (l *Learner) learnImports(ctx context.Context, stored *StoredClassifier, model *classify.Model) error {
	for {
		from, err := l.Store.ImportToLearn(ctx, stored.SiteID)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		lessons, err := l.Store.ImportedLessons(ctx, from, stored.Learned, classify.MaxBatch)
		if err != nil {
			return err
		}
		from.After = ""
		if len(lessons) > 0 {
			from.After = lessons[len(lessons)-1].CommentID
		}
		model.Learn(examples(lessons))
		stored.next(model, l.Now().UTC())
		if err := l.Store.SaveImportLessons(ctx, *stored, from); err != nil {
			return err
		}
		l.Log.InfoContext(ctx, "learned from an import", "site", stored.SiteID, "import", from.ImportID,
			"texts", len(lessons), "version", stored.Version)
	}
}

// next makes the model the next version.
func (c *StoredClassifier) next(model *classify.Model, now time.Time) {
	c.Version++
	c.Model, c.UpdatedAt = model.Encode(), now
}

// forgetErased removes what the model keeps of texts that were erased since the last round.
func (l *Learner) forgetErased(ctx context.Context, stored *StoredClassifier, model *classify.Model) error {
	erased, err := l.Store.ErasedTexts(ctx, model.Kept())
	if err != nil || len(erased) == 0 {
		return err
	}
	model.Forget(erased)
	if err := l.save(ctx, stored, model); err != nil {
		return err
	}
	l.Log.InfoContext(ctx, "forgot erased texts", "site", stored.SiteID, "texts", len(erased), "version", stored.Version)
	return nil
}

// save stores the model as the next version.
func (l *Learner) save(ctx context.Context, stored *StoredClassifier, model *classify.Model) error {
	stored.next(model, l.Now().UTC())
	return l.Store.SaveClassifier(ctx, *stored)
}

// begin returns the stored classifier and model. It starts over with a new model if the stored format is
// outdated.
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
		return StoredClassifier{SiteID: siteID, Version: stored.Version}, classify.New(),
			l.Store.ForgetImportLessons(ctx, siteID)
	}
	return stored, model, nil
}

// examples merges the lessons of each submission into one example: from the state learned before its first
// lesson to that of its last.
func examples(lessons []Lesson) []classify.Example {
	var batch []classify.Example
	at := map[string]int{}
	for _, l := range lessons {
		if l.Body == "" {
			continue
		}
		i, seen := at[l.TextID]
		if !seen {
			i = len(batch)
			at[l.TextID] = i
			batch = append(batch, classify.Example{ID: l.TextID, Body: l.Body, Before: label(l.Before)})
		}
		batch[i].Label = label(l.Status)
	}
	return batch
}

// label returns the label for a status. Rejected texts are neither: they may be rude or off topic.
func label(s Status) classify.Label {
	switch s {
	case StatusApproved:
		return classify.Approved
	case StatusSpam:
		return classify.Spam
	}
	return classify.Unlabelled
}
