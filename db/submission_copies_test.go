package db_test

import (
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

func TestNearDuplicatesAreFoundForADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site, other := b.Site("daily"), b.Site("weekly")
		article := b.Article(site, "one")
		like := func(words string) moderation.MinHash {
			sketch, _ := text.Read(words).Sketch()
			return moderation.MinHash{Bands: sketch.Bands(), Sketch: sketch.Bytes()}
		}
		offer := like("We sell the finest watches of all makers and send them anywhere, write to our office")
		store := func(a moderation.Article, like moderation.MinHash) moderation.Comment {
			n := b.NewComment(a, dbtest.Draft{})
			n.Submission.MinHash = like
			return must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
		}
		found := func(except string, now time.Time) []moderation.NearDuplicate {
			known := contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", ExceptComment: except, MinHash: offer, Now: now})
			return known.NearDuplicates
		}
		first := store(article, like("We sell the finest watches of all makers and send them anywhere, write to our office today"))
		store(article, like("What a calm and thoughtful article, I have sent it to my mother at once"))
		store(article, moderation.MinHash{Bands: offer.Bands, Sketch: like("Its bands are the same by accident, but hardly any word of it is among those above").Sketch})
		store(b.Article(other, "one"), offer)
		alike := moderation.NearDuplicate{ArticleID: article.ID, Cluster: first.ID}
		wantEqual(t, found("", b.Now()), []moderation.NearDuplicate{alike})
		wantEqual(t, found(first.ID, b.Now()), []moderation.NearDuplicate(nil))
		wantEqual(t, found("", b.Now().Add(25*time.Hour)), []moderation.NearDuplicate(nil))
		store(article, offer)
		wantEqual(t, len(found("", b.Now())), 2)
		ok(t, d.Comments.EraseComment(t.Context(), b.NewDecision(first, moderation.ActionDelete)))
		wantEqual(t, len(found("", b.Now())), 1)
		wantEqual(t, must[int64](t)(d.Janitor.ForgetSketches(t.Context(), b.Now().Add(time.Second))), int64(4))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM sketches`), 0)
	})
}

func TestTheSketchOfAnEditIsKeptForADayHoweverOldTheCommentIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		sketched := moderation.MinHash{Bands: [4]int64{1, 2, 3, 4}, Sketch: text.Sketch{}.Bytes()}
		n := b.NewComment(b.Article(b.Site("daily"), "one"), dbtest.Draft{})
		n.Submission.MinHash = sketched
		c := must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
		b.Advance(48 * time.Hour)
		edit := b.NewRevision(c, "new", moderation.StatusApproved)
		edit.Submission.MinHash = sketched
		ok(t, d.Submissions.ReviseComment(t.Context(), edit))
		wantEqual(t, must[int64](t)(d.Janitor.ForgetSketches(t.Context(), b.Now().Add(-25*time.Hour))), int64(1))
		wantEqual(t, queryInt(t, d, `SELECT MAX(revision) FROM sketches`), 2)
		wantEqual(t, must[int64](t)(d.Janitor.ForgetSketches(t.Context(), b.Now().Add(time.Second))), int64(1))
	})
}
