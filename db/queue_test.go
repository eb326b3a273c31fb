package db_test

import (
	"fmt"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// queueIDs reads the whole queue in pages of two, and requires that their number equals the count.
func queueIDs(t *testing.T, d *db.DB, q queue.Select, total int) []string {
	t.Helper()
	q.Limit = 2
	found := []string{}
	for {
		rows, err := d.Queue.Queue(t.Context(), q)
		ok(t, err)
		wantEqual(t, must[queue.Counts](t)(d.Queue.QueueCounts(t.Context(), q.SiteIDs)).Of(q.Status), total)
		wantEqual(t, must[int](t)(d.Queue.QueueMatches(t.Context(), q, 3)), min(3, total))
		if len(rows) == 0 {
			return found
		}
		for _, row := range rows {
			found = append(found, row.Comment.ID)
		}
		last := rows[len(rows)-1].Comment
		q.After = &queue.Key{CreatedAt: last.CreatedAt, Risk: last.Risk, Reports: last.OpenReports, ID: last.ID}
	}
}

func TestTheQueueIsPagedInEveryOrderOverSites(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		daily, weekly := b.Site("daily"), b.Site("weekly")
		one, two := b.Article(daily, "one"), b.Article(weekly, "two")
		var all, ofDaily []string
		for i, score := range []float64{1, 0.1 + 0.2, 3, 1, 1, -2, 0} {
			article := []moderation.Article{one, two}[i%2]
			c := b.Comment(article, dbtest.Draft{Status: moderation.StatusPending, Score: score})
			all = append(all, c.ID)
			if i%2 == 0 {
				ofDaily = append(ofDaily, c.ID)
			}
		}
		b.Comment(one, dbtest.Draft{Status: moderation.StatusSpam})
		q := queue.Select{Status: moderation.StatusPending, Sort: queue.SortOldest}
		wantEqual(t, queueIDs(t, d, q, 7), all)
		q.Sort = queue.SortNewest
		wantEqual(t, queueIDs(t, d, q, 7), reversed(all))
		q.Sort = queue.SortRisk
		wantEqual(t, queueIDs(t, d, q, 7), []string{all[2], all[4], all[3], all[0], all[1], all[6], all[5]})
		q.SiteIDs, q.Sort = []string{daily.ID}, queue.SortOldest
		wantEqual(t, queueIDs(t, d, q, 4), ofDaily)
		q.SiteIDs = []string{weekly.ID, daily.ID}
		wantEqual(t, queueIDs(t, d, q, 7), all)
		q.Status = moderation.StatusRejected
		wantEqual(t, queueIDs(t, d, q, 0), []string{})
		q.Sort, q.Limit = "sideways", 2
		if _, err := d.Queue.Queue(t.Context(), q); err == nil {
			t.Error("an order that does not exist was accepted")
		}
	})
}

func TestReportedCommentsArePagedMostReportsFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		daily, weekly := b.Site("daily"), b.Site("weekly")
		one, two := b.Article(daily, "one"), b.Article(weekly, "two")
		var all []string
		for i, reports := range []int{1, 3, 0, 1, 2, 3} {
			c := b.Comment([]moderation.Article{one, two}[i%2], dbtest.Draft{})
			all = append(all, c.ID)
			for who := range reports {
				holdAfter := reports * (i % 2) // every second comment is hidden by its last report
				ok(t, d.Reports.CreateReport(t.Context(), newReport(b, c.ID, who, holdAfter)))
			}
		}
		q := queue.Select{Status: queue.AnyStatus, Sort: queue.SortReports, Limit: 2,
			Filter: queue.Filter{Reported: true}}
		want := []string{all[5], all[1], all[4], all[3], all[0]}
		var found []string
		for range 3 {
			rows := must[[]queue.Row](t)(d.Queue.Queue(t.Context(), q))
			for _, row := range rows {
				found = append(found, row.Comment.ID)
			}
			q.After = keyAfter(rows[len(rows)-1])
		}
		wantEqual(t, found, want)
		wantEqual(t, len(must[[]queue.Row](t)(d.Queue.Queue(t.Context(), q))), 0)
		q.After, q.Limit, q.UnclaimedAt = nil, 9, b.Now()
		wantEqual(t, idsOf(must[[]queue.Row](t)(d.Claims.Claim(t.Context(), q, queue.NewClaims{
			ModeratorID: b.Moderator("cleo", auth.RoleModerator).ID, At: b.Now(), ExpiresAt: b.Now().Add(time.Minute)}))), want)
	})
}

