package db_test

import (
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
)

func TestAModeratorHasOneDraftPerSite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site, eve := b.Site("daily"), b.Moderator("eve@example.org", auth.RoleAdmin)
		_, err := d.Rulesets.WorkingDraft(t.Context(), site.ID, eve.ID)
		wantErr(t, err, moderation.ErrNotFound)
		draft := rulebook.WorkingDraft{SiteID: site.ID, ModeratorID: eve.ID, From: 1, Source: "rules: []", ChangedAt: b.Now()}
		ok(t, d.Rulesets.KeepDraft(t.Context(), draft))
		draft.Source, draft.From, draft.ChangedAt = "rules: [] # changed", 2, b.Now().Add(time.Minute)
		ok(t, d.Rulesets.KeepDraft(t.Context(), draft))
		wantEqual(t, must[rulebook.WorkingDraft](t)(d.Rulesets.WorkingDraft(t.Context(), site.ID, eve.ID)), draft)
		ok(t, d.Rulesets.DiscardDraft(t.Context(), site.ID, eve.ID))
		ok(t, d.Rulesets.DiscardDraft(t.Context(), site.ID, eve.ID))
		_, err = d.Rulesets.WorkingDraft(t.Context(), site.ID, eve.ID)
		wantErr(t, err, moderation.ErrNotFound)
	})
}

func TestTheLatestSubmissionsArePresentTextsOfCommenters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		b.Comment(article, dbtest.Draft{Status: moderation.StatusSpam})
		b.Comment(article, dbtest.Draft{Status: moderation.StatusApproved})
		edited := b.Comment(article, dbtest.Draft{Status: moderation.StatusApproved})
		ok(t, d.Submissions.ReviseComment(t.Context(), b.NewRevision(edited, "the present text", moderation.StatusApproved)))
		q := rulebook.LatestQuery{SiteID: site.ID, Status: moderation.StatusApproved, Limit: 10}
		latest := must[[]moderation.HistoricalSubmission](t)(d.History.LatestSubmissions(t.Context(), q))
		if len(latest) != 2 || latest[0].Body != "the present text" || len(latest[0].EmailSealed) != 0 {
			t.Errorf("%+v", latest)
		}
		q.Limit, q.Emails = 1, true
		if latest = must[[]moderation.HistoricalSubmission](t)(d.History.LatestSubmissions(t.Context(), q)); len(latest) != 1 ||
			len(latest[0].EmailSealed) == 0 {
			t.Errorf("%+v", latest)
		}
	})
}
