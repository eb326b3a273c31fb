package db_test

import (
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestSubmissionsThatShareABandAreFoundForADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site, other := b.Site("daily"), b.Site("weekly")
		article := b.Article(site, "one")
		store := func(a moderation.Article, bands [4]int64) moderation.Comment {
			n := b.NewComment(a, dbtest.Draft{})
			n.Submission.Likeness = moderation.Likeness{Bands: bands, Sketch: []byte("sketch")}
			return must[moderation.Comment](t)(d.CreateComment(t.Context(), n))
		}
		found := func(except string, now time.Time) []moderation.Alike {
			known := background(t, d, moderation.BackgroundQuery{SiteID: site.ID, ArticleKey: "one", ExceptComment: except,
				Likeness: moderation.Likeness{Bands: [4]int64{1, -2, 3, 4}, Sketch: []byte("own")}, Now: now})
			return known.Alike
		}
		first := store(article, [4]int64{1, -2, 9, 9})
		alike := moderation.Alike{ArticleID: article.ID, Sketch: []byte("sketch"), Cluster: first.ID}
		store(article, [4]int64{4, 3, -2, 1})
		store(b.Article(other, "one"), [4]int64{1, -2, 3, 4})
		same(t, found("", b.Now()), []moderation.Alike{alike})
		same(t, found(first.ID, b.Now()), []moderation.Alike(nil))
		same(t, found("", b.Now().Add(25*time.Hour)), []moderation.Alike(nil))
		store(article, [4]int64{7, 7, 7, 4})
		same(t, len(found("", b.Now())), 2)
		ok(t, d.EraseComment(t.Context(), b.NewDecision(first, moderation.ActionDelete)))
		same(t, len(found("", b.Now())), 1)
		same(t, must[int64](t)(d.ForgetSketches(t.Context(), b.Now())), int64(3))
		same(t, number(t, d, `SELECT COUNT(*) FROM sketches`), 0)
	})
}
