package db_test

import (
	"testing"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// TestAPageOfTheQueueTakesTheSameStatementsAtAnyLength lists a few comments and many, all claimed and
// either reported or appealed, so that each needs further data.
func TestAPageOfTheQueueTakesTheSameStatementsAtAnyLength(t *testing.T) {
	address := dbtest.SQLiteURL(t)
	dbtest.Migrated(t, address)
	d, recorder := db.OpenRecording(t, address)
	b := dbtest.Build(t, d)
	article := b.Article(b.Site("daily"), "one")
	const comments = 30
	for range comments / 2 {
		c := b.Comment(article, dbtest.Draft{Status: moderation.StatusRejected})
		hold := b.NewDecision(c, moderation.ActionHold)
		ok(t, d.Appeals.CreateAppeal(t.Context(), moderation.Appeal{CommentID: c.ID, Body: "why?", CreatedAt: b.Now()}, hold))
		ok(t, d.Reports.CreateReport(t.Context(), newReport(b, b.Comment(article, dbtest.Draft{}).ID, 1, 1)))
	}
	inQueue := &queue.Queue{Store: d.ForQueue(), Now: b.Now, NewID: b.NewID}
	viewer := moderation.Viewer{ModeratorID: b.Moderator("cleo", auth.RoleModerator).ID}
	query := queue.Query{Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: comments}
	must[queue.ClaimResult](t)(inQueue.Claim(t.Context(), viewer, query, queue.ClaimTerms{Minutes: 5}))
	list := func(limit int) int {
		query.Limit, query.SiteSlug = limit, "daily"
		recorder.Take()
		page := must[queue.Page](t)(inQueue.List(t.Context(), viewer, query))
		wantEqual(t, len(page.Items), limit)
		for _, item := range page.Items {
			if item.Claim == nil || (item.Appeal == nil) == (len(item.Reasons) == 0) {
				t.Fatalf("a claim is missing, or an appeal or a report: %+v", item.OpenIssues)
			}
		}
		must[map[string]moderation.Record](t)(inQueue.Records(t.Context(), moderation.Viewer{}, page.Items))
		return len(recorder.Take())
	}
	few, many := list(2), list(comments)
	wantEqual(t, many, few)
	if few > 8 {
		t.Errorf("a page takes %d statements: site, places, rows, total, reports, appeals, claims and records are 8", few)
	}
}

// TestAPageWithoutConcernsDoesNotAskForThem counts what most pages take.
func TestAPageWithoutConcernsDoesNotAskForThem(t *testing.T) {
	address := dbtest.SQLiteURL(t)
	dbtest.Migrated(t, address)
	d, recorder := db.OpenRecording(t, address)
	b := dbtest.Build(t, d)
	article := b.Article(b.Site("daily"), "one")
	for range 3 {
		b.Comment(article, dbtest.Draft{Status: moderation.StatusPending})
	}
	inQueue := &queue.Queue{Store: d.ForQueue(), Now: b.Now, NewID: b.NewID}
	recorder.Take()
	page := must[queue.Page](t)(inQueue.List(t.Context(), moderation.Viewer{},
		queue.Query{SiteSlug: "daily", Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: 50}))
	wantEqual(t, len(page.Items), 3)
	wantEqual(t, len(recorder.Take()), 4) // site, places, rows and total
}
