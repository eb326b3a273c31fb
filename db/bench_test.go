package db_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// BenchmarkCreateComment commits submissions by many commenters to a hundred articles, as many at once as GOMAXPROCS × 8.
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
					if _, err := d.CreateComment(b.Context(), comments[next.Add(1)-1]); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkBackground gathers what is known of a commenter, on an article with many submissions today.
func BenchmarkBackground(b *testing.B) {
	for name, address := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		b.Run(name, func(b *testing.B) {
			d := dbtest.Migrated(b, address(b))
			builder := dbtest.Build(b, d)
			site := builder.Site("daily")
			article := builder.Article(site, "one")
			for i := range 2_000 {
				builder.Comment(article, dbtest.Draft{Email: fmt.Sprint(i % 100), Address: fmt.Sprint(i % 100)})
			}
			q := moderation.BackgroundQuery{SiteID: site.ID, ArticleKey: "one", EmailIndexes: [][]byte{dbtest.Index("7")},
				AddressIndex: dbtest.Index("7"), Fingerprint: []byte("x"), Now: builder.Now()}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Background(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
