package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

func contextOf(t *testing.T, d *db.DB, q moderation.SubmissionContextQuery) moderation.SubmissionContext {
	t.Helper()
	return must[moderation.SubmissionContext](t)(d.Submissions.SubmissionContext(t.Context(), q))
}

func TestTheFirstSubmissionHasAnEmptyContext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		wantEqual(t, contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", ParentID: b.NewID(),
			EmailIndexes: [][]byte{dbtest.Index("x")}, AddressIndex: dbtest.Index("y"), Fingerprint: []byte("z"), Now: b.Now()},
		), moderation.SubmissionContext{})
		wantEqual(t, contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, Now: b.Now()}), moderation.SubmissionContext{})
	})
}

func TestTheContextIsReadInOneRound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		parent := b.Comment(article, dbtest.Draft{Email: "ben@example.org"})
		b.Decide(b.Comment(article, dbtest.Draft{Status: moderation.StatusPending}), moderation.ActionSpam)
		negative := b.Now()
		b.Comment(article, dbtest.Draft{Status: moderation.StatusPending})
		q := moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", ParentID: parent.ID, Now: b.Now(),
			EmailIndexes: [][]byte{[]byte("a newer key"), dbtest.Index("ann@example.org")}}
		known := contextOf(t, d, q)
		wantEqual(t, *known.Article, must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), article.ID)))
		wantEqual(t, *known.Parent, parent)
		wantEqual(t, *known.Commenter, must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), known.Commenter.ID)))
		wantEqual(t, known.Commenter.Record, moderation.Record{Pending: 1, Spam: 1, LastNegativeAt: negative, LastDecided: "spam"})
		q.SiteID = b.Site("weekly").ID
		wantEqual(t, contextOf(t, d, q), moderation.SubmissionContext{})
	})
}

func TestAReplyToAModeratorIsKnownAsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		b.Moderator("mo@example.org", auth.RoleAdmin)
		for email, want := range map[string]bool{"mo@example.org": true, "ann@example.org": false} {
			parent := b.Comment(article, dbtest.Draft{Email: email})
			known := contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", ParentID: parent.ID, Now: b.Now()})
			wantEqual(t, known.ParentByModerator, want)
		}
		tamper(t, d, `UPDATE moderators SET disabled_at = $1`, db.Time(b.Now()))
		parent := b.Comment(article, dbtest.Draft{Email: "mo@example.org"})
		known := contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", ParentID: parent.ID, Now: b.Now()})
		wantEqual(t, known.ParentByModerator, false)
	})
}

func TestTheStatusOfTheLastDecidedCommentIsKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		lastDecided := func(want moderation.Status) {
			t.Helper()
			known := contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", Now: b.Now(),
				EmailIndexes: [][]byte{dbtest.Index("ann@example.org")}})
			wantEqual(t, known.Commenter.Record.LastDecided, want)
		}
		first := b.Comment(article, dbtest.Draft{Status: moderation.StatusPending})
		lastDecided("")
		b.Decide(first, moderation.ActionReject)
		lastDecided(moderation.StatusRejected)
		second := b.Comment(article, dbtest.Draft{})
		lastDecided(moderation.StatusApproved)
		b.Comment(article, dbtest.Draft{Status: moderation.StatusPending})
		lastDecided(moderation.StatusApproved)
		b.Decide(second, moderation.ActionDelete)
		lastDecided(moderation.StatusRejected)
	})
}

func TestTheCommenterUnderThePrimaryKeyComesFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		old, primary := b.Comment(article, dbtest.Draft{Email: "old", Address: "1"}), b.Comment(article, dbtest.Draft{Email: "primary", Address: "1"})
		q := moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", Now: b.Now(), AddressIndex: dbtest.Index("1"),
			EmailIndexes: [][]byte{dbtest.Index("primary"), dbtest.Index("old")}}
		known := contextOf(t, d, q)
		wantEqual(t, known.Commenter.ID, primary.CommenterID)
		wantEqual(t, known.Velocity.Author.Day, 2) // it is the same person under both
		q.EmailIndexes = q.EmailIndexes[1:]
		wantEqual(t, contextOf(t, d, q).Commenter.ID, old.CommenterID)
	})
}

