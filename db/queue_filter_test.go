package db_test

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// hitBy is the verdict of a ruleset whose rules fired.
func hitBy(rules ...string) string {
	hits := make([]string, len(rules))
	for i, rule := range rules {
		hits[i] = `{"rule":"` + rule + `"}`
	}
	return `{"action":"hold","hits":[` + strings.Join(hits, ",") + `]}`
}

func TestEachFilterOfTheQueueFindsItsComments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		one, two := b.Article(site, "one"), b.Article(site, "two")
		held := func(a moderation.Article, draft dbtest.Draft) moderation.Comment {
			draft.Status = moderation.StatusPending
			return b.Comment(a, draft)
		}
		first := held(one, dbtest.Draft{Score: 5, Verdict: hitBy("links", "caps"), Body: "See https://Shop.example/a and https://other.example"})
		second := held(two, dbtest.Draft{Score: 9, Verdict: hitBy("links"), Language: "de", Email: "ben"})
		third := held(two, dbtest.Draft{Score: 1, Cluster: first.ID, AuthorURL: "https://shop.example"})
		b.Comment(one, dbtest.Draft{Status: moderation.StatusSpam, Verdict: hitBy("links"), Language: "de", Cluster: first.ID})
		reported := b.Comment(one, dbtest.Draft{})
		ok(t, d.Reports.CreateReport(t.Context(), newReport(b, reported.ID, 1, 1)))
		public := b.Comment(one, dbtest.Draft{})
		ok(t, d.Reports.CreateReport(t.Context(), newReport(b, public.ID, 1, 0)))
		refused := b.Comment(one, dbtest.Draft{Status: moderation.StatusRejected})
		ok(t, d.Appeals.CreateAppeal(t.Context(), moderation.Appeal{CommentID: refused.ID, Body: "why?", CreatedAt: b.Now()},
			b.NewDecision(refused, moderation.ActionHold)))
		for name, tc := range map[string]struct {
			filter queue.Select
			want   []string
		}{
			"a rule":             {queue.Select{Filter: queue.Filter{Rule: "links"}}, []string{first.ID, second.ID}},
			"a host in the text": {queue.Select{Filter: queue.Filter{Host: "other.example"}}, []string{first.ID}},
			"a host of text or writer": {queue.Select{Filter: queue.Filter{Host: "shop.example"}},
				[]string{first.ID, third.ID}},
			"a rule and a host": {queue.Select{Filter: queue.Filter{Rule: "caps", Host: "shop.example"}}, []string{first.ID}},
			"a language":        {queue.Select{Filter: queue.Filter{Language: "de"}}, []string{second.ID}},
			"a cluster":         {queue.Select{Filter: queue.Filter{Cluster: first.ID}}, []string{first.ID, third.ID}},
			"a commenter":       {queue.Select{Filter: queue.Filter{CommenterID: second.CommenterID}}, []string{second.ID}},
			"an article":        {queue.Select{ArticleID: two.ID}, []string{second.ID, third.ID}},
			"reports":           {queue.Select{Filter: queue.Filter{Reported: true}}, []string{reported.ID}},
			"reports in any status": {queue.Select{Status: queue.AnyStatus, Filter: queue.Filter{Reported: true}},
				[]string{reported.ID, public.ID}},
			"appeals": {queue.Select{Filter: queue.Filter{Appealed: true}}, []string{refused.ID}},
			"an age": {queue.Select{Filter: queue.Filter{From: second.CreatedAt, To: third.CreatedAt}},
				[]string{second.ID}},
			"nothing that there is": {queue.Select{Filter: queue.Filter{Rule: "x", Language: "y"}}, []string{}},
		} {
			t.Run(name, func(t *testing.T) {
				q := tc.filter
				q.Status, q.Limit, q.Sort = cmp.Or(q.Status, moderation.StatusPending), 9, queue.SortOldest
				wantEqual(t, idsOf(must[[]queue.Row](t)(d.Queue.Queue(t.Context(), q))), tc.want)
				q.Sort = queue.SortNewest
				wantEqual(t, idsOf(must[[]queue.Row](t)(d.Queue.Queue(t.Context(), q))), reversed(tc.want))
				wantEqual(t, must[int](t)(d.Queue.QueueMatches(t.Context(), q, 9)), len(tc.want))
				q.Limit, q.Sort = 1, queue.SortRisk // page by page
				byRisk := map[string]bool{}
				for range tc.want {
					page := must[[]queue.Row](t)(d.Queue.Queue(t.Context(), q))
					byRisk[page[0].Comment.ID] = true
					q.After = keyAfter(page[0])
				}
				wantEqual(t, len(byRisk), len(tc.want))
			})
		}
	})
}

