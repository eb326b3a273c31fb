package db_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func commentText(t *testing.T, d *db.DB, id string) (moderation.Comment, moderation.SubmissionRecord) {
	t.Helper()
	c, s, err := d.Comments.CommentText(t.Context(), id)
	ok(t, err)
	return c, s
}

func TestASubmissionIsStoredWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		n := b.NewComment(b.NewArticle(site, "new"), dbtest.Draft{
			Body: "Zoë\n\n> said 'hi' & 👍 \\ %s $1 :name ?", BrowserID: "browser", Score: 0.1 + 0.2, Address: "192.0.2.7", IdempotencyKey: "k"})
		n.Comment.CreatedAt = n.Comment.CreatedAt.Add(123_456_789)
		n.Submission.Facts, n.Submission.Verdict = []byte(`{"a":"é\"\\"}`), []byte(`{"score":0.25}`)
		created := must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))

		want := n.Comment
		want.CreatedAt = want.CreatedAt.Truncate(time.Microsecond)
		wantEqual(t, created, want)
		got, submission := commentText(t, d, want.ID)
		wantEqual(t, got, want)
		wantEqual(t, string(submission.Verdict) == `{"score":0.25}` || string(submission.Verdict) == `{"score": 0.25}`, true)
		submission.Facts, submission.Verdict = n.Submission.Facts, n.Submission.Verdict
		wantEqual(t, submission, n.Submission)
		wantEqual(t, must[[]moderation.Decision](t)(d.Decisions.Decisions(t.Context(), want.ID)), []moderation.Decision{n.Decision})
		again, hash, err := d.Submissions.IdempotentComment(t.Context(), site.ID, n.Idempotency.KeyHash)
		ok(t, err)
		wantEqual(t, again, want)
		wantEqual(t, hash, n.Idempotency.RequestHash)
		commenter := must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), want.CommenterID))
		n.Commenter.Record.Approved, n.Commenter.Record.LastDecided = 1, moderation.StatusApproved
		wantEqual(t, commenter, n.Commenter)
		article := must[moderation.Article](t)(d.Articles.Article(t.Context(), site.ID, "new"))
		wantEqual(t, article.ApprovedCount, 1)
		checkCounters(t, d)
	})
}

func TestAnUnknownCommentIsNotFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		_, _, err := d.Comments.CommentText(t.Context(), b.NewID())
		wantErr(t, err, moderation.ErrNotFound)
		_, err = d.Commenters.Commenter(t.Context(), b.NewID())
		wantErr(t, err, moderation.ErrNotFound)
		_, _, err = d.Submissions.IdempotentComment(t.Context(), site.ID, []byte("new"))
		wantErr(t, err, moderation.ErrNotFound)
		gone := moderation.Comment{ID: b.NewID(), SiteID: site.ID, Version: 1, Status: moderation.StatusPending}
		wantErr(t, d.Decisions.RecordDecision(t.Context(), b.NewDecision(gone, moderation.ActionApprove)), moderation.ErrNotFound)
		wantErr(t, d.Comments.EraseComment(t.Context(), b.NewDecision(gone, moderation.ActionDelete)), moderation.ErrNotFound)
	})
}

func TestExistingArticlesAndCommentersAreUsed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		first := b.Comment(b.NewArticle(site, "one"), dbtest.Draft{})
		b.Advance(time.Hour)
		n := b.NewComment(b.NewArticle(site, "one"), dbtest.Draft{Name: "Annette"})
		second := must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
		wantEqual(t, second.ArticleID, first.ArticleID)
		wantEqual(t, second.CommenterID, first.CommenterID)
		commenter := must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), first.CommenterID))
		wantEqual(t, commenter.Name, "Annette")
		wantEqual(t, commenter.LastSeenAt, n.Comment.CreatedAt)
		wantEqual(t, commenter.FirstSeenAt, first.CreatedAt)
		wantEqual(t, string(commenter.EmailSealed), "sealed "+first.ID) // bound to the row that is there
		_, submission := commentText(t, d, second.ID)
		wantEqual(t, submission.ArticleID, first.ArticleID)
		wantEqual(t, submission.CommenterID, first.CommenterID)
		checkCounters(t, d)
	})
}

func TestAKnownCommenterMovesToThePrimaryIndex(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		first := b.Comment(article, dbtest.Draft{})
		known := must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), first.CommenterID))
		n := b.NewComment(article, dbtest.Draft{})
		n.Commenter = known
		n.Commenter.EmailIndex = []byte("under a newer key")
		must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
		moved := must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), known.ID))
		wantEqual(t, moved.EmailIndex, n.Commenter.EmailIndex)
		wantEqual(t, moved.EmailSealed, known.EmailSealed)

		// A commenter who is stored under the newer key already stays, and so does the old row.
		other := b.Comment(article, dbtest.Draft{Email: "ben@example.org"})
		n = b.NewComment(article, dbtest.Draft{})
		n.Commenter = must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), other.CommenterID))
		n.Commenter.EmailIndex = moved.EmailIndex
		must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
		wantEqual(t, must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), other.CommenterID)).EmailIndex, dbtest.Index("ben@example.org"))
	})
}

