package db_test

import (
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/schedule"
)

func TestASiteRoundTrips(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		daily, weekly := b.Site("weekly"), b.Site("daily")
		wantEqual(t, must[moderation.Site](t)(d.Sites.SiteBySlug(t.Context(), "weekly")), daily)
		wantEqual(t, must[moderation.Site](t)(d.Sites.Site(t.Context(), daily.ID)), daily)
		wantEqual(t, must[[]moderation.Site](t)(d.Sites.Sites(t.Context())), []moderation.Site{weekly, daily})
		_, err := d.Sites.SiteBySlug(t.Context(), "monthly")
		wantErr(t, err, moderation.ErrSiteUnknown)
		_, err = d.Sites.Site(t.Context(), b.NewID())
		wantErr(t, err, moderation.ErrNotFound)
	})
}

func TestSlugsAreUnique(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s := b.Site("daily")
		s.ID = b.NewID()
		r := moderation.Ruleset{ID: b.NewID(), SiteID: s.ID, Version: 1, CreatedAt: b.Now()}
		wantErr(t, d.Sites.CreateSite(t.Context(), s, r, nil), moderation.ErrExists)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM rulesets`), 1)
	})
}

func TestAChangedSiteIsStoredWithItsAuditEntry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s, m := b.Site("daily"), b.Moderator("mo@example.org", auth.RoleAdmin)
		s.Name, s.Locale, s.Origins = "Neu", "de", nil
		s.Settings = moderation.SiteSettings{CloseAfterDays: 1, EditWindowMinutes: 2, MaxDepth: 3}
		entry := &moderation.AuditEntry{ID: b.NewID(), ModeratorID: m.ID, Action: moderation.AuditChangeSite, SiteID: s.ID,
			SubjectID: s.ID, CreatedAt: b.Now()}
		ok(t, d.Sites.UpdateSite(t.Context(), s, entry))
		got := must[moderation.Site](t)(d.Sites.Site(t.Context(), s.ID))
		before := s
		s.Origins, s.Version = []string{}, 2
		wantEqual(t, got, s)
		wantErr(t, d.Sites.UpdateSite(t.Context(), before, nil), moderation.ErrVersion)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM audit_entries WHERE subject_id = $1`, s.ID), 1)
		s.ID = b.NewID()
		wantErr(t, d.Sites.UpdateSite(t.Context(), s, nil), moderation.ErrVersion)
	})
}

func TestAWriteWhoseAuditEntryFailsIsUndone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s := b.Site("daily")
		entry := &moderation.AuditEntry{ID: b.NewID(), ModeratorID: "nobody", SiteID: s.ID, CreatedAt: b.Now()}
		changed := s
		changed.Name = "Changed"
		wantErr(t, d.Sites.UpdateSite(t.Context(), changed, entry), moderation.ErrNotFound)
		wantErr(t, d.Audit.Audit(t.Context(), *entry), moderation.ErrNotFound)
		wantEqual(t, must[moderation.Site](t)(d.Sites.Site(t.Context(), s.ID)), s)
	})
}

func TestAnArticleRoundTrips(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s := b.Site("daily")
		a, days := b.NewArticle(s, "a key with ünïcode 👍 and 'quotes'"), 0
		a.Tags = []string{"sport", "öl, \"and\" gas"}
		a.Closed, a.CloseAfterDays, a.PublishedAt = true, &days, dbtest.Epoch.AddDate(-3, 0, 0)
		ok(t, d.Articles.CreateArticle(t.Context(), a, nil))
		wantEqual(t, must[moderation.Article](t)(d.Articles.Article(t.Context(), s.ID, a.Key)), a)
		wantEqual(t, must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), a.ID)), a)
		again := b.NewArticle(s, a.Key)
		wantErr(t, d.Articles.CreateArticle(t.Context(), again, nil), moderation.ErrExists)
		_, err := d.Articles.Article(t.Context(), s.ID, "another")
		wantErr(t, err, moderation.ErrNotFound)
		_, err = d.Articles.ArticleByID(t.Context(), again.ID)
		wantErr(t, err, moderation.ErrNotFound)
	})
}

func TestAChangedArticleGetsANewVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		a := b.Article(b.Site("daily"), "one")
		b.Comment(a, dbtest.Draft{})
		before := must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), a.ID))
		changed := a // with a count and a version out of date
		wantErr(t, d.Articles.UpdateArticle(t.Context(), changed, nil), moderation.ErrVersion)
		changed.Version = before.Version
		days := 7
		changed.Title, changed.URL, changed.Closed, changed.CloseAfterDays = "T", "", true, &days
		changed.Schedule.Hours, changed.Schedule.Outside = schedule.Hours{"mon": {{From: "08:00", To: "12:00"}, {From: "14:00", To: "22:00"}}}, "closed"
		changed.Tags = []string{"news"}
		changed.PublishedAt = dbtest.Epoch.Add(-time.Hour)
		ok(t, d.Articles.UpdateArticle(t.Context(), changed, nil))
		changed.ApprovedCount, changed.Version = 1, before.Version+1
		wantEqual(t, must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), a.ID)), changed)
		changed.ID = b.NewID()
		wantErr(t, d.Articles.UpdateArticle(t.Context(), changed, nil), moderation.ErrVersion)
	})
}

func TestArticlesArePagedNewestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s := b.Site("daily")
		b.Article(b.Site("weekly"), "of another site")
		var want, got []string
		for _, key := range []string{"1", "2", "3", "4", "5"} {
			a := b.NewArticle(s, key)
			a.CreatedAt = dbtest.Epoch.Add(time.Duration(len(want)/2) * time.Second) // pairs at the same moment
			ok(t, d.Articles.CreateArticle(t.Context(), a, nil))
			want = append([]string{key}, want...)
		}
		var after *moderation.ThreadKey
		for {
			page := must[[]moderation.Article](t)(d.Articles.Articles(t.Context(), moderation.ArticleSelect{SiteID: s.ID, After: after, Limit: 2}))
			if len(page) == 0 {
				break
			}
			for _, a := range page {
				got = append(got, a.Key)
				after = &moderation.ThreadKey{CreatedAt: a.CreatedAt, ID: a.ID}
			}
		}
		wantEqual(t, got, want)
	})
}

func TestCountsKnowRegisteredArticlesOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		s := b.Site("daily")
		one := b.Article(s, "one")
		b.Article(s, "none")
		b.Comment(one, dbtest.Draft{})
		b.Comment(one, dbtest.Draft{Status: moderation.StatusPending})
		counts := must[map[string]int](t)(d.Articles.Counts(t.Context(), s.ID, []string{"one", "none", "unknown"}))
		wantEqual(t, counts, map[string]int{"one": 1, "none": 0})
		wantEqual(t, must[map[string]int](t)(d.Articles.Counts(t.Context(), s.ID, nil)), map[string]int{})
	})
}
