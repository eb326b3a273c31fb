package db_test

import (
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestArticlesAreFoundByTitleURLKeyAndAlias(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s := b.Site("daily")
		for key, change := range map[string]func(*moderation.Article){
			"lamps":   func(a *moderation.Article) { a.Title = "Élan am Kai" },
			"100%":    func(a *moderation.Article) { a.URL = "https://daily.example/under_score" },
			"bang!":   func(a *moderation.Article) {},
			"another": func(a *moderation.Article) {},
		} {
			a := b.NewArticle(s, key)
			a.Title, a.URL = "", ""
			change(&a)
			ok(t, d.Articles.CreateArticle(t.Context(), a, nil))
		}
		lamps := must[moderation.Article](t)(d.Articles.Article(t.Context(), s.ID, "lamps"))
		ok(t, d.Articles.CreateAlias(t.Context(), s.ID, moderation.ArticleAlias{Key: "Old lamps", ArticleKey: "lamps", ArticleID: lamps.ID, CreatedAt: dbtest.Epoch}, nil))
		wantEqual(t, len(must[[]moderation.ArticleAlias](t)(d.Articles.ArticleAliases(t.Context(), lamps.ID, 9))), 1)
		for text, want := range map[string]string{"Élan": "lamps", "AM KAI": "lamps", "lamp": "lamps", "Old lamps": "lamps", "old lam": "",
			"%": "100%", "r_s": "100%", "e_s": "", "!": "bang!", "DAILY.example": "100%", "nothing": ""} {
			got := ""
			for _, a := range must[[]moderation.Article](t)(d.Articles.Articles(t.Context(), moderation.ArticleSelect{SiteID: s.ID, Text: text, Limit: 9})) {
				got += a.Key
			}
			if got != want {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
	})
}
