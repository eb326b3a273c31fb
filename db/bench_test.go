package db_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// BenchmarkCreateComment commits submissions by many commenters to a hundred articles, GOMAXPROCS × 8 at
// once.
func BenchmarkCreateComment(b *testing.B) {
	for name, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		b.Run(name, func(b *testing.B) {
			d := dbtest.Migrated(b, address(b))
			builder := dbtest.Build(b, d)
			site := builder.Site("daily")
			var articles []moderation.Article
			for i := range 100 {
				articles = append(articles, builder.Article(site, fmt.Sprint(i)))
			}
			comments := make([]moderation.NewComment, b.N)
			for i := range comments {
				comments[i] = builder.NewComment(articles[i%100], dbtest.Draft{Email: fmt.Sprint(i % 1_000), Status: statuses[i%2]})
			}
			var next atomic.Int64
			b.SetParallelism(8)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := d.Submissions.CreateComment(b.Context(), comments[next.Add(1)-1]); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkLoadContext loads the context of a commenter's submission, on an article with many submissions
// today.
func BenchmarkLoadContext(b *testing.B) {
	for name, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		b.Run(name, func(b *testing.B) {
			d := dbtest.Migrated(b, address(b))
			builder := dbtest.Build(b, d)
			site := builder.Site("daily")
			article := builder.Article(site, "one")
			for i := range 2_000 {
				builder.Comment(article, dbtest.Draft{Email: fmt.Sprint(i % 100), Address: fmt.Sprint(i % 100)})
			}
			q := moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", EmailIndexes: [][]byte{dbtest.Index("7")},
				AddressIndex: dbtest.Index("7"), Fingerprint: []byte("x"), Now: builder.Now()}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Submissions.SubmissionContext(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkThread reads the first page of threads of several sizes: site and article, then 50 comments. The
// first branch of each is one chain of replies, down to the depth that is given; every other root has one or
// two.
func BenchmarkThread(b *testing.B) {
	for engine, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		d := dbtest.Migrated(b, address(b))
		builder := dbtest.Build(b, d)
		site := builder.Site("daily")
		for _, size := range []struct{ comments, depth int }{{100, 5}, {1_000, 5}, {10_000, 50}} {
			article := builder.Article(site, fmt.Sprint(size.comments))
			fillThread(builder, article, size.comments, size.depth)
			if engine == "postgres" {
				if _, err := db.Raw(d).ExecContext(b.Context(), `ANALYZE`); err != nil {
					b.Fatal(err)
				}
			}
			b.Run(fmt.Sprintf("%s/%d", engine, size.comments), func(b *testing.B) {
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						_, a, err := d.Threads.ThreadArticle(b.Context(), "daily", article.Key)
						if err != nil {
							b.Error(err)
						}
						page, err := d.Threads.ThreadRoots(b.Context(), moderation.RootsSelect{ArticleID: a.ID, Budget: 50, Replies: 20})
						if err != nil || len(page) < 5 {
							b.Errorf("%d roots, %v", len(page), err)
						}
					}
				})
			})
		}
	}
}

func fillThread(builder *dbtest.Builder, article moderation.Article, comments, depth int) {
	body := strings.Repeat("The harbour council keeps the old quay open to walkers through the winter. ", 3)
	draft := func(parent *moderation.Comment, n int) dbtest.Draft {
		return dbtest.Draft{Parent: parent, Email: fmt.Sprint(n % 997), Body: fmt.Sprint(body, n)}
	}
	last := builder.Comment(article, draft(nil, 0))
	n := 1
	for ; n <= depth; n++ {
		last = builder.Comment(article, draft(&last, n))
	}
	for ; n < comments; n++ {
		root := builder.Comment(article, draft(nil, n))
		for range 1 + n%2 {
			n++
			builder.Comment(article, draft(&root, n))
		}
	}
}
