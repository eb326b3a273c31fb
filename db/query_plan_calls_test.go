package db_test

import (
	"testing"
	"time"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/notify"
	"rejoinder/notify/webhook"
)

// driveEverything calls every method that a running site uses.
func driveEverything(t *testing.T, d *db.DB) {
	t.Helper()
	ctx := t.Context()
	b := dbtest.Build(t, d)
	site := b.Site("daily")
	m := b.Moderator("mo@example.org", auth.RoleAdmin)
	article := b.Article(site, "one")
	root := b.Comment(article, dbtest.Draft{Address: "1", IdempotencyKey: "k", BrowserID: "x"})
	reply := b.Comment(article, dbtest.Draft{Parent: &root})
	pending := b.Comment(article, dbtest.Draft{Status: moderation.StatusPending, Email: "ben"})
	_, err := d.Submissions.SubmissionContext(ctx, moderation.SubmissionContextQuery{SiteID: site.ID, ArticleKey: "one", ParentID: root.ID, Now: b.Now(),
		EmailIndexes: [][]byte{dbtest.Index("ben"), dbtest.Index("old")}, AddressIndex: dbtest.Index("1"), Fingerprint: []byte("x"),
		MinHash: moderation.MinHash{Bands: [4]int64{1, 2, 3, 4}, Sketch: []byte("x")}})
	ok(t, err)
	must[moderation.Record](t)(d.Commenters.BrowserRecord(ctx, moderation.BrowserQuery{CommenterID: root.CommenterID, BrowserID: "x", Website: "a.example"}))
	_, _, err = d.Submissions.IdempotentComment(ctx, site.ID, dbtest.Index("k"))
	ok(t, err)
	commentText(t, d, root.ID)
	for _, after := range []*moderation.ThreadKey{nil, idempotencyKeyOf(root)} {
		for _, sort := range []moderation.ThreadSort{moderation.ThreadOldest, moderation.ThreadNewest, moderation.ThreadBest} {
			must[[]moderation.Branch](t)(d.Threads.ThreadRoots(ctx,
				moderation.RootsSelect{ArticleID: article.ID, Sort: sort, From: after, Budget: 5, Replies: 4}))
		}
		must[[]*moderation.Comment](t)(d.Threads.ThreadBranch(ctx,
			moderation.BranchSelect{ArticleID: article.ID, RootID: root.ID, From: after, Limit: 5}))
		must[[]moderation.Article](t)(d.Articles.Articles(ctx, moderation.ArticleSelect{SiteID: site.ID, Text: "one", After: after, Limit: 5}))
	}
	must[moderation.Comment](t)(d.Threads.ThreadComment(ctx, article.ID, reply.ID))
	must[map[string]string](t)(d.Threads.AuthorNames(ctx, []string{root.ID, reply.ID}))
	must[moderation.ArticleVersion](t)(d.Threads.ArticleVersion(ctx, "daily", "one"))
	must[[]moderation.LatestRow](t)(d.Threads.LatestComments(ctx, moderation.LatestSelect{SiteID: site.ID, Limit: 5}))
	must[[]moderation.LatestRow](t)(d.Threads.LatestComments(ctx, moderation.LatestSelect{ArticleID: article.ID, Limit: 5}))
	must[map[string]int](t)(d.Articles.Counts(ctx, site.ID, []string{"one", "two"}))
	for _, sort := range []queue.Sort{queue.SortOldest, queue.SortNewest, queue.SortRisk} {
		_, err := d.Queue.Queue(ctx, queue.Select{Status: moderation.StatusPending, Sort: sort, Limit: 5})
		ok(t, err)
	}
	must[queue.Row](t)(d.Queue.QueueRow(ctx, root.ID))
	must[moderation.Commenter](t)(d.Commenters.Commenter(ctx, root.CommenterID))
	driveReactions(t, d, b, root)
	driveServerKeys(t, d, b, site.ID)
	driveWebhooks(t, d, b)
	must[[]moderation.Decision](t)(d.Decisions.Decisions(ctx, root.ID))
	driveFigures(t, d, b, site.ID)
	b.Decide(pending, moderation.ActionApprove)
	must[moderation.Activity](t)(d.Commenters.BrowserActivity(ctx, moderation.BrowserQuery{CommenterID: root.CommenterID, BrowserID: "b", Now: b.Now()}))
	r := b.NewRevision(reply, "new", moderation.StatusPending)
	ok(t, d.Submissions.ReviseComment(ctx, r))
	ok(t, d.Comments.EraseComment(ctx, b.NewDecision(r.Comment, moderation.ActionDelete)))
	must[moderation.Site](t)(d.Sites.SiteBySlug(ctx, "daily"))
	must[[]string](t)(d.Classifiers.ErasedTexts(ctx, []string{root.ID + "/1", "gone/1"}))
	must[[]moderation.Lesson](t)(d.Classifiers.Lessons(ctx, moderation.LessonSelect{SiteID: site.ID, Before: b.Now(), Limit: 5}))
	must[moderation.Article](t)(d.Articles.ArticleByID(ctx, article.ID))
	ok(t, d.Articles.UpdateArticle(ctx, must[moderation.Article](t)(d.Articles.ArticleByID(ctx, article.ID)), nil))
	must[auth.Moderator](t)(d.Moderators.ModeratorByEmail(ctx, [][]byte{dbtest.Index("mo@example.org")}))
	token := newToken(b, m, "t")
	ok(t, d.Sessions.BeginSession(ctx, token, signIn(token)))
	must[auth.RefreshToken](t)(d.Sessions.RotateRefreshToken(ctx, token.SecretHash, successor(b, "u")))
	ok(t, d.Sessions.RevokeRefreshFamily(ctx, token.SecretHash, b.Now()))
	for _, forget := range []func(time.Time) (int64, error){
		func(at time.Time) (int64, error) { return d.Janitor.ForgetAddresses(ctx, at) },
		func(at time.Time) (int64, error) { return d.Janitor.ForgetIdempotencyKeys(ctx, at) },
		func(at time.Time) (int64, error) { return d.Janitor.ForgetSketches(ctx, at) },
		func(at time.Time) (int64, error) { return d.Janitor.EraseDeleted(ctx, at) },
	} {
		must[int64](t)(forget(b.Now().Add(time.Hour)))
	}
}

