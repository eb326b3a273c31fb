package imports_test

import (
	"fmt"
	"strings"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/queue"
	"rejoinder/transfer"
)

// wxr wraps comments of one page.
func wxr(comments ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item>
<title>The mill</title><link>https://gazette.example/mill</link><wp:post_id>7</wp:post_id>` +
		strings.Join(comments, "\n") + `</item></channel></rss>`
}

// wxrComment is a comment on the day of its number.
func wxrComment(id, parent int, approved, body string) string {
	return fmt.Sprintf(`<wp:comment><wp:comment_id>%d</wp:comment_id><wp:comment_parent>%d</wp:comment_parent>
<wp:comment_author>Writer %d</wp:comment_author><wp:comment_author_email>writer%d@mail.example</wp:comment_author_email>
<wp:comment_date_gmt>2020-01-%02d 10:00:00</wp:comment_date_gmt><wp:comment_approved>%s</wp:comment_approved>
<wp:comment_content><![CDATA[%s]]></wp:comment_content></wp:comment>`, id, parent, id, id, id, approved, body)
}

func TestThreadsStatesAndVotesComeAlong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		report := b.mustRun(wxr(
			wxrComment(3, 2, "1", "A reply\nin two lines"), // before its parent
			wxrComment(1, 0, "1", "The <b>first</b> &amp; *best*"),
			wxrComment(2, 1, "0", "Waits"),
			wxrComment(4, 0, "spam", "Pills"),
			wxrComment(5, 99, "1", "An orphan"),
			wxrComment(6, 7, "1", "In a"), wxrComment(7, 6, "1", "circle"),
			wxrComment(8, 0, "trash", "Thrown away"), wxrComment(9, 8, "1", "Below it"),
		), imports.Request{})
		if report.Imported != 9 || report.Codes["orphan"] != 1 || report.Codes["cycle"] != 1 {
			t.Fatalf("%+v", report)
		}
		const page = "https://gazette.example/mill"
		at := func(day int) string { return fmt.Sprintf("2020-01-%02d 10:00:00", day) }
		same(t, b.comments(), []shown{
			{page, "Writer 1", "<p>The <strong>first</strong> &amp; *best*</p>", "approved", "", 0, 1, 0, 0, at(1)},
			{page, "Writer 2", "<p>Waits</p>", "pending", "Writer 1", 1, 1, 0, 0, at(2)},
			{page, "Writer 3", "<p>A reply<br>\nin two lines</p>", "approved", "Writer 2", 2, 0, 0, 0, at(3)},
			{page, "Writer 4", "<p>Pills</p>", "spam", "", 0, 0, 0, 0, at(4)},
			{page, "Writer 5", "<p>An orphan</p>", "approved", "", 0, 0, 0, 0, at(5)},
			{page, "Writer 6", "<p>In a</p>", "approved", "", 0, 1, 0, 0, at(6)},
			{page, "Writer 7", "<p>circle</p>", "approved", "Writer 6", 1, 0, 0, 0, at(7)},
			{page, "", "", "deleted", "", 0, 1, 0, 0, at(8)},
			{page, "Writer 9", "<p>Below it</p>", "approved", "", 1, 0, 0, 0, at(9)},
		})
		newer := b.mustRun(wxr(wxrComment(1, 0, "1", "Edited since"), wxrComment(10, 3, "1", "New")), imports.Request{})
		if newer.Imported != 1 || newer.Present != 1 {
			t.Errorf("a newer export: %+v", newer)
		}
		all := b.comments()
		if all[0].HTML != "<p>The <strong>first</strong> &amp; *best*</p>" || all[0].Replies != 2 || all[9].Depth != 3 {
			t.Errorf("%+v", all)
		}
	})
}

