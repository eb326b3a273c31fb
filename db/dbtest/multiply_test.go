package dbtest_test

import (
	"testing"
	"time"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

func TestMultipliedCommentsAreCountedAndListedLikeOthers(t *testing.T) {
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Migrated(t, address)
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "quay")
		for range 3 {
			b.Comment(article, dbtest.Draft{Status: moderation.StatusPending})
		}
		b.Comment(article, dbtest.Draft{})
		for i, status := range []string{"pending", "approved"} {
			err := dbtest.Multiply(t.Context(), address, dbtest.Crowd{
				Comments: 30, Status: status, Number: 100 * i, From: dbtest.Epoch, Every: time.Minute, Writers: 1})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := dbtest.Recount(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		wrong, err := d.Miscounts(t.Context())
		if err != nil || len(wrong) != 0 {
			t.Errorf("after multiplying: %v, %v", wrong, err)
		}
		counts, err := d.Queue.QueueCounts(t.Context(), nil)
		if err != nil || counts.Pending != 33 || counts.Approved != 31 {
			t.Errorf("counted %+v, %v", counts, err)
		}
		rows, err := d.Queue.Queue(t.Context(), queue.Select{Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: 50})
		if err != nil || len(rows) != 33 {
			t.Fatalf("listed %d comments: %v", len(rows), err)
		}
		if _, err := d.Queue.QueueRow(t.Context(), dbtest.CopyID(29)); err != nil {
			t.Errorf("the last copy: %v", err)
		}
	})
}
