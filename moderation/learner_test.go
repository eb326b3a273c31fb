package moderation_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/classify"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
)

// learnerFixture is a site with its learner, its scorer and its own clock.
type learnerFixture struct {
	t       *testing.T
	db      *db.DB
	builder *dbtest.Builder
	site    moderation.Site
	article moderation.Article
	learner *moderation.Learner
	log     strings.Builder
	clock   time.Time
}

func newLearnerFixture(t *testing.T) *learnerFixture {
	t.Helper()
	d := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	s := &learnerFixture{t: t, db: d, builder: dbtest.Build(t, d)}
	s.site = s.builder.Site("daily")
	s.article = s.builder.Article(s.site, "one")
	log := slog.New(slog.NewTextHandler(&s.log, nil))
	s.learner = &moderation.Learner{Store: d.ForLearner(), Now: func() time.Time { return s.clock }, Log: log}
	return s
}

// decide makes a moderator decide on a comment.
func (s *learnerFixture) decide(c moderation.Comment, action moderation.Action) moderation.Comment {
	s.t.Helper()
	decision := s.builder.NewDecision(c, action)
	_, text, err := s.db.Comments.CommentText(s.t.Context(), c.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	decision.SubmissionID = text.ID
	if err := s.db.Decisions.RecordDecision(s.t.Context(), decision); err != nil {
		s.t.Fatal(err)
	}
	c.Version, c.Status = decision.Version, decision.To
	return c
}

func (s *learnerFixture) comment(body string) moderation.Comment {
	s.t.Helper()
	return s.builder.Comment(s.article, dbtest.Draft{Status: moderation.StatusPending, Body: body, Email: body})
}

// decideOn has moderators decide on n texts of each kind.
func (s *learnerFixture) decideOn(from, n int) {
	s.t.Helper()
	for i := from; i < from+n; i++ {
		s.decide(s.comment(fmt.Sprintf("Cheap pills and casino bonus %d, visit my profile!", i)), moderation.ActionSpam)
		s.decide(s.comment(fmt.Sprintf("I disagree with paragraph %d of this article.", i)), moderation.ActionApprove)
	}
}

func (s *learnerFixture) learn() {
	s.t.Helper()
	s.clock = s.builder.Now().Add(time.Hour)
	if err := s.learner.Learn(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// score uses a scorer with an empty cache, as after a restart.
func (s *learnerFixture) score(body string) rules.SpamScore {
	return moderation.NewClassifiers(s.db.Classifiers, func() time.Time { return s.clock }, s.learner.Log).Score(s.t.Context(), s.site.ID, text.Read(body))
}

func TestTheClassifierIsOffUntilItHasSeenEnoughAndSurvivesRestarts(t *testing.T) {
	s := newLearnerFixture(t)
	const offer, opinion = "A casino bonus for you: pills!", "I disagree with the article."
	s.learn()
	if got := s.score(offer); got.Known || got.Model != 0 {
		t.Errorf("before any decision: %+v", got)
	}
	s.decideOn(0, classify.Enough-1)
	s.learn()
	if got := s.score(offer); got.Known || got.Score != 0 || got.Words != nil {
		t.Errorf("one decision too early: %+v", got)
	}
	s.decideOn(classify.Enough, 1)
	s.learn()
	got := s.score(offer)
	if !got.Known || got.Score < 0.5 || len(got.Words) == 0 || got.Model != 2 {
		t.Errorf("spam scores %+v", got)
	}
	if fair := s.score(opinion); !fair.Known || fair.Score > 0.5 {
		t.Errorf("an opinion scores %+v", fair)
	}
	if other := moderation.NewClassifiers(s.db.Classifiers, s.learner.Now, s.learner.Log).Score(t.Context(), "elsewhere", text.Read(offer)); other.Known {
		t.Errorf("another site knows %+v", other)
	}
	if strings.Contains(s.log.String(), "casino") {
		t.Error("the log holds a text")
	}
}

func TestDecisionsAreLearnedOnceAndOnlyWhenTheyHaveSettled(t *testing.T) {
	s := newLearnerFixture(t)
	s.decideOn(0, 3)
	s.clock = s.builder.Now().Add(9 * time.Minute)
	if err := s.learner.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Classifiers.NewerClassifier(t.Context(), s.site.ID, 0); err == nil {
		t.Error("something was learned before its time")
	}
	s.learn()
	s.learn()
	model, version := s.stored()
	if version != 1 || model.Count(classify.Spam) != 3 || model.Count(classify.Approved) != 3 {
		t.Errorf("version %d, %d spam, %d approved", version, model.Count(classify.Spam), model.Count(classify.Approved))
	}
}

func TestOverruledDecisionsAreCorrected(t *testing.T) {
	s := newLearnerFixture(t)
	s.decideOn(0, classify.Enough)
	disputed := s.decide(s.comment("The village choir sings on Sunday."), moderation.ActionSpam)
	takenBack := s.decide(s.comment("Tickets at the door."), moderation.ActionSpam)
	s.learn()
	before := s.score("The village choir sings on Sunday.")
	s.decide(disputed, moderation.ActionApprove)
	s.decide(takenBack, moderation.ActionHold)
	s.learn()
	after := s.score("The village choir sings on Sunday.")
	if after.Score >= before.Score {
		t.Errorf("called spam it scores %g, overruled %g", before.Score, after.Score)
	}
	model, _ := s.stored()
	if kept := len(model.Kept()); kept != 2*classify.Enough+1 {
		t.Errorf("%d texts are kept", kept)
	}
	if model.Count(classify.Spam) != classify.Enough || model.Count(classify.Approved) != classify.Enough+1 {
		t.Errorf("%d spam, %d approved", model.Count(classify.Spam), model.Count(classify.Approved))
	}
}

func TestErasedTextsAreForgottenWithinARound(t *testing.T) {
	s := newLearnerFixture(t)
	s.decideOn(0, classify.Enough)
	withdrawn := s.decide(s.comment("The village choir sings on Sunday."), moderation.ActionApprove)
	s.learn()
	model, version := s.stored()
	if !slices.Contains(model.Kept(), withdrawn.ID+"/1") {
		t.Fatal("the text is not kept")
	}
	if err := s.db.Comments.EraseComment(t.Context(), s.builder.NewDecision(withdrawn, moderation.ActionDelete)); err != nil {
		t.Fatal(err)
	}
	kept := len(model.Kept())
	s.learn()
	s.learn()
	after, newVersion := s.stored()
	if slices.Contains(after.Kept(), withdrawn.ID+"/1") || len(after.Kept()) != kept-1 {
		t.Errorf("%d texts are kept, before the erasure %d", len(after.Kept()), kept)
	}
	if newVersion != version+1 || after.Count(classify.Approved) != model.Count(classify.Approved) {
		t.Errorf("version %d follows %d", newVersion, version)
	}
}

// stored returns the stored model and its version.
func (s *learnerFixture) stored() (*classify.Model, int) {
	s.t.Helper()
	stored, err := s.db.Classifiers.NewerClassifier(s.t.Context(), s.site.ID, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	model, err := classify.Decode(stored.Model)
	if err != nil {
		s.t.Fatal(err)
	}
	return model, stored.Version
}

func TestAModelThatCannotBeReadIsLearnedAgain(t *testing.T) {
	s := newLearnerFixture(t)
	s.decideOn(0, classify.Enough)
	err := s.db.Classifiers.SaveClassifier(t.Context(), moderation.StoredClassifier{SiteID: s.site.ID, Version: 7, Model: []byte("damaged"),
		Learned: moderation.LessonKey{At: s.builder.Now().Add(time.Hour)}, UpdatedAt: s.builder.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.score("casino"); got.Known {
		t.Errorf("a damaged model says %+v", got)
	}
	s.learn()
	if got := s.score("casino"); !got.Known || got.Model != 8 {
		t.Errorf("learned again it says %+v", got)
	}
}

func TestAModelIsRefreshedOnceAMinuteAndKeptWhenStorageFails(t *testing.T) {
	s := newLearnerFixture(t)
	s.decideOn(0, classify.Enough)
	s.clock = dbtest.Epoch
	scorer := moderation.NewClassifiers(s.db.Classifiers, func() time.Time { return s.clock }, s.learner.Log)
	known := func(ctx context.Context) bool { return scorer.Score(ctx, s.site.ID, text.Read("casino")).Known }
	if known(t.Context()) {
		t.Error("known before anything was learned")
	}
	s.learn()
	s.clock = dbtest.Epoch.Add(59 * time.Second)
	if known(t.Context()) {
		t.Error("asked again before a minute was over")
	}
	s.clock = dbtest.Epoch.Add(time.Minute)
	if !known(t.Context()) {
		t.Error("not known a minute later")
	}
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	s.clock = dbtest.Epoch.Add(2 * time.Minute)
	if !known(t.Context()) || !strings.Contains(s.log.String(), "classifier cannot be loaded") {
		t.Errorf("without storage the score is unknown, or the failure was not logged: %s", s.log.String())
	}
}

func TestTheLearnerWorksEveryFiveMinutesUntilItIsStopped(t *testing.T) {
	s := newLearnerFixture(t)
	s.decideOn(0, 1)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s.learner.Now = func() time.Time { return s.builder.Now().Add(time.Since(began) + time.Second) }
		store := &countedStore{LearnerStore: s.db.ForLearner()}
		s.learner.Store = store
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.learner.Run(ctx); close(done) }()
		<-time.After(16 * time.Minute)
		synctest.Wait()
		if store.rounds != 4 || store.saved != 1 {
			t.Errorf("after a quarter of an hour there were %d rounds, %d saved", store.rounds, store.saved)
		}
		stop()
		<-done
	})
}

// countedStore counts the calls to the real storage.
type countedStore struct {
	moderation.LearnerStore
	rounds, saved int
}

func (c *countedStore) Sites(ctx context.Context) ([]moderation.Site, error) {
	c.rounds++
	return c.LearnerStore.Sites(context.WithoutCancel(ctx))
}

func (c *countedStore) SaveClassifier(ctx context.Context, s moderation.StoredClassifier) error {
	c.saved++
	return c.LearnerStore.SaveClassifier(ctx, s)
}
