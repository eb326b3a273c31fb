package db_test

import (
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// decideOn stores a moderator's decision on the present text of a comment.
func decideOn(t *testing.T, d *db.DB, b *dbtest.Builder, c moderation.Comment, action moderation.Action) moderation.Comment {
	t.Helper()
	decision := b.NewDecision(c, action)
	_, s := commentText(t, d, c.ID)
	decision.SubmissionID = s.ID
	ok(t, d.Decisions.RecordDecision(t.Context(), decision))
	c.Version, c.Status = decision.Version, decision.To
	return c
}

type lesson struct{ Body, Before, Status string }

func lessons(t *testing.T, d *db.DB, sel moderation.LessonSelect) ([]lesson, moderation.LessonKey) {
	t.Helper()
	found := must[[]moderation.Lesson](t)(d.Classifiers.Lessons(t.Context(), sel))
	all, last := []lesson{}, sel.After
	for _, l := range found {
		all, last = append(all, lesson{l.Body, string(l.Before), string(l.Status)}), l.Key
	}
	return all, last
}

func TestLessonsAreDecisionsOfModerators(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		decideOn(t, d, b, b.Comment(b.Article(b.Site("weekly"), "one"), dbtest.Draft{Body: "elsewhere"}), moderation.ActionSpam)
		b.Comment(article, dbtest.Draft{Body: "nobody looked"})
		offer := decideOn(t, d, b, b.Comment(article, dbtest.Draft{Body: "offer"}), moderation.ActionSpam)
		doubt := decideOn(t, d, b, b.Comment(article, dbtest.Draft{Body: "doubt"}), moderation.ActionSpam)
		doubt = decideOn(t, d, b, doubt, moderation.ActionApprove)
		offer = decideOn(t, d, b, offer, moderation.ActionDelete)
		edited := b.NewRevision(doubt, "another text", moderation.StatusPending)
		ok(t, d.Submissions.ReviseComment(t.Context(), edited))
		last := decideOn(t, d, b, edited.Comment, moderation.ActionReject)
		sel := moderation.LessonSelect{SiteID: site.ID, Before: b.Now().Add(time.Second), Limit: 2}
		first, key := lessons(t, d, sel)
		wantEqual(t, first, []lesson{{"offer", "", "spam"}, {"doubt", "", "spam"}})
		sel.After = key
		second, key := lessons(t, d, sel)
		wantEqual(t, second, []lesson{{"doubt", "spam", "approved"}, {"another text", "", "rejected"}})
		sel.After = key
		none, _ := lessons(t, d, sel)
		wantEqual(t, none, []lesson{})

		decideOn(t, d, b, offer, moderation.ActionApprove)
		decideOn(t, d, b, last, moderation.ActionApprove)
		young, _ := lessons(t, d, sel)
		wantEqual(t, young, []lesson{})
		sel.Before = b.Now().Add(time.Second)
		back, _ := lessons(t, d, sel)
		wantEqual(t, back, []lesson{{"offer", "spam", "approved"}, {"another text", "rejected", "approved"}})
	})
}

func TestErasedTextsAreThoseWithoutBodyAndThoseRemoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		ids := make([]string, 1_100)
		for i := range ids {
			ids[i] = b.NewID() + "/1"
		}
		kept := b.Comment(article, dbtest.Draft{Body: "kept"})
		ids[0] = kept.ID + "/1"
		gone := b.Comment(article, dbtest.Draft{Body: "gone"})
		ids[len(ids)-1] = gone.ID + "/1"
		removed := ids[1 : len(ids)-1]
		wantEqual(t, must[[]string](t)(d.Classifiers.ErasedTexts(t.Context(), ids)), removed)
		ok(t, d.Comments.EraseComment(t.Context(), b.NewDecision(gone, moderation.ActionDelete)))
		wantEqual(t, must[[]string](t)(d.Classifiers.ErasedTexts(t.Context(), ids)), ids[1:])
		wantEqual(t, must[[]string](t)(d.Classifiers.ErasedTexts(t.Context(), nil)), []string(nil))
	})
}

func TestAClassifierIsStoredWithItsCursorAndReplacesNoNewerOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		_, err := d.Classifiers.NewerClassifier(t.Context(), site.ID, 0)
		wantErr(t, err, moderation.ErrNotFound)
		c := moderation.StoredClassifier{SiteID: site.ID, Version: 1, Model: []byte{0, 1, 255}, UpdatedAt: b.Now(),
			Learned: moderation.LessonKey{At: b.Now(), DecisionID: b.NewID()}}
		ok(t, d.Classifiers.SaveClassifier(t.Context(), c))
		wantErr(t, d.Classifiers.SaveClassifier(t.Context(), c), moderation.ErrVersion)
		wantEqual(t, must[moderation.StoredClassifier](t)(d.Classifiers.NewerClassifier(t.Context(), site.ID, 0)), c)
		_, err = d.Classifiers.NewerClassifier(t.Context(), site.ID, 1)
		wantErr(t, err, moderation.ErrNotFound)
		c.Version, c.Model, c.Learned.DecisionID = 2, make([]byte, 1<<19), b.NewID()
		ok(t, d.Classifiers.SaveClassifier(t.Context(), c))
		wantEqual(t, must[moderation.StoredClassifier](t)(d.Classifiers.NewerClassifier(t.Context(), site.ID, 1)), c)
		c.SiteID, c.Version = "nowhere", 1
		wantErr(t, d.Classifiers.SaveClassifier(t.Context(), c), moderation.ErrNotFound)
	})
}
