package external_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/external"
)

// BenchmarkSubmissions sends comments in turn to a site without classifiers, to one with a fast classifier, and to one
// with a dead classifier, so that all three meet the same load of the machine. It reports medians and 99th
// percentiles in milliseconds; fast-own is without the time of the call itself. For 1,000 comments each:
//
//	go test ./moderation/external -run '^$' -bench Submissions -benchtime 1000x
func BenchmarkSubmissions(b *testing.B) {
	f := newFixture(b, dbtest.Migrated(b, dbtest.SQLiteURL(b)))
	f.live = true
	var called time.Duration
	f.asker.Observe = func(name, _ string, took time.Duration) {
		if name == "fast" {
			called = took
		}
	}
	sites := &moderation.Sites{Store: f.db.ForSites(), Now: f.now, NewID: f.newID}
	got(sites.Add(b.Context(), nobody, moderation.NewSite{Slug: "monthly", Name: "The monthly"}))(b)
	got(sites.Register(b.Context(), nobody, "monthly", moderation.NewArticle{ArticleRef: moderation.ArticleRef{Key: "one"}}))(b)
	fast := serve(b, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"score": 0.1}`) })
	f.add("fast", fast, nil)
	f.add("dead", serve(b, hang), func(r *external.Request) { r.Sites, r.TimeoutMS = []string{"monthly"}, 400 })
	took := map[string][]time.Duration{}
	send := func(i int, site string) time.Duration {
		began := time.Now()
		got(f.intake.Submit(b.Context(), moderation.Submission{SiteSlug: site, Article: moderation.ArticleRef{Key: "one"},
			AuthorName: "Ines", AuthorEmail: fmt.Sprintf("ines%d@mail.example", i), Body: fmt.Sprintf("Comment number %d", i),
			Address: netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)})}))(b)
		return time.Since(began)
	}
	for i := range 6 { // opens the breaker
		send(i, "monthly")
	}
	for i := range b.N {
		for j := range 3 {
			name := []string{"none", "fast", "dead"}[(i+j)%3]
			whole := send(10+i, map[string]string{"none": "weekly", "fast": "daily", "dead": "monthly"}[name])
			took[name] = append(took[name], whole)
			if name == "fast" {
				took["fast-own"] = append(took["fast-own"], whole-called)
			}
		}
	}
	for _, name := range []string{"none", "fast", "fast-own", "dead"} {
		slices.Sort(took[name])
		for _, percent := range []int{50, 99} {
			at := took[name][(len(took[name])-1)*percent/100]
			b.ReportMetric(float64(at.Microseconds())/1000, fmt.Sprintf("%s-p%d-ms", name, percent))
		}
	}
}
