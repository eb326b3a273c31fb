package queue_test

import (
	"errors"
	"slices"
	"testing"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/privacy"
)

// replyFixture is a site with one approved comment, and a moderator who answers.
type replyFixture struct {
	b       *dbtest.Builder
	d       *db.DB
	queue   *queue.Queue
	article moderation.Article
	root    moderation.Comment
	viewer  moderation.Viewer
}

func newReplyFixture(t *testing.T, d *db.DB) replyFixture {
	b := dbtest.Build(t, d)
	article := b.Article(b.Site("daily"), "one")
	m := b.Moderator("mo@example.org", auth.RoleModerator)
	return replyFixture{b: b, d: d, article: article, root: b.Comment(article, dbtest.Draft{}),
		queue:  &queue.Queue{Store: d.ForQueue(), Now: b.Now, NewID: b.NewID},
		viewer: moderation.Viewer{ModeratorID: m.ID, SiteIDs: []string{article.SiteID}}}
}

func (a replyFixture) reply(t *testing.T, parent moderation.Comment) moderation.Comment {
	t.Helper()
	return got(a.queue.Reply(t.Context(), a.viewer, queue.StaffReply{ParentID: parent.ID, Body: "We *looked* into it."}))(t)
}

func TestAModeratorsReplyIsPublicAtOnceAndLogged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := newReplyFixture(t, d)
		first := a.reply(t, a.root)
		second := a.reply(t, first)
		threads := &moderation.Threads{Store: d.ForThreads(), Keys: got(privacy.Open(t.TempDir(), a.b.Now))(t), Now: a.b.Now}
		page := got(threads.Thread(t.Context(), moderation.ThreadQuery{SiteSlug: "daily", ArticleKey: "one", Limit: 10}))(t)
		shown := page.Roots[0].Replies[0]
		if page.Count != 3 || !shown.Staff || shown.AuthorName != "Mo" || shown.BodyHTML != "<p>We <em>looked</em> into it.</p>" ||
			shown.ParentName != "Ann" || page.Roots[0].Staff {
			t.Errorf("the page has %d comments, and %+v", page.Count, shown.PublicComment)
		}
		if below := shown.Replies[0]; below.ID != second.ID || below.Avatar != shown.Avatar || below.Avatar == page.Roots[0].Avatar {
			t.Errorf("the second reply is %+v", below.PublicComment)
		}
		log := got(d.Decisions.Decisions(t.Context(), first.ID))(t)
		if len(log) != 1 || log[0].Actor != moderation.ActorModerator || log[0].ModeratorID != a.viewer.ModeratorID || log[0].To != "approved" {
			t.Errorf("the log is %+v", log)
		}
		if wrong := got(d.Miscounts(t.Context()))(t); len(wrong) > 0 {
			t.Error(wrong)
		}
	})
}

func TestRepliesOfModeratorsAreNotLearned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := newReplyFixture(t, d)
		a.reply(t, a.root)
		a.b.Advance(3600e9)
		past := moderation.HistoryQuery{SiteID: a.article.SiteID, Until: a.b.Now(), Limit: 10}
		found := got(d.History.PastSubmissions(t.Context(), past))(t)
		n := got(d.History.CountPastSubmissions(t.Context(), past))(t)
		if len(found) != 1 || n != 1 || found[0].CommentID != a.root.ID {
			t.Errorf("a backtest would read %d submissions, %+v", n, found)
		}
		lessons := got(d.Classifiers.Lessons(t.Context(), moderation.LessonSelect{SiteID: a.article.SiteID, Before: a.b.Now(), Limit: 10}))(t)
		if len(lessons) != 0 {
			t.Errorf("the classifier would learn %+v", lessons)
		}
	})
}

func TestAModeratorRepliesOnlyToApprovedCommentsOfTheirSites(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := newReplyFixture(t, d)
		pending := a.b.Comment(a.article, dbtest.Draft{Status: moderation.StatusPending})
		other := a.b.Comment(a.b.Article(a.b.Site("weekly"), "one"), dbtest.Draft{})
		deep := a.root
		for range moderation.DefaultSiteSettings().MaxDepth {
			deep = a.b.Comment(a.article, dbtest.Draft{Parent: &deep})
		}
		before := got(d.Threads.ThreadRoots(t.Context(), moderation.RootsSelect{ArticleID: a.article.ID, Budget: 9, Replies: 8}))(t)
		for name, tc := range map[string]struct {
			parent string
			body   string
			want   error
		}{
			"a comment that waits":   {pending.ID, "Hello.", moderation.ErrTransition},
			"one of another site":    {other.ID, "Hello.", moderation.ErrNotFound},
			"one that is not there":  {a.b.NewID(), "Hello.", moderation.ErrNotFound},
			"what is no id":          {"7", "Hello.", moderation.ErrNotFound},
			"one at the deepest":     {deep.ID, "Hello.", new(moderation.Invalid)},
			"without a visible word": {a.root.ID, "  \n ", new(moderation.Invalid)},
			"with invalid text":      {a.root.ID, "\xff", new(moderation.Invalid)},
		} {
			_, err := a.queue.Reply(t.Context(), a.viewer, queue.StaffReply{ParentID: tc.parent, Body: tc.body})
			var invalid *moderation.Invalid
			if errors.As(tc.want, &invalid) != errors.As(err, &invalid) || invalid == nil && !errors.Is(err, tc.want) {
				t.Errorf("%s: %v, want %v", name, err, tc.want)
			}
		}
		after := got(d.Threads.ThreadRoots(t.Context(), moderation.RootsSelect{ArticleID: a.article.ID, Budget: 9, Replies: 8}))(t)
		if !slices.EqualFunc(before, after, func(x, y moderation.Branch) bool { return len(x.Replies) == len(y.Replies) }) {
			t.Error("a refused reply is in the thread")
		}
	})
}

// TestAReplyToAConcurrentlyRemovedCommentIsRefused removes the parent between the check and the write.
func TestAReplyToAConcurrentlyRemovedCommentIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := newReplyFixture(t, d)
		a.queue.NewID = func() string {
			if a.root.Public() {
				a.root = a.b.Decide(a.root, moderation.ActionHold)
			}
			return a.b.NewID()
		}
		_, err := a.queue.Reply(t.Context(), a.viewer, queue.StaffReply{ParentID: a.root.ID, Body: "Too late."})
		if !errors.Is(err, moderation.ErrTransition) {
			t.Errorf("got %v", err)
		}
		if at := got(d.Threads.ArticleVersion(t.Context(), "daily", "one"))(t); at.Count != 0 {
			t.Errorf("%d comments are public", at.Count)
		}
	})
}

func TestAStaffReplyMustShowSomething(t *testing.T) {
	for _, body := range []string{"", "\u200b", "<!-- a -->", "***", "> ", "![]()", "&nbsp;", "```\n```"} {
		_, err := (&queue.Queue{}).Reply(t.Context(), moderation.Viewer{}, queue.StaffReply{Body: body})
		var invalid *moderation.Invalid
		if !errors.As(err, &invalid) || len(invalid.Fields) != 1 || invalid.Fields[0].Pointer != "/body" {
			t.Errorf("%q: %v", body, err)
		}
	}
}
