package moderation_test

import (
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/rulebook"
	"rejoinder/moderation/rules"
)

// benchedSubmissions is the number of submissions in one backtest of the benchmark.
const benchedSubmissions = 40_000

// BenchmarkBacktest replays stored submissions of an ordinary site under the shipped ruleset, on SQLite and
// on all processors. The target is 20,000 submissions a second on two.
func BenchmarkBacktest(b *testing.B) {
	address := dbtest.SQLiteURL(b)
	f := newFixture(b, dbtest.Migrated(b, address))
	buildSubmissions(b, f, address)
	f.tests.Workers = runtime.GOMAXPROCS(0)
	query := rulebook.BacktestQuery{SiteSlug: "daily", Days: 30, Ruleset: rulebook.DraftRef{Source: string(rules.Default())}}
	var peak uint64
	b.ResetTimer()
	for range b.N {
		r, err := f.tests.Run(b.Context(), ada, query, func(done, _ int) {
			if done%10_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		})
		if err != nil || r.Submissions != benchedSubmissions {
			b.Fatalf("%d submissions: %v", r.Submissions, err)
		}
	}
	b.ReportMetric(float64(b.N*benchedSubmissions)/b.Elapsed().Seconds(), "submissions/s")
	b.ReportMetric(20_000, "least-submissions/s")
	b.ReportMetric(float64(peak)/(1<<20), "MiB-heap")
}

// buildSubmissions makes submissions like those of an ordinary site: most are plain, some have links, some
// are spam.
func buildSubmissions(b *testing.B, f *fixture, address string) {
	b.Helper()
	texts := []string{
		"The mill by the harbour was built when the tide still reached the old wall, and my grandfather worked there. He told us " +
			"how the stones were brought by boat, and that nobody slept when the wind came from the north. Thank you for writing about it.",
		"I do not agree with the second paragraph: the council had the money, it simply spent it elsewhere.",
		"There is a better map at https://maps.example/harbour, and it shows the mill as well.",
		"Make money online with https://get.example/now and https://more.example/later!!!",
		"Thank you!",
	}
	for i, text := range texts {
		id := f.submitBy(fmt.Sprintf("reader%d@mail.example", i), text)
		if i%2 == 1 {
			f.decide(id, moderation.ActionDelete)
		}
	}
	pool, err := sql.Open("sqlite", strings.TrimPrefix(address, "sqlite:"))
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	_, err = pool.ExecContext(b.Context(), `
		WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < $1)
		INSERT INTO submissions (id, site_id, article_id, commenter_id, comment_id, revision, author_name, author_url, body,
			fingerprint, facts, verdict, ruleset_id, address_index, address_prefix, created_at)
		SELECT randomblob(16), site_id, article_id, commenter_id, comment_id, revision + n, author_name, author_url, body,
			fingerprint, facts, verdict, ruleset_id, address_index, address_prefix, created_at
		FROM submissions CROSS JOIN copies`, benchedSubmissions/len(texts)-1)
	if err != nil {
		b.Fatal(err)
	}
	f.advance(time.Minute)
}
