package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/db/dbtest"
	"rejoinder/demo"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/web"
)

const demoURL = "http://127.0.0.1:8080"

// demoApp is the program on a database.
type demoApp struct {
	*app
	t        *testing.T
	accounts *auth.Service
}

func newDemoApp(t *testing.T, database string) demoApp {
	t.Helper()
	return newAppIn(t, Config{DataDir: t.TempDir(), DatabaseURL: database, LogFormat: "text"})
}

func newAppIn(t *testing.T, config Config) demoApp {
	t.Helper()
	a, err := openApp(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.db.Close(); err != nil {
			t.Error(err)
		}
	})
	accounts, err := a.accounts(demoURL)
	if err != nil {
		t.Fatal(err)
	}
	return demoApp{a, t, accounts}
}

func (a demoApp) prepare(url string, empty bool) {
	a.t.Helper()
	if _, err := a.prepareDemo(a.t.Context(), url, a.accounts, empty); err != nil {
		a.t.Fatal(err)
	}
}

func (a demoApp) remove() moderation.SiteRemoval {
	a.t.Helper()
	removed, err := a.sites().RemoveDemo(a.t.Context(), moderation.Viewer{}, web.DemoSite)
	if err != nil {
		a.t.Fatal(err)
	}
	return removed
}

// rows are the contents of all tables but those in which SQLite keeps the structure of its search index.
func (a demoApp) rows(database string) map[string][]string {
	a.t.Helper()
	rows := dbtest.Rows(a.t, database)
	delete(rows, "comment_search_index_data")
	delete(rows, "comment_search_index_idx")
	delete(rows, "comment_search_index_config")
	return rows
}

// TestTheDemoIsMadeOnceAndRemovedWithoutATrace makes the demo beside a site of somebody's own.
func TestTheDemoIsMadeOnceAndRemovedWithoutATrace(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, database string) {
		a := newDemoApp(t, database)
		b := dbtest.Build(t, a.db)
		b.Comment(b.Article(b.Site("gazette"), "one"), dbtest.Draft{Status: moderation.StatusPending})
		a.prepare(demoURL, true) // makes the moderator, who stays
		if removed := a.remove(); removed != (moderation.SiteRemoval{Articles: 1}) {
			t.Errorf("removed %+v with the empty demo", removed)
		}
		before := a.rows(database)

		a.prepare(demoURL, false)
		a.wantDemo()
		made := a.rows(database)
		a.prepare(demoURL, false)
		if diff := cmp.Diff(made, a.rows(database)); diff != "" {
			t.Errorf("the second start changed something:\n%s", diff)
		}
		removed := a.remove()
		if removed.Articles != 2 || removed.Comments != 49 || removed.Decisions < 70 || removed.Accounts != 0 {
			t.Errorf("removed %+v", removed)
		}
		if diff := cmp.Diff(before, a.rows(database)); diff != "" {
			t.Errorf("the removal left or took something:\n%s", diff)
		}
	})
}