// driveReactions calls every method for readers' actions besides writing.
func driveReactions(t *testing.T, d *db.DB, b *dbtest.Builder, c moderation.Comment) {
	t.Helper()
	ctx := t.Context()
	must[moderation.VoteCounts](t)(d.Votes.CastVote(ctx, castVote(b, c.ID, 1, 1)))
	ok(t, d.Votes.PublishVotes(ctx, []string{c.ArticleID}))
	ok(t, d.Reports.CreateReport(ctx, newReport(b, c.ID, 1, 0)))
	for _, sort := range []queue.Sort{queue.SortOldest, queue.SortNewest, queue.SortRisk, queue.SortReports} {
		_, err := d.Queue.Queue(ctx, queue.Select{Status: moderation.StatusApproved, Sort: sort, Limit: 5,
			Filter: queue.Filter{Reported: true}})
		ok(t, err)
	}
	cleo := b.Moderator("cleo", auth.RoleModerator).ID
	must[[]queue.Row](t)(d.Claims.Claim(ctx, queue.Select{Status: moderation.StatusPending, Sort: queue.SortRisk, Limit: 2,
		UnclaimedAt: b.Now()}, queue.NewClaims{ModeratorID: cleo, At: b.Now(), ExpiresAt: b.Now().Add(time.Minute)}))
	must[map[string]queue.Claim](t)(d.Claims.Claims(ctx, []string{c.ID}, b.Now()))
	must[int](t)(d.Claims.ReleaseClaims(ctx, cleo, []string{c.ID}))
	must[int](t)(d.Claims.ReleaseClaims(ctx, cleo, nil))
	for _, sel := range filtered(c) {
		for _, sel.Sort = range []queue.Sort{queue.SortOldest, queue.SortNewest, queue.SortRisk} {
			must[[]queue.Row](t)(d.Queue.Queue(ctx, sel))
		}
		must[int](t)(d.Queue.QueueMatches(ctx, sel, 5))
	}
	for _, rare := range []int{0, 1_000} {
		db.WalkSearches(d, rare)
		must[[]queue.Row](t)(d.Queue.Queue(ctx, queue.Select{Status: moderation.StatusApproved,
			Sort: queue.SortRisk, Limit: 5, Filter: queue.Filter{Search: `comment "no such"* -x`}}))
	}
	must[int](t)(d.Queue.QueueMatches(ctx, queue.Select{Status: moderation.StatusApproved,
		Filter: queue.Filter{Reported: true}}, 5))
	must[queue.Counts](t)(d.Queue.QueueCounts(ctx, nil))
	must[[]queue.SiteCounts](t)(d.Sites.SiteCounts(ctx))
	must[map[string]map[moderation.ReportReason]int](t)(d.Reports.OpenReports(ctx, []string{c.ID}))
	must[[]moderation.Report](t)(d.Reports.Reports(ctx, c.ID, 5))
	must[map[string]moderation.Appeal](t)(d.Appeals.Appeals(ctx, []string{c.ID}))
	must[[]string](t)(d.Commenters.BrowserComments(ctx, c.CommenterID, "x"))
	ok(t, d.Commenters.ForgetCommenter(ctx, c.CommenterID))
	site := must[moderation.Site](t)(d.Sites.SiteBySlug(ctx, "daily"))
	ok(t, d.Articles.CreateAlias(ctx, site.ID, moderation.ArticleAlias{Key: "old", ArticleID: c.ArticleID, CreatedAt: b.Now()}, nil))
	must[moderation.Article](t)(d.Articles.Article(ctx, site.ID, "old"))
	must[[]moderation.ArticleAlias](t)(d.Articles.Aliases(ctx, site.ID, nil, 5))
	must[[]moderation.ArticleAlias](t)(d.Articles.ArticleAliases(ctx, c.ArticleID, 5))
	ok(t, d.Articles.DeleteAlias(ctx, site.ID, "old", nil))
}

