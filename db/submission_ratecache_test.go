package db_test

import (
	"testing"
	"time"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestArticleRatesAreCachedForASecondAndIncremented(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Migrated(t, address)
		other := dbtest.Open(t, address)
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		comment := b.Comment(article, dbtest.Draft{})
		asked := b.Now().Add(time.Minute - time.Second)
		sent := func(now time.Time, want int) {
			t.Helper()
			known := contextOf(t, d, moderation.SubmissionContextQuery{SiteID: article.SiteID, ArticleKey: "one", Now: now})
			wantEqual(t, known.Velocity.Article.Minute, want)
		}
		sent(asked, 1)
		b.Comment(article, dbtest.Draft{})
		sent(asked, 2)
		ok(t, d.Submissions.ReviseComment(t.Context(), b.NewRevision(comment, "edited", moderation.StatusApproved)))
		sent(asked, 3)
		must[moderation.Comment](t)(other.Submissions.CreateComment(t.Context(), b.NewComment(article, dbtest.Draft{})))
		sent(asked.Add(time.Second-1), 3)
		sent(asked.Add(-1), 4)
		sent(asked, 4)
		sent(asked.Add(time.Second), 3) // the first is a minute old
	})
}
