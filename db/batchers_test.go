package db_test

import (
	"errors"
	"fmt"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

// createBatch requires each comment to be created, or refused as wanted.
func createBatch(t *testing.T, d *db.DB, ns []moderation.NewComment, refused map[int]error) []moderation.Comment {
	t.Helper()
	created, errs := db.CreateBatch(t.Context(), d, ns)
	for i, err := range errs {
		if !errors.Is(err, refused[i]) {
			t.Fatalf("comment %d: got error %v, want %v", i, err, refused[i])
		}
	}
	return created
}

func TestABatchWritesSubmissionsLikeSingleOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		daily, weekly := b.Site("daily"), b.Site("weekly")
		known := b.Article(daily, "known")
		parent := b.Comment(known, dbtest.Draft{})
		hidden := b.Comment(known, dbtest.Draft{Status: moderation.StatusPending})
		pending := dbtest.Draft{Status: moderation.StatusPending, Verdict: `{"hits": [{"rule": "links"}]}`, Body: "see https://a.example"}
		drafts := []struct {
			article moderation.Article
			draft   dbtest.Draft
			refused error
		}{
			{known, pending, nil},
			{b.NewArticle(daily, "new"), dbtest.Draft{Email: "ben@example.org"}, nil},
			{b.NewArticle(daily, "new"), dbtest.Draft{Email: "ben@example.org", Name: "Benjamin"}, nil},
			{known, dbtest.Draft{Parent: &parent, Email: "ben@example.org"}, nil},
			{known, dbtest.Draft{Parent: &parent, Email: "cy@example.org"}, nil},
			{known, dbtest.Draft{Parent: &hidden}, moderation.ErrParentGone},
			{known, dbtest.Draft{IdempotencyKey: "one"}, nil},
			{known, dbtest.Draft{IdempotencyKey: "one"}, moderation.ErrIdempotencyRace},
			{b.NewArticle(weekly, "new"), dbtest.Draft{IdempotencyKey: "one"}, nil},
			{known, dbtest.Draft{Status: moderation.StatusSpam}, nil},
			{known, dbtest.Draft{Status: moderation.StatusRejected}, nil},
		}
		ns, refused := make([]moderation.NewComment, len(drafts)), map[int]error{}
		for i, each := range drafts {
			ns[i], refused[i] = b.NewComment(each.article, each.draft), each.refused
		}
		created := createBatch(t, d, ns, refused)
		for i, c := range created {
			if refused[i] != nil {
				continue
			}
			stored, submission := commentText(t, d, c.ID)
			stored.VisibleReplies, c.VisibleReplies = 0, 0
			wantEqual(t, stored, c)
			wantEqual(t, submission.Body, ns[i].Submission.Body)
			wantEqual(t, len(must[[]moderation.Decision](t)(d.Decisions.Decisions(t.Context(), c.ID))), 1)
		}
		wantEqual(t, created[1].ArticleID, created[2].ArticleID)
		wantEqual(t, created[1].CommenterID, created[3].CommenterID)
		wantEqual(t, must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), created[1].CommenterID)).Record, moderation.Record{Approved: 3, LastDecided: "approved"})
		wantEqual(t, queryInt(t, d, `SELECT visible_replies FROM comments WHERE id = $1`, db.ID(parent.ID)), 2)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM pending_rules p
			JOIN pending_rule_names n ON n.rule_key = p.rule_key WHERE n.rule = 'links' AND p.comment_id = $1`,
			db.ID(created[0].ID)), 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM pending_hosts WHERE host = 'a.example' AND comment_id = $1`, db.ID(created[0].ID)), 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM comments`), 2+9)

		again := []moderation.NewComment{b.NewComment(known, dbtest.Draft{IdempotencyKey: "one"}), b.NewComment(known, dbtest.Draft{})}
		createBatch(t, d, again, map[int]error{0: moderation.ErrIdempotencyRace})
		checkCounters(t, d)
	})
}

func TestASubmissionThatTheDatabaseRefusesFailsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		ns := make([]moderation.NewComment, 40)
		for i := range ns {
			ns[i] = b.NewComment(article, dbtest.Draft{})
		}
		ns[7].Decision.ID = ns[3].Decision.ID
		createBatch(t, d, ns, map[int]error{7: moderation.ErrExists})
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM comments`), len(ns)-1)
		checkCounters(t, d)
	})
}

func TestAMovedCommenterMayBeInAGroup(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		first := b.Comment(article, dbtest.Draft{})
		ns := []moderation.NewComment{b.NewComment(article, dbtest.Draft{}), b.NewComment(article, dbtest.Draft{Email: "ben"}), b.NewComment(article, dbtest.Draft{})}
		for _, i := range []int{0, 2} {
			ns[i].Commenter = must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), first.CommenterID))
			ns[i].Commenter.EmailIndex = []byte("under a newer key")
		}
		created := createBatch(t, d, ns, nil)
		wantEqual(t, created[0].CommenterID, first.CommenterID)
		wantEqual(t, created[2].CommenterID, first.CommenterID)
		moved := must[moderation.Commenter](t)(d.Commenters.Commenter(t.Context(), first.CommenterID))
		wantEqual(t, string(moved.EmailIndex), "under a newer key")
		wantEqual(t, moved.Record.Approved, 3)
		checkCounters(t, d)
	})
}

func TestBatchedContextsEqualSingleOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		daily, weekly := b.Site("daily"), b.Site("weekly")
		one, other := b.Article(daily, "one"), b.Article(weekly, "one")
		ok(t, d.Articles.CreateAlias(t.Context(), daily.ID, moderation.ArticleAlias{Key: "old", ArticleID: one.ID, CreatedAt: b.Now()}, nil))
		sketch := text.Sketch{}.Bytes()
		create := func(article moderation.Article, draft dbtest.Draft) moderation.Comment {
			n := b.NewComment(article, draft)
			n.Submission.MinHash = moderation.MinHash{Bands: [4]int64{1, 2, 3, 4}, Sketch: sketch}
			return must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
		}
		parent := create(one, dbtest.Draft{Address: "1", Body: "buy"})
		create(one, dbtest.Draft{Email: "ben", Address: "1", Body: "buy"})
		elsewhere := create(other, dbtest.Draft{Address: "1", Body: "buy"})
		bought := b.NewComment(one, dbtest.Draft{Body: "buy"}).Submission.Fingerprint
		ask := func(site moderation.Site, key, email string) moderation.SubmissionContextQuery {
			return moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: key, EmailIndexes: [][]byte{dbtest.Index(email), []byte("x")},
				AddressIndex: dbtest.Index("1"), Fingerprint: bought, Now: b.Now(), MinHash: moderation.MinHash{Bands: [4]int64{9, 2, 8, 7}, Sketch: sketch}}
		}
		qs := []moderation.SubmissionContextQuery{ask(daily, "one", "ann@example.org"), ask(daily, "old", "ben"), ask(weekly, "one", "ann@example.org"),
			ask(weekly, "old", "ben"), {SiteID: daily.ID, Now: b.Now()}, ask(daily, "one", "ann@example.org")}
		qs[0].ParentID, qs[1].ParentID, qs[2].ParentID = parent.ID, elsewhere.ID, elsewhere.ID
		qs[5].ExceptComment = parent.ID
		together, errs := db.LoadContextBatch(t.Context(), d, qs)
		ok(t, errors.Join(errs...))
		for i, q := range qs {
			wantEqual(t, together[i], contextOf(t, d, q))
		}
		wantEqual(t, together[0].Copies, moderation.Copies{Author: 1, Article: 2, Site: 2})
		wantEqual(t, len(together[0].NearDuplicates), 2)
		wantEqual(t, len(together[5].NearDuplicates), 1)
	})
}

func TestEachAuthorOfABatchIsCountedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		for n := 1; n <= 17; n++ {
			email := fmt.Sprint("author ", n)
			b.Comment(article, dbtest.Draft{Email: email, Address: "1", Body: "buy"})
			qs := make([]moderation.SubmissionContextQuery, n)
			for i := range qs {
				qs[i] = moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", Now: b.Now(), AddressIndex: dbtest.Index("1"),
					EmailIndexes: [][]byte{dbtest.Index(fmt.Sprint("author ", i+1))},
					Fingerprint:  b.NewComment(article, dbtest.Draft{Body: "buy"}).Submission.Fingerprint}
			}
			known, errs := db.LoadContextBatch(t.Context(), d, qs)
			ok(t, errors.Join(errs...))
			for _, k := range known {
				wantEqual(t, k.Velocity.Author.Day, 1)
				wantEqual(t, k.Copies.Author, 1)
			}
		}
	})
}

func TestTheSecondDecisionOnACommentInABatchFails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		first, second := b.Comment(article, dbtest.Draft{Status: moderation.StatusPending}), b.Comment(article, dbtest.Draft{})
		gone := moderation.Comment{ID: b.NewID(), SiteID: article.SiteID, Version: 1, Status: moderation.StatusPending}
		errs := db.DecideBatch(t.Context(), d, []moderation.Decision{
			b.NewDecision(first, moderation.ActionApprove), b.NewDecision(second, moderation.ActionSpam),
			b.NewDecision(first, moderation.ActionReject), b.NewDecision(gone, moderation.ActionApprove),
		})
		for i, want := range []error{nil, nil, moderation.ErrVersion, moderation.ErrNotFound} {
			wantErr(t, errs[i], want)
		}
		got, _ := commentText(t, d, first.ID)
		wantEqual(t, got.Status, moderation.StatusApproved)
		checkCounters(t, d)
	})
}
