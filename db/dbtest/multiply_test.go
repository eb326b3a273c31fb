package dbtest_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		pool, err := dbtest.OpenPool(address)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		indexes := indexNames(t, pool, address)
		if err := dbtest.AddArticles(t.Context(), address, 4); err != nil {
			t.Fatal(err)
		}
		if err := dbtest.AddCommenters(t.Context(), address, 5); err != nil {
			t.Fatal(err)
		}
		for i, status := range []string{"pending", "approved"} {
			err := dbtest.WithoutIndexes(t.Context(), address, func() error {
				return dbtest.Multiply(t.Context(), address, dbtest.Crowd{
					Comments: 30, Status: status, Number: 100 * i, Articles: 4 * i, Commenters: 5 * i,
					From: dbtest.Epoch, Every: time.Minute, Writers: 1})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := dbtest.Recount(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		var articles, commenters int
		if err := pool.QueryRowContext(t.Context(), `SELECT COUNT(DISTINCT article_id), COUNT(DISTINCT commenter_id)
			FROM comments WHERE status = 'approved'`).Scan(&articles, &commenters); err != nil {
			t.Fatal(err)
		}
		if articles != 4+1 || commenters != 5+1 {
			t.Errorf("spread over %d articles and %d commenters, with the original's", articles, commenters)
		}
		if d := cmp.Diff(indexes, indexNames(t, pool, address)); d != "" {
			t.Errorf("indexes before and after: %s", d)
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

func indexNames(t *testing.T, pool *sql.DB, address string) (names []string) {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name`
	if !strings.HasPrefix(address, "sqlite:") {
		query = `SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() ORDER BY indexname`
	}
	rows, err := pool.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil || len(names) == 0 {
		t.Fatalf("%d indexes: %v", len(names), err)
	}
	return names
}