func TestVelocityCountsSubmissionsInThreeWindows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		one, two := b.Article(site, "one"), b.Article(site, "two")
		other := b.Article(b.Site("weekly"), "one")
		now := dbtest.Epoch.AddDate(0, 0, 3)
		send := func(ago time.Duration, article moderation.Article, draft dbtest.Draft) moderation.Comment {
			n := b.NewComment(article, draft)
			n.Comment.CreatedAt, n.Submission.CreatedAt = now.Add(-ago), now.Add(-ago)
			return must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
		}
		ann, ben := dbtest.Draft{Address: "1"}, dbtest.Draft{Email: "ben", Address: "1"}
		send(time.Second, one, ann)
		send(2*time.Minute, one, ann)
		send(time.Hour+time.Second, two, ann)
		send(24*time.Hour+time.Second, one, ann)
		elsewhere := ann
		elsewhere.Address = "2"
		send(time.Second, two, elsewhere)
		spam := ben
		spam.Status, spam.Address = moderation.StatusSpam, ""
		send(3*time.Second, one, spam)
		send(2*time.Hour, two, ben)
		send(time.Second, other, ann) // on another site
		known := contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", Now: now,
			EmailIndexes: [][]byte{dbtest.Index("ann@example.org")}, AddressIndex: dbtest.Index("1"), Fingerprint: []byte("x")})
		wantEqual(t, known.Velocity, moderation.Velocity{
			Author:  moderation.Rate{Minute: 1, Hour: 2, Day: 3},
			Address: moderation.Rate{Minute: 1, Hour: 2, Day: 4},
			Article: moderation.Rate{Minute: 2, Hour: 3, Day: 3},
		})
	})
}

func TestAnEditIsASubmissionForVelocity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		c := b.Comment(b.Article(site, "one"), dbtest.Draft{})
		ok(t, d.Submissions.ReviseComment(t.Context(), b.NewRevision(c, "again", moderation.StatusApproved)))
		known := contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", Now: b.Now()})
		wantEqual(t, known.Velocity.Article.Minute, 2)
	})
}

func TestCopiesAreFoundByTheirFingerprint(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		one, two := b.Article(site, "one"), b.Article(site, "two")
		mine := b.Comment(one, dbtest.Draft{Body: "buy", Address: "1"})
		b.Comment(two, dbtest.Draft{Body: "buy", Address: "1"})
		b.Comment(one, dbtest.Draft{Body: "buy", Email: "ben", Status: moderation.StatusSpam})
		withdrawn := b.Comment(two, dbtest.Draft{Body: "buy", Email: "cy"})
		ok(t, d.Comments.EraseComment(t.Context(), b.NewDecision(withdrawn, moderation.ActionDelete)))
		b.Comment(one, dbtest.Draft{Body: "something else"})
		b.Comment(b.Article(b.Site("weekly"), "one"), dbtest.Draft{Body: "buy"})
		n := b.NewComment(one, dbtest.Draft{Body: "buy"})
		q := moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", Now: b.Now(), Fingerprint: n.Submission.Fingerprint,
			EmailIndexes: [][]byte{dbtest.Index("ann@example.org")}, AddressIndex: dbtest.Index("1")}
		wantEqual(t, contextOf(t, d, q).Copies, moderation.Copies{Author: 2, SameParent: 1, Article: 2, Site: 3}) // withdrawn submissions are forgotten
		q.AddressIndex = dbtest.Index("2")                                                                        // somebody who only knows the email
		wantEqual(t, contextOf(t, d, q).Copies, moderation.Copies{Author: 0, Article: 2, Site: 3})
		q.AddressIndex, q.ExceptComment = dbtest.Index("1"), mine.ID
		wantEqual(t, contextOf(t, d, q).Copies, moderation.Copies{Author: 1, Article: 1, Site: 2})
		q.Now = q.Now.AddDate(0, 0, 2)
		wantEqual(t, contextOf(t, d, q).Copies, moderation.Copies{})
	})
}

