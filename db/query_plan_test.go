package db_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/queue"
)

// TestSQLiteScansNoGrowingTable explains each statement of the program on SQLite.
func TestSQLiteScansNoGrowingTable(t *testing.T) {
	address := dbtest.SQLiteURL(t)
	dbtest.Migrated(t, address)
	d, recorder := db.OpenRecording(t, address)
	driveEverything(t, d)
	statements := recorder.Take()
	if len(statements) < 80 {
		t.Fatalf("only %d statements were recorded", len(statements))
	}
	// "SCAN x" visits every row of x. Allowed are: a list in the parameters, a subquery that a LIMIT bounds,
	// directly or through its input, the ancestors of one comment, small tables (sites, moderators,
	// webhooks), indexes of the few comments to be erased or of open appeals, and FTS5 tables queried by
	// words or by row.
	harmless := regexp.MustCompile(
		`^SCAN (recent|found|v|k|m|w|chain|free|branch|roots|sums|head|all_of|page|p|site|sites|moderators|webhooks|above|CONSTANT ROW|\d+ CONSTANT ROWS|\d+-ROW VALUES CLAUSE|\(subquery-\d+\)|sqlite_master|c USING INDEX comments_to_erase|appeals USING INDEX appeals_open|(i|comment_search_index) VIRTUAL TABLE INDEX \d+:\S+)( |$)`)
	seen := map[string]bool{}
	for _, s := range statements {
		if seen[s.Query] || strings.HasPrefix(strings.TrimSpace(s.Query), "EXPLAIN") {
			continue
		}
		seen[s.Query] = true
		for _, step := range explainSQLite(t, d, s) {
			if strings.HasPrefix(step, "SCAN") && !harmless.MatchString(step) {
				t.Errorf("%s\nin %s", step, s.Query)
			}
		}
	}
}

func explainSQLite(t *testing.T, d *db.DB, s db.Statement) []string {
	t.Helper()
	var args []any
	for _, a := range s.Args {
		args = append(args, a.Value)
	}
	rows, err := db.Raw(d).QueryxContext(t.Context(), `EXPLAIN QUERY PLAN `+s.Query, args...)
	ok(t, err)
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		ok(t, rows.Scan(&id, &parent, &unused, &detail))
		steps = append(steps, detail)
	}
	ok(t, rows.Err())
	return steps
}

// TestPostgresScansNoGrowingTable disables sequential scans wherever there is an alternative, calls
// everything, and checks whether a scan happened nevertheless.
func TestPostgresScansNoGrowingTable(t *testing.T) {
	address := dbtest.PostgresURL(t)
	dbtest.Migrated(t, address)
	scans := func() map[string]int {
		d := dbtest.Open(t, address)
		var rows []struct {
			Table string `db:"relname"`
			Scans int    `db:"seq_scan"`
		}
		tamper(t, d, `SELECT pg_stat_force_next_flush()`)
		ok(t, db.Raw(d).SelectContext(t.Context(), &rows, `
			SELECT relname, seq_scan FROM pg_stat_user_tables WHERE schemaname = current_schema()`))
		found := map[string]int{}
		for _, row := range rows {
			found[row.Table] = row.Scans
		}
		return found
	}
	before := scans()
	d, err := db.Open(t.Context(), address, db.Options{Connections: 1})
	ok(t, err)
	driveEverything(t, d)
	tamper(t, d, `SET enable_seqscan = on`)
	tamper(t, d, `SELECT COUNT(*) FROM moderators`) // a scan that must show, or nothing would
	tamper(t, d, `SELECT pg_stat_force_next_flush()`)
	ok(t, d.Close())
	after := scans()
	if after["moderators"] == before["moderators"] {
		t.Fatal("the counts of scans don't move")
	}
	for table := range after {
		if regexp.MustCompile(`^(`+growing+`)$`).MatchString(table) && after[table] != before[table] {
			t.Errorf("%s was scanned %d times", table, after[table]-before[table])
		}
	}
}

