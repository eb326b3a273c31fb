package db_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// searched lists the ids of the comments of a status that a search finds, oldest first.
func searched(t *testing.T, d *db.DB, status moderation.Status, query string) []string {
	t.Helper()
	return idsOf(must[[]queue.Row](t)(d.Queue.Queue(t.Context(), queue.Select{
		Status: status, Sort: queue.SortOldest, Limit: 50, Filter: queue.Filter{Search: query}})))
}

// searchWays are the ways to search: in the index, by walking the list, with a probe that does not fill the
// page, and by default.
var searchWays = []func(*db.DB){
	func(d *db.DB) { db.WalkSearches(d, 100) }, func(d *db.DB) { db.WalkSearches(d, 0) }, func(d *db.DB) { db.SetProbeSize(d, 10) }, func(*db.DB) {},
}

func TestASearchForCommonWordsIsCountedAtTheHeadOfTheList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		db.SetProbeSize(d, 20)
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		for range 15 {
			b.Comment(article, dbtest.Draft{Body: "common"})
			b.Comment(article, dbtest.Draft{Body: "rest"})
		}
		b.Comment(article, dbtest.Draft{Body: "seldom"})
		for query, want := range map[string]struct {
			total int
			more  bool
			first int
		}{"common": {10, true, 9}, "comm*": {10, true, 9}, "seldom": {1, false, 1}, "-seldom": {20, true, 9}, "none": {0, false, 0}, "!": {0, false, 0}} {
			q := queue.Select{Status: moderation.StatusApproved, Sort: queue.SortOldest, Limit: 9,
				Filter: queue.Filter{Search: query}}
			page := must[queue.CountedPage](t)(d.Queue.QueueCounted(t.Context(), q, 50))
			if page.Total != want.total || page.More != want.more || len(page.Rows) != want.first {
				t.Errorf("%q finds %d on the first page and %d in all, more: %v", query, len(page.Rows), page.Total, page.More)
			}
		}
	})
}

func TestASearchFindsMatchingComments(t *testing.T) {
	for _, way := range searchWays {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			way(d)
			b := dbtest.Build(t, d)
			article := b.Article(b.Site("daily"), "one")
			held := dbtest.Draft{Status: moderation.StatusPending}
			say := func(body string) string {
				held.Body = body
				return b.Comment(article, held).ID
			}
			free := say("Get FREE money now, it's a café's offer")
			money := say("Money is never free of charge 日本語")
			hosts := say("see https://shop.example/casino?x=1 or mail")
			held.Name = "Zoë Quill"
			zoe := say("nothing to see")
			other := b.Comment(b.Article(b.Site("weekly"), "one"), dbtest.Draft{Status: moderation.StatusPending, Body: "free money"}).ID
			for query, want := range map[string][]string{
				"free money":              {free, money, other},
				`"free money"`:            {free, other},
				`"money free"`:            {},
				"money -free":             {},
				"free -charge":            {free, other},
				"-free -money":            {hosts, zoe},
				"casin*":                  {hosts},
				"casi":                    {},
				`"shop exam*"`:            {hosts},
				"shop.example":            {hosts},
				"CAFE":                    {free},
				"zoe":                     {zoe},
				`"see zoe"`:               {},
				`-"nothing to" -free see`: {hosts},
				"本語":                      {money},
				"語本":                      {},
				"!!!":                     {},
				`'); OR "`:                {hosts},
				"AND NOT NEAR":            {},
			} {
				wantEqual(t, searched(t, d, moderation.StatusPending, query), want)
			}
			wantEqual(t, searched(t, d, moderation.StatusApproved, "free"), []string{})
			q := queue.Select{Status: moderation.StatusPending, Filter: queue.Filter{Search: "free"}}
			wantEqual(t, must[int](t)(d.Queue.QueueMatches(t.Context(), q, 9)), 3)
		})
	}
}

func TestASearchFindsWhatReadersSee(t *testing.T) {
	for _, way := range searchWays {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			way(d)
			b := dbtest.Build(t, d)
			article := b.Article(b.Site("daily"), "one")
			say := func(body string) moderation.Comment { return b.Comment(article, dbtest.Draft{Body: body}) }
			joined := say("You id[io](https://a.example/)t!").ID
			entity := say("What a re&#116;ard, **so** there").ID
			link := say("See [the map](https://www.b\u00fccher.example/hidden/path)").ID
			dotted := say("Go to spammer&#46;com or pills [dot] shop").ID
			literal := say("id**i**ot").ID
			n := b.NewComment(article, dbtest.Draft{Body: "We [deleted](https://rules.example/) it"})
			n.Comment.Staff = true
			staff := must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n)).ID
			edited := say("The former text")
			ok(t, d.Submissions.ReviseComment(t.Context(), b.NewRevision(edited, "A fo&#111;l at [home](https://c.example/)", moderation.StatusApproved)))
			check := func() {
				t.Helper()
				for query, want := range map[string][]string{
					"idiot":               {joined},
					"a.example":           {joined},
					"retard":              {entity},
					"116":                 {},
					`"retard so there"`:   {entity},
					`"the map"`:           {link},
					"b\u00fccher.example": {link},
					"xn--bcher-kva*":      {link},
					`"map www"`:           {},
					"hidden":              {},
					"spammer.com":         {dotted},
					"pills.shop":          {dotted},
					`"id i ot"`:           {literal},
					"deleted":             {staff},
					"rules.example":       {staff},
					"fool home c.example": {edited.ID},
					"https":               {},
				} {
					wantEqual(t, searched(t, d, moderation.StatusApproved, query), want)
				}
			}
			check()
			article = must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), article.ID))
			article.Title = "A harbour for whales"
			ok(t, d.Articles.UpdateArticle(t.Context(), article, nil))
			check()
		})
	}
}