// keyAfter is the key of the page that follows a row.
func keyAfter(row queue.Row) *queue.Key {
	return &queue.Key{CreatedAt: row.Comment.CreatedAt, Risk: row.Comment.Risk, Reports: row.Comment.OpenReports, ID: row.Comment.ID}
}

func TestDecidedCommentsAreNotFoundByTheirRules(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		q := queue.Select{Status: moderation.StatusPending, Sort: queue.SortOldest, Limit: 9,
			Filter: queue.Filter{Rule: "links"}}
		found := func() int { return len(must[[]queue.Row](t)(d.Queue.Queue(t.Context(), q))) }
		c := b.Comment(article, dbtest.Draft{Status: moderation.StatusPending, Verdict: hitBy("links")})
		wantEqual(t, found(), 1)
		c = b.Decide(c, moderation.ActionApprove)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM pending_rules`)+queryInt(t, d, `SELECT COUNT(*) FROM pending_hosts`), 0)
		c = b.Decide(c, moderation.ActionHold)
		wantEqual(t, found(), 1)
		ok(t, d.Submissions.ReviseComment(t.Context(), b.NewRevision(c, "Nothing to see here", moderation.StatusPending)))
		wantEqual(t, found(), 0)
	})
}

func TestReportsRaiseTheRiskUntilTheyAreResolved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		c := b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{Score: 3})
		risk := func() float64 {
			return must[queue.Row](t)(d.Queue.QueueRow(t.Context(), c.ID)).Comment.Risk
		}
		for reader := range 2 {
			ok(t, d.Reports.CreateReport(t.Context(), newReport(b, c.ID, reader, 0)))
		}
		wantEqual(t, risk(), 23.0)
		b.Decide(c, moderation.ActionReject)
		wantEqual(t, risk(), 3.0)
	})
}

func TestCopiesOfADayAreOneCluster(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		c := b.Comment(b.Article(site, "one"), dbtest.Draft{Body: "Buy now"})
		sum := sha256.Sum256([]byte("Buy now"))
		q := moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", Now: b.Now(), Fingerprint: sum[:]}
		wantEqual(t, must[moderation.SubmissionContext](t)(d.Submissions.SubmissionContext(t.Context(), q)).CopyCluster, c.ID)
		q.ExceptComment = c.ID
		wantEqual(t, must[moderation.SubmissionContext](t)(d.Submissions.SubmissionContext(t.Context(), q)).CopyCluster, "")
		q.ExceptComment, q.Now = "", b.Now().Add(25*time.Hour)
		wantEqual(t, must[moderation.SubmissionContext](t)(d.Submissions.SubmissionContext(t.Context(), q)).CopyCluster, "")
	})
}

// filtered are selections of pending comments with every filter of the queue.
func filtered(c moderation.Comment) map[string]queue.Select {
	found := map[string]queue.Select{
		"comments_latest":    {ArticleID: c.ArticleID},
		"pending_rules":      {Filter: queue.Filter{Rule: "links"}},
		"pending_hosts":      {Filter: queue.Filter{Host: "shop.example"}},
		"comments_language":  {Filter: queue.Filter{Language: "de"}},
		"comments_cluster":   {Filter: queue.Filter{Cluster: c.ID}},
		"comments_commenter": {Filter: queue.Filter{CommenterID: c.CommenterID}},
		"comments_reported":  {Status: queue.AnyStatus, Filter: queue.Filter{Reported: true}},
		"appeals_open":       {Filter: queue.Filter{Appealed: true}},
		"comments_queue":     {Filter: queue.Filter{From: c.CreatedAt, To: c.CreatedAt.Add(time.Hour)}},
	}
	for index, sel := range found {
		sel.SiteIDs, sel.Sort, sel.Limit = []string{c.SiteID}, queue.SortOldest, 9
		sel.Status = cmp.Or(sel.Status, moderation.StatusPending)
		found[index] = sel
	}
	return found
}

// TestEachFilterOfTheQueueHasAnIndexToDriveIt checks the plans with so many other comments that no engine
// prefers a scan.
func TestEachFilterOfTheQueueHasAnIndexToDriveIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		c := b.Comment(b.Article(site, "one"), dbtest.Draft{Status: moderation.StatusPending, Verdict: hitBy("links"), Language: "de",
			Email: "ben", AuthorURL: "https://shop.example"})
		addCopies(t, d, b.Comment(b.Article(site, "two"), dbtest.Draft{Status: moderation.StatusPending, Verdict: hitBy("caps")}))
		for index, sel := range filtered(c) {
			plan := strings.Join(explainQueue(t, d, sel), "\n")
			// A table that is its primary key has no index with a name.
			driven := strings.Contains(plan, index) || strings.HasPrefix(index, "pending_") && strings.Contains(plan, "w USING PRIMARY KEY")
			if !driven || strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "SCAN c") {
				t.Errorf("%s does not drive:\n%s", index, plan)
			}
		}
	})
}

// addCopies makes many copies of a comment, the newest of which are as old as it.
func addCopies(t *testing.T, d *db.DB, c moderation.Comment) {
	t.Helper()
	const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) `
	tamper(t, d, `INSERT INTO comments `+numbers+`
		SELECT `+copyID(d, 1)+`, site_id, article_id, commenter_id, NULL, NULL, 0, 1, 1, status,
			'', '', '', '', 0, i, '', `+copyID(d, 1)+`, '', 0, 0, 0, 0, 0, FALSE, FALSE, '', '', created_at, NULL
		FROM comments CROSS JOIN n WHERE id = $1`, db.ID(c.ID))
	tamper(t, d, `INSERT INTO pending_rules
		SELECT (SELECT rule_key FROM pending_rule_names WHERE rule = 'caps'), created_at, id
		FROM comments WHERE id < $1`, db.ID(c.ID))
	tamper(t, d, `INSERT INTO pending_hosts SELECT site_id, 'other.example', created_at, id FROM comments WHERE id < $1`, db.ID(c.ID))
	tamper(t, d, `INSERT INTO appeals SELECT id, '', '', created_at, created_at, 'approved' FROM comments WHERE id < $1`, db.ID(c.ID))
	tamper(t, d, `ANALYZE`)
}

// copyID is an expression for the id of copy i of call 1, 2 or 3. All sort before the ids of a builder.
func copyID(d *db.DB, number int) string {
	return dbtest.IDExpr(d.Engine(), fmt.Sprintf(`'018%d0000-0000-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2)`, number))
}

// explainQueue returns the plan for the first page of a selection.
func explainQueue(t *testing.T, d *db.DB, sel queue.Select) []string {
	t.Helper()
	query, args := db.QueueStatement(d, sel)
	if d.Engine() == db.Postgres {
		return queryLines(t, d, `EXPLAIN `+query, args...)
	}
	var steps []struct {
		ID     int    `db:"id"`
		Parent int    `db:"parent"`
		Unused int    `db:"notused"`
		Detail string `db:"detail"`
	}
	ok(t, db.Raw(d).SelectContext(t.Context(), &steps, `EXPLAIN QUERY PLAN `+query, db.Bind(d, args)...))
	var plan []string
	for _, step := range steps {
		plan = append(plan, step.Detail)
	}
	return plan
}