// TestThreadAndQueueAreReadInTheOrderOfAnIndex: no sorting, and the index meant for it.
func TestThreadAndQueueAreReadInTheOrderOfAnIndex(t *testing.T) {
	address := dbtest.SQLiteURL(t)
	dbtest.Migrated(t, address)
	d, recorder := db.OpenRecording(t, address)
	b := dbtest.Build(t, d)
	article := b.Article(b.Site("daily"), "one")
	one := b.Comment(article, dbtest.Draft{})
	inQueue := func(sort queue.Sort) func() error {
		return func() error {
			_, err := d.Queue.Queue(t.Context(), queue.Select{SiteIDs: []string{article.SiteID}, Status: "pending", Sort: sort, Limit: 9})
			return err
		}
	}
	roots := func(sort moderation.ThreadSort) func() error {
		return func() error {
			_, err := d.Threads.ThreadRoots(t.Context(), moderation.RootsSelect{ArticleID: article.ID, Sort: sort, From: idempotencyKeyOf(one), Budget: 9, Replies: 8})
			return err
		}
	}
	latest := func(sel moderation.LatestSelect) func() error {
		return func() error {
			_, err := d.Threads.LatestComments(t.Context(), sel)
			return err
		}
	}
	for name, tc := range map[string]struct {
		index string
		read  func() error
	}{
		"oldest roots":          {"comments_thread_roots", roots(moderation.ThreadOldest)},
		"newest roots":          {"comments_thread_roots", roots(moderation.ThreadNewest)},
		"best roots":            {"comments_thread_best", roots(moderation.ThreadBest)},
		"the replies of a page": {"comments_thread_replies", roots(moderation.ThreadOldest)},
		"the replies below one root": {"comments_thread_replies", func() error {
			_, err := d.Threads.ThreadBranch(t.Context(), moderation.BranchSelect{ArticleID: article.ID, RootID: one.ID, Limit: 9})
			return err
		}},
		"a site's latest comments":     {"comments_queue", latest(moderation.LatestSelect{SiteID: article.SiteID, Limit: 9})},
		"an article's latest comments": {"comments_latest", latest(moderation.LatestSelect{ArticleID: article.ID, Limit: 9})},
		"the oldest in the queue":      {"comments_queue", inQueue(queue.SortOldest)},
		"the newest in the queue":      {"comments_queue", inQueue(queue.SortNewest)},
		"the riskiest":                 {"comments_risk", inQueue(queue.SortRisk)},
		"the most reported": {"comments_most_reported", func() error {
			_, err := d.Queue.Queue(t.Context(), queue.Select{SiteIDs: []string{article.SiteID}, Status: queue.AnyStatus,
				Sort: queue.SortReports, Limit: 9, Filter: queue.Filter{Reported: true}})
			return err
		}},
		"a page of an export": {"sqlite_autoindex_comments_1", func() error {
			_, err := d.Archive.ExportedComments(t.Context(), archive.Selection{SiteID: article.SiteID}, "", 9)
			return err
		}},
		"a site's articles": {"articles_newest", func() error {
			_, err := d.Articles.Articles(t.Context(), moderation.ArticleSelect{SiteID: article.SiteID, Limit: 9})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			recorder.Take()
			ok(t, tc.read())
			plan := strings.Join(explainSQLite(t, d, recorder.Take()[0]), "\n")
			if !strings.Contains(plan, "INDEX "+tc.index) {
				t.Errorf("%s is not used:\n%s", tc.index, plan)
			}
			if strings.Contains(plan, "AUTOMATIC") || strings.Contains(plan, "comments_parent") {
				t.Errorf("it goes another way:\n%s", plan)
			}
			if strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("it sorts:\n%s", plan)
			}
		})
	}
}

// TestPostgresReadsAThreadInTheOrderOfItsIndex looks at the plan among many comments of other articles.
func TestPostgresReadsAThreadInTheOrderOfItsIndex(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.PostgresURL(t))
	b := dbtest.Build(t, d)
	site := b.Site("daily")
	article := b.Article(site, "one")
	root := b.Comment(article, dbtest.Draft{})
	b.Comment(article, dbtest.Draft{Parent: &root})
	tamper(t, d, `
		INSERT INTO comments SELECT `+copyID(d, 1)+`, site_id, article_id, commenter_id, NULL, `+copyID(d, 1)+`, 0, 1, 1, status,
			'', '', '', '', i, i, '', id, '', 0, 0, 0, 0, 0, FALSE, FALSE, '', '', created_at, NULL
		FROM comments CROSS JOIN generate_series(1, 20000) AS n (i) WHERE parent_id IS NULL`)
	tamper(t, d, `
		INSERT INTO comments SELECT `+copyID(d, 2)+`, site_id, article_id, commenter_id, id, id, 1, 1, 1, status,
			'', '', '', '', i, i, '', id, '', 0, 0, 0, 0, 0, FALSE, FALSE, '', '', created_at, NULL
		FROM comments CROSS JOIN generate_series(1, 20000) AS n (i) WHERE id = '`+root.ID+`'`)
	tamper(t, d, `ANALYZE comments`)
	visible := `(status = 'approved' OR visible_replies > 0)`
	for index, query := range map[string]string{
		"comments_thread_roots": fmt.Sprintf(`SELECT * FROM comments WHERE article_id = '%s' AND (created_at, id) > ('2026-01-01', '00000000-0000-0000-0000-000000000000')
			AND parent_id IS NULL AND %s ORDER BY created_at, id LIMIT 20`, article.ID, visible),
		"comments_thread_replies": fmt.Sprintf(`SELECT * FROM comments WHERE root_id = '%s' AND (created_at, id) > ('2026-01-01', '00000000-0000-0000-0000-000000000000')
			AND parent_id IS NOT NULL AND %s ORDER BY created_at, id LIMIT 20`, root.ID, visible),
		"comments_queue": fmt.Sprintf(`SELECT * FROM comments WHERE site_id = '%s' AND status = 'approved'
			AND (created_at, id) > ('2026-01-01', '00000000-0000-0000-0000-000000000000') ORDER BY created_at, id LIMIT 20`, site.ID),
		"comments_most_reported": fmt.Sprintf(`SELECT * FROM comments WHERE site_id = '%s' AND open_reports > 0
			AND (open_reports, id) < (9, '00000000-0000-0000-0000-000000000000') ORDER BY open_reports DESC, id DESC LIMIT 20`, site.ID),
		"comments_risk": fmt.Sprintf(`SELECT * FROM comments WHERE site_id = '%s' AND status = 'approved'
			AND (risk, id) < (1000, '00000000-0000-0000-0000-000000000000') ORDER BY risk DESC, id DESC LIMIT 20`, site.ID),
	} {
		plan := strings.Join(queryLines(t, d, `EXPLAIN `+query), "\n")
		if !strings.Contains(plan, index) || strings.Contains(plan, "Sort") || strings.Contains(plan, "Seq Scan") {
			t.Errorf("%s is not enough:\n%s", index, plan)
		}
	}
}

