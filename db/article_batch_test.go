package db_test

import (
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/schedule"
)

func TestABatchOfArticlesIsReadAsItWasStored(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		closes := b.Now().AddDate(0, 1, 0)
		full := moderation.Article{ID: b.NewID(), SiteID: site.ID, Key: "full", Title: `A "title" <b> & \u0041`,
			URL: "https://daily.example/full?a=1&b=ä", Tags: []string{"politics", `"quoted"`, "été"},
			Schedule: schedule.Schedule{Outside: rules.ModeClosed, ClosesAt: &closes},
			Mode:     rules.ModeClosed, Registered: true, PublishedAt: b.Now(), CreatedAt: b.Now(), Version: 1}
		empty := moderation.Article{ID: b.NewID(), SiteID: site.ID, Key: "empty", PublishedAt: b.Now(), CreatedAt: b.Now(),
			Version: 1}
		ok(t, d.Articles.PutArticles(t.Context(), moderation.ArticleBatch{SiteID: site.ID, Keys: []string{"full", "empty"},
			Plan: func(map[string]moderation.Article) ([]moderation.ArticleWrite, *moderation.AuditEntry) {
				return []moderation.ArticleWrite{{New: true, Article: full}, {New: true, Article: empty}}, nil
			}}))
		for _, a := range []moderation.Article{full, empty} {
			wantEqual(t, must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), a.ID)), a)
		}
	})
}