func TestASearchUsesTheCurrentTextAndTitle(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		c := b.Comment(article, dbtest.Draft{Body: "the former words"})
		ok(t, d.Submissions.ReviseComment(t.Context(), b.NewRevision(c, "other lines", moderation.StatusPending)))
		wantEqual(t, searched(t, d, moderation.StatusPending, "former"), []string{})
		wantEqual(t, searched(t, d, moderation.StatusPending, "lines"), []string{c.ID})
		article = must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), article.ID))
		article.Title = "A harbour for whales"
		ok(t, d.Articles.UpdateArticle(t.Context(), article, nil))
		wantEqual(t, searched(t, d, moderation.StatusPending, "lines whales"), []string{c.ID})
		article.Version++
		article.Title = "Another"
		ok(t, d.Articles.UpdateArticle(t.Context(), article, nil))
		wantEqual(t, searched(t, d, moderation.StatusPending, "whales"), []string{})
		checkCounters(t, d)
	})
}

func TestErasedTextsLeaveTheSearchIndex(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		gone := b.Comment(article, dbtest.Draft{Body: "unforgettable words"})
		stays := b.Comment(article, dbtest.Draft{Body: "unforgettable too"})
		ok(t, d.Comments.EraseComment(t.Context(), b.NewDecision(gone, moderation.ActionDelete)))
		wantEqual(t, searched(t, d, moderation.StatusDeleted, "unforgettable"), []string{})
		wantEqual(t, searched(t, d, moderation.StatusApproved, "unforgettable"), []string{stays.ID})
		article = must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), article.ID))
		article.Title = "New"
		ok(t, d.Articles.UpdateArticle(t.Context(), article, nil)) // makes nobody come back
		wantEqual(t, searched(t, d, moderation.StatusDeleted, "new"), []string{})
		checkCounters(t, d)
	})
}

func TestErasedWordsAreGoneFromTheFile(t *testing.T) {
	address := dbtest.SQLiteURL(t)
	d := dbtest.Migrated(t, address)
	b := dbtest.Build(t, d)
	article := b.Article(b.Site("daily"), "one")
	gone := b.Comment(article, dbtest.Draft{Body: "zanzibarwort"})
	for range 40 {
		b.Comment(article, dbtest.Draft{Body: "others write on"})
	}
	path := strings.TrimPrefix(address, "sqlite:")
	has := func() bool {
		tamper(t, d, `PRAGMA wal_checkpoint(TRUNCATE)`)
		file, err := os.ReadFile(path)
		ok(t, err)
		return bytes.Contains(file, []byte("zanzibarwort"))
	}
	if !has() {
		t.Fatal("the file never had the word")
	}
	ok(t, d.Comments.EraseComment(t.Context(), b.NewDecision(gone, moderation.ActionDelete)))
	if has() {
		t.Error("the file still has the word")
	}
}

func TestNoSearchIsAnErrorOfTheEngine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{Body: "one * two ' three \\ \" four"})
		for _, query := range []string{`"`, `'`, `\`, `*`, `-`, `a*b`, `-"`, `(a`, `a:b`, `site:x`, `{body}:x`, `^a`, `a<->b`, `!a`, `&`, `NOT`,
			"\t\n", "١٢*", "e\u0301*", "ﬁ*", "\u200d", "ก็*", "🙂", strings.Repeat("-a ", 170), strings.Repeat("a ", 250), strings.Repeat("x", 500) + "*",
			strings.Repeat("日", 170) + "*"} {
			searched(t, d, moderation.StatusApproved, query)
		}
	})
}

func TestASearchIsPagedInEveryOrder(t *testing.T) {
	for _, way := range searchWays {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			way(d)
			b := dbtest.Build(t, d)
			daily, weekly := b.Article(b.Site("daily"), "one"), b.Article(b.Site("weekly"), "one")
			for i := range 7 {
				for _, article := range []moderation.Article{daily, weekly} {
					b.Comment(article, dbtest.Draft{Body: "common", Score: float64(i % 3)})
					b.Comment(article, dbtest.Draft{Body: "rest", Score: float64(i % 2)})
				}
			}
			for _, sort := range []queue.Sort{queue.SortOldest, queue.SortNewest, queue.SortRisk} {
				q := queue.Select{Status: moderation.StatusApproved, Sort: sort, Limit: 50,
					Filter: queue.Filter{Search: "common"}}
				all := idsOf(must[[]queue.Row](t)(d.Queue.Queue(t.Context(), q)))
				wantEqual(t, len(all), 14)
				var paged []string
				for q.Limit = 2; ; {
					page := must[[]queue.Row](t)(d.Queue.Queue(t.Context(), q))
					if len(page) == 0 {
						break
					}
					paged = slices.Concat(paged, idsOf(page))
					q.After = keyAfter(page[len(page)-1])
				}
				wantEqual(t, paged, all)
			}
		})
	}
}