// driveWebhooks calls the methods that the worker of webhooks and the pages about them use.
func driveWebhooks(t *testing.T, d *db.DB, b *dbtest.Builder) {
	t.Helper()
	ctx, hook := t.Context(), b.NewID()
	must[[]string](t)(d.Webhooks.DueWebhooks(ctx, b.Now(), 5))
	must[[]notify.Message](t)(d.Outbox.Claim(ctx, notify.Claim{At: b.Now(), Until: b.Now(), Limit: 5, WebhookID: hook}))
	must[[]notify.Message](t)(d.Outbox.Claim(ctx, notify.Claim{At: b.Now(), Until: b.Now(), Limit: 5}))
	must[[]notify.Message](t)(d.Webhooks.Deliveries(ctx, webhook.DeliveryQuery{WebhookID: hook, State: "failed", Before: hook, Limit: 5}))
	must[[]webhook.Attempt](t)(d.Webhooks.Attempts(ctx, hook))
	must[int](t)(d.Webhooks.ResendDeliveries(ctx, webhook.Resend{WebhookID: hook, At: b.Now()}))
	must[webhook.Health](t)(d.Webhooks.FinishDelivery(ctx, webhook.Finished{WebhookID: hook, Attempt: &webhook.Attempt{
		ID: hook, MessageID: hook, WebhookID: hook, SiteID: hook, Error: "it failed", Sealed: []byte{1}},
		Result: notify.Result{ID: hook, State: notify.StateWaiting}}))
	must[int64](t)(d.Janitor.ForgetAttempts(ctx, b.Now()))
	ok(t, d.Webhooks.RemoveWebhook(ctx, hook, nil))
}

// growing are the tables whose size must not affect the time of a statement.
const growing = `comments|comment_search|claims|pending_rules|pending_hosts|status_counts|submissions|votes|reports|appeals|article_aliases|sketches|decisions|decision_hours|decision_waits|commenters|articles|idempotency_keys|refresh_tokens`