// TestPostgresPlansAThreadOnce reads one big thread so often that PostgreSQL has to choose between the
// generic plan and a new one for each execution.
func TestPostgresPlansAThreadOnce(t *testing.T) {
	address := migratedPostgres(t)
	d := dbtest.Open(t, address)
	b := dbtest.Build(t, d)
	site := b.Site("daily")
	article := b.Article(site, "one")
	for i := range 30 { // beside which this one is unusual
		b.Comment(b.Article(site, fmt.Sprint(i)), dbtest.Draft{})
	}
	root := b.Comment(article, dbtest.Draft{})
	for range moderation.RepliesPerRoot + 5 {
		b.Comment(article, dbtest.Draft{Parent: &root})
	}
	tamper(t, d, `
		INSERT INTO comments SELECT `+copyID(d, 1)+`, site_id, article_id, commenter_id, NULL, `+copyID(d, 1)+`, 0, 1, 1, status,
			'', '', '', '', i, i, '', id, '', 1, 0, 0, 0, 0, FALSE, FALSE, '', '', created_at, NULL
		FROM comments CROSS JOIN generate_series(1, 5000) AS n (i) WHERE id = $1`, root.ID)
	tamper(t, d, `
		INSERT INTO comments SELECT `+copyID(d, 2)+`, site_id, article_id, commenter_id, comments.id, comments.id, 1, 1, 1, status,
			'', '', '', '', 0, 0, '', id, '', 0, 0, 0, 0, 0, FALSE, FALSE, '', '', created_at, NULL
		FROM comments JOIN generate_series(1, 5000) AS n (i) ON comments.id = `+copyID(d, 1))
	tamper(t, d, `ANALYZE comments`)
	reads, err := db.Open(t.Context(), address, db.Options{Connections: 1})
	ok(t, err)
	t.Cleanup(func() { ok(t, reads.Close()) })
	for range 20 {
		for _, sort := range []moderation.ThreadSort{moderation.ThreadOldest, moderation.ThreadNewest, moderation.ThreadBest} {
			page := must[[]moderation.Branch](t)(reads.Threads.ThreadRoots(t.Context(),
				moderation.RootsSelect{ArticleID: article.ID, Sort: sort, Budget: 50, Replies: 20}))
			if len(page) < 15 {
				t.Fatalf("only %d roots", len(page))
			}
		}
		_, _, err := reads.Threads.ThreadArticle(t.Context(), "daily", "one")
		ok(t, err)
		must[moderation.ArticleVersion](t)(reads.Threads.ArticleVersion(t.Context(), "daily", "one"))
	}
	plans := queryLines(t, reads, `SELECT custom_plans || ' ' || generic_plans FROM pg_prepared_statements WHERE statement LIKE '%articles%' OR statement LIKE '%roots%'`)
	wantEqual(t, plans, []string{"5 15", "5 15", "5 15", "5 15", "5 15"})
}

func migratedPostgres(t *testing.T) string {
	t.Helper()
	address := dbtest.PostgresURL(t)
	dbtest.Migrated(t, address)
	return address
}