func TestWaitingCopiesAreOneGroupHoweverFarApart(t *testing.T) {
	const offer = "Earn four thousand dollars a week from home with our honest method, ask me how"
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.mustRun(wxr(
			wxrComment(1, 0, "0", offer), wxrComment(5, 0, "0", "Was the mill ever open on a Sunday, as far as anybody here knows?"),
			wxrComment(9, 0, "0", offer+" today"), wxrComment(13, 0, "0", "First!"), wxrComment(17, 0, "0", "first"),
			wxrComment(20, 0, "spam", offer), wxrComment(21, 0, "0", offer),
		), imports.Request{})
		groups, err := d.Queue.QueueGroups(t.Context(), queue.GroupSelect{SiteID: b.site.ID, By: queue.GroupByText, Scan: 99, Limit: 9})
		ok(t, err)
		var counts []int
		for _, g := range groups {
			counts = append(counts, g.Count)
		}
		same(t, counts, []int{3, 2})
	})
}

func TestADryRunWritesNothing(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	b := newBench(t, d)
	report := b.mustRun(wxr(wxrComment(1, 0, "1", "One"), wxrComment(2, 1, "1", "Two")), imports.Request{DryRun: true})
	if report.Imported != 2 || len(b.comments()) != 0 {
		t.Errorf("%+v, %d comments", report, len(b.comments()))
	}
}

func TestRulesDecideOrEverythingWaitsIfAsked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		file := wxr(wxrComment(1, 0, "1", "The tide mill ran until 1956."),
			wxrComment(2, 0, "1", "Buy at https://a.example https://b.example https://c.example https://d.example https://e.example"))
		b.mustRun(file, imports.Request{Source: "judged", Judge: true})
		b.mustRun(file, imports.Request{Source: "held", Hold: true})
		states := map[moderation.Status]int{}
		for _, row := range b.rows() {
			states[row.Comment.Status]++
		}
		if states[moderation.StatusPending] < 3 || states[moderation.StatusApproved] != 1 {
			t.Errorf("%v", states)
		}
	})
}

func TestCommentsWithoutAnEmailBelongToNobodyElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		b.mustRun("id,url,name,text,date\n1,/mill,Ann,One,2020-01-01\n2,/mill,Ann,Two,2020-01-02\n", imports.Request{})
		b.mustRun(`{"version":1,"users":[],"posts":[]}
{"id":"a","pid":"","text":"<p>Hi</p>","user":{"id":"u1","name":"Ann"},"locator":{"url":"https://gazette.example/mill"},"votes":{"x":true,"y":false},"time":"2020-01-03T10:00:00Z"}
{"id":"b","pid":"a","text":"<p>Ho</p>","user":{"id":"u1","name":"Ann"},"locator":{"url":"https://gazette.example/mill"},"time":"2020-01-04T10:00:00Z"}
`, imports.Request{})
		commenters := map[string]int{}
		for _, row := range b.rows() {
			commenters[row.Comment.CommenterID]++
			w, err := d.Commenters.Commenter(t.Context(), row.Comment.CommenterID)
			ok(t, err)
			if len(w.EmailIndex) > 0 || len(w.EmailSealed) > 0 || w.Name != "Ann" {
				t.Errorf("%+v", w)
			}
		}
		if len(commenters) != 3 { // two guests, and one account with two comments
			t.Errorf("%d commenters", len(commenters))
		}
		id := b.rows()[0].Comment
		ok(t, d.Comments.EraseComment(t.Context(), moderation.Decision{ID: b.build.NewID(), SiteID: id.SiteID, CommentID: id.ID,
			Version: 2, Action: moderation.ActionDelete, From: id.Status, To: moderation.StatusDeleted,
			Actor: moderation.ActorCommenter, CreatedAt: b.build.Now()}))
		ok(t, d.Commenters.ForgetCommenter(t.Context(), id.CommenterID))
	})
}

