package db_test

import (
	"fmt"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// queueIDs reads the whole queue in pages of two, and requires the same total on each.
func queueIDs(t *testing.T, d *db.DB, q moderation.QueueSelect, total int) []string {
	t.Helper()
	q.Limit = 2
	found := []string{}
	for {
		rows, n, err := d.Queue(t.Context(), q)
		ok(t, err)
		same(t, n, total)
		if len(rows) == 0 {
			return found
		}
		for _, row := range rows {
			found = append(found, row.Comment.ID)
		}
		last := rows[len(rows)-1].Comment
		q.After = &moderation.QueueKey{CreatedAt: last.CreatedAt, Score: last.Score, ID: last.ID}
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
		q := moderation.QueueSelect{Status: moderation.StatusPending, Sort: moderation.QueueOldest}
		same(t, queueIDs(t, d, q, 7), all)
		q.Sort = moderation.QueueNewest
		same(t, queueIDs(t, d, q, 7), reversed(all))
		q.Sort = moderation.QueueRisk
		same(t, queueIDs(t, d, q, 7), []string{all[2], all[4], all[3], all[0], all[1], all[6], all[5]})
		q.SiteIDs, q.Sort = []string{daily.ID}, moderation.QueueOldest
		same(t, queueIDs(t, d, q, 4), ofDaily)
		q.SiteIDs = []string{weekly.ID, daily.ID}
		same(t, queueIDs(t, d, q, 7), all)
		q.Status = moderation.StatusRejected
		same(t, queueIDs(t, d, q, 0), []string{})
		q.Sort, q.Limit = "sideways", 2
		if _, _, err := d.Queue(t.Context(), q); err == nil {
			t.Error("an order that does not exist was accepted")
		}
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
		q := moderation.QueueSelect{Status: moderation.StatusPending, Sort: moderation.QueueOldest}
		same(t, queueIDs(t, d, q, len(want)), want)
	})
}

func TestAQueueRowHasEverythingAroundTheComment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		c := b.Comment(article, dbtest.Draft{Status: moderation.StatusPending, Address: "192.0.2.1"})
		r := b.NewRevision(c, "the present text", moderation.StatusPending)
		ok(t, d.ReviseComment(t.Context(), r))
		row := must[moderation.QueueRow](t)(d.QueueRow(t.Context(), c.ID))
		same(t, row, moderation.QueueRow{Comment: r.Comment, Article: article, Submission: r.Submission,
			Site: moderation.Site{ID: site.ID, Slug: "daily", Name: site.Name}})
		_, err := d.QueueRow(t.Context(), b.NewID())
		wantErr(t, err, moderation.ErrNotFound)
	})
}