func TestABatchKnowsOfEachSubmissionWhatItWouldKnowAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		sites := []moderation.Site{b.Site("daily"), b.Site("weekly")}
		var queries []moderation.SubmissionContextQuery
		for i := range 70 { // more than any statement has rows on SQLite
			article := b.NewArticle(sites[i%2], fmt.Sprint("article-", i%11))
			n := b.NewComment(article, dbtest.Draft{Email: fmt.Sprint("reader-", i%9), Address: fmt.Sprint(i % 5),
				Body: fmt.Sprint("We sell the finest watches of all makers and send them anywhere, also number ", i%7)})
			n.Submission.MinHash = moderation.NewMinHash(text.Read(n.Submission.Body))
			must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
			queries = append(queries, moderation.SubmissionContextQuery{SiteID: article.SiteID, ArticleKey: article.Key,
				EmailIndexes: [][]byte{n.Commenter.EmailIndex}, AddressIndex: n.Submission.AddressIndex,
				Fingerprint: n.Submission.Fingerprint, MinHash: n.Submission.MinHash})
		}
		for i := range queries {
			queries[i].Now = b.Now() // a batch counts as of one time
		}
		byCluster := func(a, b moderation.NearDuplicate) int { return strings.Compare(a.Cluster, b.Cluster) }
		for i, r := range db.SubmissionContexts(t.Context(), d, queries) {
			ok(t, r.Err)
			alone := contextOf(t, d, queries[i])
			slices.SortFunc(r.Value.NearDuplicates, byCluster)
			slices.SortFunc(alone.NearDuplicates, byCluster)
			wantEqual(t, r.Value, alone)
			if i == 69 && (alone.Velocity.Author.Day == 0 || alone.Copies.Site == 0 || len(alone.NearDuplicates) == 0) {
				t.Errorf("the newest finds nothing: %+v", alone)
			}
		}
	})
}

func TestCountsOfVelocityEndAtAThousand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		c := b.Comment(b.Article(site, "one"), dbtest.Draft{})
		tamper(t, d, `
			WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
			INSERT INTO submissions SELECT `+copyID(d, 1)+`, site_id, article_id, commenter_id, comment_id, i, author_name, author_url,
				body, fingerprint, facts, verdict, ruleset_id, address_index, address_prefix, created_at
			FROM submissions CROSS JOIN n WHERE comment_id = $1 AND revision = 1`, db.ID(c.ID))
		known := contextOf(t, d, moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", Now: b.Now()})
		wantEqual(t, known.Velocity.Article, moderation.Rate{Minute: 1000, Hour: 1000, Day: 1000})
	})
}

func TestABrowserHasARecordOfItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		mine := dbtest.Draft{BrowserID: "mine"}
		first := b.Comment(article, mine)
		b.Comment(article, mine)
		b.Decide(b.Comment(article, mine), moderation.ActionReject)
		negative := b.Now()
		b.Decide(b.Comment(article, dbtest.Draft{BrowserID: "another's"}), moderation.ActionSpam)
		undone := b.Decide(b.Comment(article, mine), moderation.ActionSpam)
		b.Decide(undone, moderation.ActionApprove)
		record := must[moderation.Record](t)(d.Commenters.BrowserRecord(t.Context(), moderation.BrowserQuery{CommenterID: first.CommenterID, BrowserID: "mine"}))
		if record.LastNegativeAt.IsZero() || record.LastNegativeAt.After(negative) {
			t.Errorf("a decision that was undone counts, or none does: %v", record.LastNegativeAt)
		}
		record.LastNegativeAt = time.Time{}
		wantEqual(t, record, moderation.Record{Approved: 3, Rejected: 1, LastDecided: moderation.StatusApproved})
		wantEqual(t, must[moderation.Record](t)(d.Commenters.BrowserRecord(t.Context(), moderation.BrowserQuery{CommenterID: first.CommenterID, BrowserID: "unknown"})), moderation.Record{})
	})
}