func TestAReplyNeedsAnApprovedParentInItsArticle(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article, elsewhere := b.Article(site, "one"), b.Article(site, "two")
		for _, status := range []moderation.Status{moderation.StatusPending, moderation.StatusRejected, moderation.StatusSpam} {
			parent := b.Comment(article, dbtest.Draft{Status: status})
			_, err := d.Submissions.CreateComment(t.Context(), b.NewComment(article, dbtest.Draft{Parent: &parent}))
			wantErr(t, err, moderation.ErrParentGone)
		}
		parent := b.Comment(article, dbtest.Draft{})
		_, err := d.Submissions.CreateComment(t.Context(), b.NewComment(elsewhere, dbtest.Draft{Parent: &parent}))
		wantErr(t, err, moderation.ErrParentGone)
		unknown := moderation.Comment{ID: b.NewID(), RootID: parent.ID}
		_, err = d.Submissions.CreateComment(t.Context(), b.NewComment(article, dbtest.Draft{Parent: &unknown}))
		wantErr(t, err, moderation.ErrParentGone)
		deleted := b.Decide(parent, moderation.ActionDelete)
		_, err = d.Submissions.CreateComment(t.Context(), b.NewComment(article, dbtest.Draft{Parent: &deleted}))
		wantErr(t, err, moderation.ErrParentGone)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM comments`), 4)
		checkCounters(t, d)
	})
}

func TestOneIdempotencyKeyMakesOneComment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.NewArticle(b.Site("daily"), "one")
		const senders = 8
		var made atomic.Int32
		var group sync.WaitGroup
		for i := range senders {
			// Half of them from the same commenter, half from others: both must end well.
			email := []string{"ann@example.org", "ben@example.org", "", "cy@example.org"}[i%4]
			n := b.NewComment(article, dbtest.Draft{IdempotencyKey: "the key", Email: email})
			group.Go(func() {
				_, err := d.Submissions.CreateComment(t.Context(), n)
				if err == nil {
					made.Add(1)
					return
				}
				if !isOneOf(err, moderation.ErrIdempotencyRace) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		wantEqual(t, made.Load(), int32(1))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM comments`), 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM submissions`), 1)
		checkCounters(t, d)
	})
}

func TestOneEmailSeenForTheFirstTimeTwiceAtOnceIsOneCommenter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		var group sync.WaitGroup
		for range 8 {
			n := b.NewComment(b.NewArticle(site, "one"), dbtest.Draft{})
			group.Go(func() {
				if _, err := d.Submissions.CreateComment(t.Context(), n); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM commenters`), 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM articles`), 1)
		wantEqual(t, queryInt(t, d, `SELECT approved_count FROM articles`), 8)
		checkCounters(t, d)
	})
}

func TestAnEditIsANewSubmission(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		c := b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{Body: "before"})
		r := b.NewRevision(c, "after", moderation.StatusPending)
		r.Comment.PublicReason, r.Comment.Score, r.Comment.AuthorName = "A word.", 2.5, "Anna"
		ok(t, d.Submissions.ReviseComment(t.Context(), r))
		got, submission := commentText(t, d, c.ID)
		wantEqual(t, got, r.Comment)
		wantEqual(t, submission, r.Submission)
		wantEqual(t, len(must[[]moderation.Decision](t)(d.Decisions.Decisions(t.Context(), c.ID))), 2)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM submissions WHERE body = 'before'`), 1)
		wantErr(t, d.Submissions.ReviseComment(t.Context(), r), moderation.ErrVersion)
		checkCounters(t, d)
	})
}

func TestWithdrawalLeavesNoTextAnywhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		c := b.Comment(article, dbtest.Draft{Body: "first secret", Name: "Secret Ann"})
		other := b.Comment(article, dbtest.Draft{Parent: &c, Email: "ben@example.org", Name: "Ben", Body: "a reply"})
		r := b.NewRevision(c, "second secret", moderation.StatusApproved)
		r.Submission.Facts, r.Submission.Verdict = []byte(`{"said":"secret"}`), []byte(`{"hits":"secret"}`)
		ok(t, d.Submissions.ReviseComment(t.Context(), r))
		erasure := b.NewDecision(r.Comment, moderation.ActionDelete)
		erasure.Reason = "Withdrawn."
		ok(t, d.Comments.EraseComment(t.Context(), erasure))

		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM comments
			WHERE id = $1 AND (author_name <> '' OR author_url <> '' OR body_html <> '')`, c.ID), 0)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM submissions
			WHERE comment_id = $1 AND (author_name <> '' OR author_url <> '' OR body <> '' OR facts <> $2 OR verdict <> $2)`,
			c.ID, db.FrozenJSON(`{}`)), 0)
		got, submission := commentText(t, d, c.ID)
		wantEqual(t, got.Status, moderation.StatusDeleted)
		wantEqual(t, got.PublicReason, "Withdrawn.")
		wantEqual(t, string(submission.Verdict), "{}")
		log := must[[]moderation.Decision](t)(d.Decisions.Decisions(t.Context(), c.ID))
		wantEqual(t, log[len(log)-1], erasure)
		kept, _ := commentText(t, d, other.ID)
		wantEqual(t, kept.AuthorName, "Ben")
		wantErr(t, d.Comments.EraseComment(t.Context(), erasure), moderation.ErrVersion)
		checkCounters(t, d)
	})
}

func TestErasingNeedsADeletion(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	b := dbtest.Build(t, d)
	c := b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{})
	wantErr(t, d.Comments.EraseComment(t.Context(), b.NewDecision(c, moderation.ActionReject)), moderation.ErrTransition)
	got, _ := commentText(t, d, c.ID)
	wantEqual(t, got, c)
}
