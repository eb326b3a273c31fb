package db_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestADecisionChangesStatusAndLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		c := b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{Status: moderation.StatusPending})
		decision := b.NewDecision(c, moderation.ActionReject)
		decision.Reason, decision.Note = "Off topic.", "Again."
		ok(t, d.Decisions.RecordDecision(t.Context(), decision))
		got, _ := commentText(t, d, c.ID)
		c.Version, c.Status, c.PublicReason = 2, moderation.StatusRejected, "Off topic."
		wantEqual(t, got, c)
		wantEqual(t, must[[]moderation.Decision](t)(d.Decisions.Decisions(t.Context(), c.ID))[1], decision)
		second := b.NewDecision(c, moderation.ActionApprove)
		ok(t, d.Decisions.RecordDecision(t.Context(), second))
		wantEqual(t, must[[]moderation.Decision](t)(d.Decisions.Decisions(t.Context(), c.ID))[2], second)
		checkCounters(t, d)
	})
}

func TestADecisionOnAStaleVersionChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		c := b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{Status: moderation.StatusPending})
		late := b.NewDecision(c, moderation.ActionSpam)
		c = b.Decide(c, moderation.ActionApprove)
		wantErr(t, d.Decisions.RecordDecision(t.Context(), late), moderation.ErrVersion)
		mistaken := b.NewDecision(c, moderation.ActionSpam)
		mistaken.From = moderation.StatusPending
		wantErr(t, d.Decisions.RecordDecision(t.Context(), mistaken), moderation.ErrVersion)
		got, _ := commentText(t, d, c.ID)
		wantEqual(t, got, c)
		wantEqual(t, len(must[[]moderation.Decision](t)(d.Decisions.Decisions(t.Context(), c.ID))), 2)
		checkCounters(t, d)
	})
}

func TestOneOfManyConcurrentDecisionsWins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		c := b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{Status: moderation.StatusPending})
		actions := []moderation.Action{moderation.ActionApprove, moderation.ActionReject, moderation.ActionSpam, moderation.ActionDelete}
		var won atomic.Int32
		var group sync.WaitGroup
		for i := range 16 {
			decision := b.NewDecision(c, actions[i%len(actions)])
			group.Go(func() {
				err := d.Decisions.RecordDecision(t.Context(), decision)
				if err == nil {
					won.Add(1)
				} else if !isOneOf(err, moderation.ErrVersion) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		wantEqual(t, won.Load(), int32(1))
		got, _ := commentText(t, d, c.ID)
		wantEqual(t, got.Version, 2)
		wantEqual(t, len(must[[]moderation.Decision](t)(d.Decisions.Decisions(t.Context(), c.ID))), 2)
		checkCounters(t, d)
	})
}

func TestPublicChangesIncrementTheArticlesVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		version := func() int64 {
			return must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), article.ID)).Version
		}
		var c moderation.Comment
		for _, step := range []struct {
			name   string
			do     func()
			public bool
		}{
			{"a pending comment", func() { c = b.Comment(article, dbtest.Draft{Status: moderation.StatusPending}) }, false},
			{"its rejection", func() { c = b.Decide(c, moderation.ActionReject) }, false},
			{"its approval", func() { c = b.Decide(c, moderation.ActionApprove) }, true},
			{"an edit of the approved text", func() {
				r := b.NewRevision(c, "new", moderation.StatusApproved)
				ok(t, d.Submissions.ReviseComment(t.Context(), r))
				c = r.Comment
			}, true},
			{"an approved reply", func() { b.Comment(article, dbtest.Draft{Parent: &c}) }, true},
			{"a pending reply", func() { b.Comment(article, dbtest.Draft{Parent: &c, Status: moderation.StatusPending}) }, false},
			{"a tombstone", func() { c = b.Decide(c, moderation.ActionSpam) }, true},
			{"another reason for the tombstone", func() { c = b.Decide(c, moderation.ActionReject) }, false},
			{"an edit of an unpublished comment", func() {
				r := b.NewRevision(c, "newer", moderation.StatusPending)
				ok(t, d.Submissions.ReviseComment(t.Context(), r))
				c = r.Comment
			}, false},
			{"an edit that is approved", func() {
				r := b.NewRevision(c, "newest", moderation.StatusApproved)
				ok(t, d.Submissions.ReviseComment(t.Context(), r))
				c = r.Comment
			}, true},
			{"the withdrawal", func() { ok(t, d.Comments.EraseComment(t.Context(), b.NewDecision(c, moderation.ActionDelete))) }, true},
		} {
			before := version()
			step.do()
			if grew := version() > before; grew != step.public {
				t.Errorf("%s: the version grew: %v", step.name, grew)
			}
		}
		checkCounters(t, d)
	})
}