// wantDemo checks the content of the demo.
func (a demoApp) wantDemo() {
	t, ctx := a.t, a.t.Context()
	t.Helper()
	viewer := moderation.Viewer{}
	desk := &queue.Queue{Store: a.db.ForQueue(), Keys: a.keys, Now: a.sites().Now, NewID: newID}
	counts, err := desk.Counts(ctx, viewer, web.DemoSite)
	if err != nil {
		t.Fatal(err)
	}
	counts.OldestPendingAt = counts.OldestPendingAt.Truncate(0)
	want := queue.Counts{Pending: 18, Approved: 21, Rejected: 3, Spam: 7, Reported: 1, Appealed: 1,
		OldestPendingAt: counts.OldestPendingAt}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("comments by status (-want +got):\n%s", diff)
	}
	for key, approved := range map[string]int{"welcome": 14, "market": 7} {
		article, err := a.sites().Article(ctx, viewer, moderation.SiteArticle{SiteSlug: web.DemoSite, Key: key})
		if err != nil || article.ApprovedCount != approved {
			t.Errorf("article %s has %d comments, want %d: %v", key, article.ApprovedCount, approved, err)
		}
	}
	groups, err := desk.Groups(ctx, viewer, web.DemoSite, queue.GroupByText)
	if err != nil || len(groups) != 1 || groups[0].Count != 6 {
		t.Errorf("groups of one text: %+v, %v; want one of 6", groups, err)
	}
	page, err := desk.List(ctx, viewer, queue.Query{SiteSlug: web.DemoSite, Status: moderation.StatusPending,
		Sort: queue.SortOldest, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	a.wantHits(page.Items)
	wrong, err := a.db.Miscounts(ctx)
	if err != nil || len(wrong) > 0 {
		t.Errorf("wrong counters: %v, %v", wrong, err)
	}
}

// wantHits requires that the intended rules hit the pending comments.
func (a demoApp) wantHits(items []queue.Item) {
	t := a.t
	t.Helper()
	hits, languages, reports, appeals := map[string]int{}, map[string]int{}, 0, 0
	for _, item := range items {
		for _, hit := range item.Verdict.Hits {
			hits[hit.Rule]++
		}
		languages[item.Comment.Language]++
		reports += item.Comment.OpenReports
		if item.Appeal != nil && item.Appeal.Open() {
			appeals++
		}
	}
	for rule, least := range map[string]int{"first-comment": 15, "newcomer-with-link": 8, "mostly-swearing": 1, "insults": 1,
		"hostile": 1, "shouting": 1, "edit-adds-links": 1} {
		if hits[rule] < least {
			t.Errorf("rule %s hit %d waiting comments, want %d; all hits: %v", rule, hits[rule], least, hits)
		}
	}
	if reports != 2 || appeals != 1 || languages["de"] != 1 {
		t.Errorf("%d reports, %d appeals, languages %v; want 2, 1 and a comment in German", reports, appeals, languages)
	}
}

func TestAnInterruptedDemoIsRecreated(t *testing.T) {
	t.Parallel()
	a := newDemoApp(t, dbtest.SQLiteURL(t))
	a.prepare(demoURL, true)
	interrupt := func(s moderation.SiteSettings) moderation.SiteSettings {
		s.Demo = moderation.DemoIncomplete
		return s
	}
	if _, err := a.sites().Change(t.Context(), moderation.Viewer{}, web.DemoSite, moderation.SiteChange{Settings: interrupt}); err != nil {
		t.Fatal(err)
	}
	a.prepare(demoURL, false)
	a.wantDemo()
}

func TestTheDemoMovesWithItsServer(t *testing.T) {
	t.Parallel()
	a := newDemoApp(t, dbtest.SQLiteURL(t))
	a.prepare(demoURL, false)
	a.prepare("http://127.0.0.1:8081", false)
	for key, path := range map[string]string{"welcome": "/demo", "market": "/demo/market"} {
		article, err := a.sites().Article(t.Context(), moderation.Viewer{}, moderation.SiteArticle{SiteSlug: web.DemoSite, Key: key})
		if err != nil || article.URL != "http://127.0.0.1:8081"+path {
			t.Errorf("article %s is at %s, %v", key, article.URL, err)
		}
	}
}

func TestTheDemoLeavesOtherSitesAlone(t *testing.T) {
	t.Parallel()
	a := newDemoApp(t, dbtest.SQLiteURL(t))
	if _, err := a.sites().Add(t.Context(), moderation.Viewer{}, moderation.NewSite{Slug: web.DemoSite, Name: "Ours"}); err != nil {
		t.Fatal(err)
	}
	a.prepare(demoURL, false)
	site, err := a.sites().Find(t.Context(), moderation.Viewer{}, web.DemoSite)
	if err != nil || site.Name != "Ours" || site.Settings.Demo != moderation.NoDemo {
		t.Errorf("the site is %+v, %v", site, err)
	}
	if _, err := a.sites().RemoveDemo(t.Context(), moderation.Viewer{}, web.DemoSite); err == nil {
		t.Error("it was removed as a demo")
	}
}

func TestTheDemoIsTheSameForTheSameTime(t *testing.T) {
	t.Parallel()
	var ids [2][]string
	for i := range ids {
		a := newDemoApp(t, dbtest.SQLiteURL(t))
		clock := demo.NewClock(dbtest.Epoch, demoSeed)
		moderator := dbtest.Build(t, a.db).Moderator("mo@desk.example", auth.RoleAdmin)
		err := demo.Prepare(t.Context(), a.demoServices(clock), demo.Options{PublicURL: demoURL, ModeratorID: moderator.ID})
		if err != nil {
			t.Fatal(err)
		}
		desk := a.demoServices(clock).Queue
		page, err := desk.List(t.Context(), moderation.Viewer{}, queue.Query{SiteSlug: web.DemoSite,
			Status: moderation.StatusPending, Sort: queue.SortRisk, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			ids[i] = append(ids[i], item.Comment.ID+" "+item.Body)
		}
	}
	if diff := cmp.Diff(ids[0], ids[1]); diff != "" || len(ids[0]) != 18 {
		t.Errorf("%d comments; the second run differs:\n%s", len(ids[0]), diff)
	}
}

// TestTheFirstHour looks at what `make run` shows: the home page, the demo's articles, the queue; and removes
// it.
func TestTheFirstHour(t *testing.T) {
	t.Parallel()
	p := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo=full")
	guest := newReader(t)
	wantText(t, guest.browser, p.url, "Demo article", "Sign in as a moderator", "API description",
		`<rejoinder-thread site="demo">`, p.url+"/embed.js")
	wantText(t, guest.browser, p.url+"/demo", "14 comments", "Demo", "the newspaper and its readers are invented")
	guest.waitFor(`document.querySelectorAll("article.rj-comment").length === 14`)
	wantText(t, guest.browser, p.url+"/demo/market", "Demo", "The Saturday market moves to the old harbour")
	guest.waitFor(`$$("article.rj-comment").length === 7`)
	guest.openThread(p.url + "/demo/signed-in")
	guest.waitFor(`$(".rj-respond .rj-as")?.textContent.includes("Commenting as Ben Aldous") && !$(".rj-respond [name=author_email]:enabled")`)
	guest.waitFor(`$$("article.rj-comment .rj-badge").some((badge) => badge.textContent === "Subscriber")`)

	m := newConsoleUser(t, p)
	m.waitFor(`waiting() === 18 && $("h1")?.textContent === "18 comments waiting"`)
	m.load("/console/sites/demo")
	act(t, m.browser, chromedp.Click(css(`[data-copy="embed-code"]`)))
	m.waitFor(`$(".messages").textContent.match(/Copied|selected/)`)
	follow(t, m.browser, chromedp.Click(css("#remove button")))
	m.waitFor(`$("#notices").textContent.includes("Removed the demo: 2 articles, 49 comments and ")`)
	m.load("/console/audit?action=remove_demo")
	m.waitFor(`$("main").textContent.includes("removed the demo")`)
	m.load("/console")
	m.waitFor(`waiting() === 0`)
	m.checkClean()
	if r := p.ask(t, http.MethodGet, "/api/v1/sites/demo/thread?article=welcome", ""); r.status != http.StatusNotFound {
		t.Errorf("the thread of the removed demo: status %d", r.status)
	}
	if r := p.ask(t, http.MethodGet, "/demo/signed-in", ""); r.status != http.StatusNotFound {
		t.Errorf("the page with the demo's reader: status %d", r.status)
	}
	if home := p.ask(t, http.MethodGet, "/", ""); strings.Contains(home.body, `href="/demo"`) {
		t.Error("the home page still leads to the demo")
	}
}

func TestTheDemoIsRemovedOnTheCommandLine(t *testing.T) {
	t.Parallel()
	env := []string{"REJOINDER_DATA_DIR=" + t.TempDir()}
	startProgram(t, env, "serve", "--demo=full").stop(t)
	out, errs, code := runProgram(t, env, "", "demo", "remove")
	if code != exitDone || !strings.Contains(out, "Removed the demo: 2 articles, 49 comments and ") || !strings.Contains(out, demoEmail) {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	if _, errs, code := runProgram(t, env, "", "demo", "remove"); code != exitFailed || !strings.Contains(errs, "there is no demo") {
		t.Errorf("the second time: exit code %d: %s", code, errs)
	}
	if _, errs, code := runProgram(t, env, "", "serve", "--demo=half"); code != exitMisused || !strings.Contains(errs, "full, empty or off") {
		t.Errorf("with an unknown mode: exit code %d: %s", code, errs)
	}
}

func TestTheBannerSaysWhatAServerLacks(t *testing.T) {
	t.Parallel()
	a := newDemoApp(t, dbtest.SQLiteURL(t))
	printed := func() string {
		b, err := a.newBanner(t.Context(), demoURL, a.accounts)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		b.print(&out)
		return out.String()
	}
	before := printed()
	a.prepare(demoURL, true)
	after := printed()
	const link = "/console/setup/"
	if !strings.Contains(before, link) || strings.Contains(after, link) {
		t.Errorf("the set-up link belongs in the banner of a new server only:\n%s\n%s", before, after)
	}
}