func TestWhatCannotBeKeptIsReportedWithItsPlace(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		code       string
		out        bool
	}{
		{"a text of a megabyte is left out", strings.Repeat("All work and no play. ", 50_000), "too_long", true},
		{"a text that shows nothing is left out", "<script>alert(1)</script> &nbsp;", "empty", true},
		{"bytes that are not UTF-8 are read as Windows-1252", "caf\xe9", "charset", false},
		{"a NUL is removed", "a\x00b", "nul", false},
		{"a control character is removed", "a\x07b", "control", false},
		{"surrogates are put together", "\xed\xa0\xbd\xed\xb8\x80", "surrogates", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
			report, err := b.run([]byte(wxr(wxrComment(1, 0, "1", tc.body))), imports.Request{}, transfer.Options{})
			ok(t, err)
			if report.Codes[tc.code] != 1 || (report.LeftOut == 1) != tc.out || report.Problems[0].Line < 2 {
				t.Errorf("%+v", report)
			}
		})
	}
}

func TestAnImportIsTakenBackUntilSomebodyReplied(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		log := imports.Log{Store: d.ForImportLog(), Now: b.importer.Now, NewID: b.build.NewID}
		b.mustRun(wxr(wxrComment(1, 0, "1", "First"), wxrComment(2, 1, "1", "Second")), imports.Request{})
		before := b.comments()
		b.mustRun(wxr(wxrComment(5, 2, "1", "Below both"), wxrComment(6, 5, "0", "Deeper"), wxrComment(7, 0, "spam", "Pills")),
			imports.Request{})
		all, err := log.List(t.Context(), moderation.Viewer{}, b.site.Slug)
		ok(t, err)
		if _, err := log.Undo(t.Context(), moderation.Viewer{}, b.site.Slug, all[1].ID, nil); err == nil {
			t.Fatal("an import with a reply was taken back")
		}
		removed, err := log.Undo(t.Context(), moderation.Viewer{}, b.site.Slug, all[0].ID, nil)
		ok(t, err)
		if removed != 3 {
			t.Errorf("%d comments were removed", removed)
		}
		again, err := log.Undo(t.Context(), moderation.Viewer{}, b.site.Slug, all[0].ID, nil)
		ok(t, err)
		if again != 0 {
			t.Errorf("the second time, %d comments were removed", again)
		}
		same(t, b.comments(), before)
		_, err = log.Undo(t.Context(), moderation.Viewer{}, b.site.Slug, all[1].ID, nil)
		ok(t, err)
		b.mustRun(wxr(), imports.Request{}) // counters equal rows
		if n := len(b.comments()); n != 0 {
			t.Errorf("%d comments are left", n)
		}
	})
}

func TestABrokenFileLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		var comments []string
		for i := range 1000 {
			comments = append(comments, wxrComment(i+1, 0, "1", fmt.Sprintf("Comment %d", i)))
		}
		whole := wxr(comments...)
		_, err := b.run([]byte(whole[:len(whole)-100]), imports.Request{}, transfer.Options{})
		if err == nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%v", err)
		}
		if n := len(b.comments()); n != 0 {
			t.Errorf("%d comments are left", n)
		}
		if report := b.mustRun(whole, imports.Request{}); report.Imported != 1000 {
			t.Errorf("%+v", report)
		}
	})
}

func TestCommentsComeToArticlesByKeyOrAliasAndToNewOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		known := b.build.Article(b.site, "https://gazette.example/mill-400")
		moved := b.build.Article(b.site, "https://gazette.example/moved")
		alias := moderation.ArticleAlias{Key: "https://gazette.example/mill-7", ArticleID: moved.ID,
			CreatedAt: dbtest.Epoch}
		ok(t, d.Articles.CreateAlias(t.Context(), b.site.ID, alias, nil))
		b.mustRun(manyPages(), imports.Request{})
		for key, want := range map[string]string{known.Key: known.ID, alias.Key: moved.ID} {
			article, err := d.Articles.Article(t.Context(), b.site.ID, key)
			ok(t, err)
			if article.ID != want || article.ApprovedCount != 10 {
				t.Errorf("%s is the article %s with %d comments", key, article.ID, article.ApprovedCount)
			}
		}
		page, err := d.Articles.Article(t.Context(), b.site.ID, "https://gazette.example/mill-399")
		ok(t, err)
		if page.ApprovedCount != 10 || page.Title != "The mill" {
			t.Errorf("a new article is %+v", page)
		}
	})
}
