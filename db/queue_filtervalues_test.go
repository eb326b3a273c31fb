package db_test

import (
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

func TestTheValuesOfFiltersAreThoseThatCommentsHave(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, b := t.Context(), dbtest.Build(t, d)
		site, other := b.Site("daily"), b.Site("weekly")
		article := b.Article(site, "one")
		hit := func(rule string) string { return `{"hits":[{"rule":"` + rule + `"}]}` }
		for _, draft := range []dbtest.Draft{
			{Status: moderation.StatusPending, Language: "de", Verdict: hit("links")},
			{Status: moderation.StatusPending, Language: "de", Verdict: hit("links")},
			{Status: moderation.StatusPending, Language: "", Verdict: hit("caps")},
			{Status: moderation.StatusApproved, Language: "fr", Verdict: hit("trusted")},
		} {
			b.Comment(article, draft)
		}
		b.Comment(b.Article(other, "one"), dbtest.Draft{Status: moderation.StatusPending, Language: "ja", Verdict: hit("links")})
		wantEqual(t, must[queue.FilterValues](t)(d.Queue.FilterValues(ctx, other.ID, moderation.StatusPending)),
			queue.FilterValues{Rules: []string{"links"}, Languages: []string{"ja"}})
		for status, want := range map[moderation.Status]queue.FilterValues{
			moderation.StatusPending:  {Rules: []string{"caps", "links"}, Languages: []string{"de"}},
			moderation.StatusApproved: {Languages: []string{"fr"}},
			moderation.StatusSpam:     {},
		} {
			wantEqual(t, must[queue.FilterValues](t)(d.Queue.FilterValues(ctx, site.ID, status)), want)
		}
	})
}