func TestCountsHavePendingCommentsAndTheAgeOfTheOldest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		wantEqual(t, must[queue.Counts](t)(d.Queue.QueueCounts(t.Context(), nil)), queue.Counts{})
		daily, weekly := b.Site("daily"), b.Site("weekly")
		article := b.Article(daily, "one")
		b.Comment(b.Article(weekly, "two"), dbtest.Draft{Status: moderation.StatusSpam})
		first := b.Comment(article, dbtest.Draft{Status: moderation.StatusPending})
		b.Comment(article, dbtest.Draft{Status: moderation.StatusPending})
		reported := b.Comment(article, dbtest.Draft{})
		ok(t, d.Reports.CreateReport(t.Context(), newReport(b, reported.ID, 1, 0)))
		ok(t, d.Reports.CreateReport(t.Context(), newReport(b, reported.ID, 2, 0)))
		of := func(ids ...string) queue.Counts {
			return must[queue.Counts](t)(d.Queue.QueueCounts(t.Context(), ids))
		}
		wantEqual(t, of(daily.ID), queue.Counts{Pending: 2, Approved: 1, Reported: 1, OldestPendingAt: first.CreatedAt})
		wantEqual(t, of(weekly.ID), queue.Counts{Spam: 1})
		wantEqual(t, must[[]queue.SiteCounts](t)(d.Sites.SiteCounts(t.Context())), []queue.SiteCounts{
			{Slug: daily.Slug, Counts: of(daily.ID)}, {Slug: weekly.Slug, Counts: of(weekly.ID)},
		})
		wantEqual(t, of(), queue.Counts{Pending: 2, Approved: 1, Spam: 1, Reported: 1, OldestPendingAt: first.CreatedAt})
		b.Decide(must[queue.Row](t)(d.Queue.QueueRow(t.Context(), reported.ID)).Comment, moderation.ActionReject)
		b.Decide(first, moderation.ActionDelete)
		got := of(daily.ID)
		got.OldestPendingAt = first.CreatedAt
		wantEqual(t, got, queue.Counts{Pending: 1, Rejected: 1, Deleted: 1, OldestPendingAt: first.CreatedAt})
		checkCounters(t, d)
	})
}

func TestAQueueOverManySitesIsRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		var want []string
		for i := range 205 {
			site := b.Site(fmt.Sprintf("site-%d", i))
			if i%50 == 0 {
				want = append(want, b.Comment(b.Article(site, "one"), dbtest.Draft{Status: moderation.StatusPending}).ID)
			}
		}
		q := queue.Select{Status: moderation.StatusPending, Sort: queue.SortOldest}
		wantEqual(t, queueIDs(t, d, q, len(want)), want)
	})
}

func TestAQueueRowHasEverythingAroundTheComment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		c := b.Comment(article, dbtest.Draft{Status: moderation.StatusPending, Address: "192.0.2.1"})
		r := b.NewRevision(c, "the present text", moderation.StatusPending)
		ok(t, d.Submissions.ReviseComment(t.Context(), r))
		row := must[queue.Row](t)(d.Queue.QueueRow(t.Context(), c.ID))
		wantEqual(t, row, queue.Row{Comment: r.Comment, Site: moderation.Site{ID: site.ID, Slug: "daily", Name: site.Name},
			Article: moderation.Article{ID: article.ID, SiteID: site.ID, Key: article.Key, URL: article.URL, Title: article.Title},
			Submission: moderation.SubmissionRecord{ID: r.Submission.ID, Body: r.Submission.Body, Verdict: r.Submission.Verdict,
				AddressPrefix: r.Submission.AddressPrefix}})
		_, err := d.Queue.QueueRow(t.Context(), b.NewID())
		wantErr(t, err, moderation.ErrNotFound)
	})
}
