package moderation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"rejoinder/moderation/classify"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
)

const (
	// maxClassifiers is the maximum number of models in memory, at half a megabyte each.
	maxClassifiers = 32
	// classifierMaxAge is how long a model is used before storage is checked for a newer one.
	classifierMaxAge = time.Minute
)

// StoredClassifier is a site's trained classifier and its position in the log of decisions.
type StoredClassifier struct {
	SiteID    string
	Version   int    // 1, 2, 3 … per site
	Model     []byte // encoded by classify.Model
	Learned   LessonKey
	UpdatedAt time.Time
}

// LessonKey is a position in the log of decisions. Everything up to it has been learned.
type LessonKey struct {
	At         time.Time
	DecisionID string
}

// TextScorer scores how similar a text is to what a site's moderators call spam.
type TextScorer interface {
	// Score never fails; the score is unknown if it cannot be computed.
	Score(ctx context.Context, siteID string, r *text.Reading) rules.SpamScore
}

// ClassifierStore is the storage of Classifiers.
type ClassifierStore interface {
	// NewerClassifier returns a site's classifier if its version is greater than the given one, else
	// ErrNotFound.
	NewerClassifier(ctx context.Context, siteID string, than int) (StoredClassifier, error)
}

// Classifiers scores texts with each site's model. It loads models on first use.
type Classifiers struct {
	store   ClassifierStore
	now     func() time.Time
	log     *slog.Logger
	models  *lru.Cache[string, loadedModel]
	flights singleflight.Group
}

type loadedModel struct {
	model    *classify.Model // nil if the site has no usable model
	version  int
	loadedAt time.Time
}

var _ TextScorer = (*Classifiers)(nil)

// NewClassifiers returns Classifiers that load models from store.
func NewClassifiers(store ClassifierStore, now func() time.Time, log *slog.Logger) *Classifiers {
	models, err := lru.New[string, loadedModel](maxClassifiers)
	if err != nil {
		panic("the size of the classifier cache is positive: " + err.Error())
	}
	return &Classifiers{store: store, now: now, log: log, models: models}
}

// Score implements TextScorer. If storage fails, it keeps using the loaded model for another
// classifierMaxAge.
func (c *Classifiers) Score(ctx context.Context, siteID string, r *text.Reading) rules.SpamScore {
	m := c.model(ctx, siteID)
	if m.model == nil {
		return rules.SpamScore{}
	}
	score, known := m.model.Score(r)
	if !known {
		return rules.SpamScore{}
	}
	s := rules.SpamScore{Known: true, Score: score.Spam, Model: m.version}
	for _, w := range score.Words {
		s.Words = append(s.Words, rules.Place{w.Start, w.End})
	}
	return s
}

func (c *Classifiers) model(ctx context.Context, siteID string) loadedModel {
	have, ok := c.models.Get(siteID)
	if ok && c.now().Sub(have.loadedAt) < classifierMaxAge {
		return have
	}
	value, _, _ := c.flights.Do(siteID, func() (any, error) {
		fresh, err := c.load(context.WithoutCancel(ctx), siteID, have)
		if err != nil {
			c.log.ErrorContext(ctx, "classifier cannot be loaded", "site", siteID, "err", err)
			fresh = have
		}
		fresh.loadedAt = c.now()
		c.models.Add(siteID, fresh)
		return fresh, nil
	})
	return value.(loadedModel)
}

func (c *Classifiers) load(ctx context.Context, siteID string, have loadedModel) (loadedModel, error) {
	stored, err := c.store.NewerClassifier(ctx, siteID, have.version)
	if errors.Is(err, ErrNotFound) {
		return have, nil
	}
	if err != nil {
		return have, err
	}
	model, err := classify.DecodeWeights(stored.Model)
	if err != nil {
		return have, fmt.Errorf("version %d: %w", stored.Version, err)
	}
	return loadedModel{model: model, version: stored.Version}, nil
}
