package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func ids(comments []*moderation.Comment) []string {
	list := []string{}
	for _, c := range comments {
		list = append(list, c.ID)
	}
	return list
}

func reversed(list []string) []string {
	turned := make([]string, len(list))
	for i, s := range list {
		turned[len(list)-1-i] = s
	}
	return turned
}

func idempotencyKeyOf(c moderation.Comment) *moderation.ThreadKey {
	return &moderation.ThreadKey{CreatedAt: c.CreatedAt, ID: c.ID}
}

// commentAt stores a root at a given second, so that several share a moment.
func commentAt(t *testing.T, d *db.DB, b *dbtest.Builder, a moderation.Article, second int) moderation.Comment {
	t.Helper()
	n := b.NewComment(a, dbtest.Draft{})
	n.Comment.CreatedAt = dbtest.Epoch.Add(time.Duration(second) * time.Second)
	return must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
}

// outline writes branches as root(reply reply) by the numbers that names has for ids.
func outline(branches []moderation.Branch, names map[string]string) string {
	var parts []string
	for _, b := range branches {
		part := names[b.Root.ID]
		var below []string
		for _, c := range b.Replies {
			below = append(below, names[c.ID])
		}
		if below != nil {
			part += "(" + strings.Join(below, " ") + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func TestAPageOfRootsEndsWithTheFirstThatDoesNotFit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		names, keys := map[string]string{}, map[string]*moderation.ThreadKey{}
		add := func(name string, parent *moderation.Comment) moderation.Comment {
			c := b.Comment(article, dbtest.Draft{Parent: parent})
			names[c.ID], keys[name] = name, idempotencyKeyOf(c)
			return c
		}
		for _, root := range []string{"a", "b", "c", "d"} {
			top := add(root, nil)
			for i := range map[string]int{"a": 1, "b": 5, "c": 2}[root] {
				add(fmt.Sprint(root, i), &top)
			}
		}
		for name, tc := range map[string]struct {
			sel  moderation.RootsSelect
			want string
		}{
			"all fit":                                           {moderation.RootsSelect{Budget: 12, Replies: 11}, "a(a0) b(b0 b1 b2 b3 b4) c(c0 c1) d"},
			"the next root comes without replies":               {moderation.RootsSelect{Budget: 10, Replies: 9}, "a(a0) b(b0 b1 b2 b3 b4) c"},
			"a page that is just full has a next root":          {moderation.RootsSelect{Budget: 8, Replies: 7}, "a(a0) b(b0 b1 b2 b3 b4) c"},
			"more replies than wanted tell that there are more": {moderation.RootsSelect{Budget: 12, Replies: 2}, "a(a0) b(b0 b1 b2 b3 b4) c(c0 c1) d"},
			"the first root is always there":                    {moderation.RootsSelect{Budget: 1, Replies: 0}, "a(a0) b"},
			"from a root on":                                    {moderation.RootsSelect{From: keys["b"], Budget: 6, Replies: 5}, "b(b0 b1 b2 b3 b4) c"},
			"the newest first":                                  {moderation.RootsSelect{Sort: moderation.ThreadNewest, Budget: 4, Replies: 3}, "d c(c0 c1) b"},
			"the newest from a root on": {moderation.RootsSelect{Sort: moderation.ThreadNewest, From: keys["b"], Budget: 4, Replies: 1},
				"b(b0 b1 b2 b3 b4) a(a0)"},
		} {
			t.Run(name, func(t *testing.T) {
				tc.sel.ArticleID = article.ID
				got := must[[]moderation.Branch](t)(d.Threads.ThreadRoots(t.Context(), tc.sel))
				wantEqual(t, outline(got, names), tc.want)
			})
		}
	})
}

func TestRootsArePagedInEveryOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		var written, best []string
		for i := range 7 {
			c := commentAt(t, d, b, article, i/3)
			written = append(written, c.ID)
			tamper(t, d, `UPDATE comments SET rank = $2 WHERE id = $1`, db.ID(c.ID), []float64{0, 0.25, 0.1, 0, 0.94338, 0.25, 0.1}[i])
		}
		for _, i := range []int{4, 5, 1, 6, 2, 3, 0} {
			best = append(best, written[i])
		}
		for sort, want := range map[moderation.ThreadSort][]string{
			moderation.ThreadOldest: written, moderation.ThreadNewest: reversed(written), moderation.ThreadBest: best,
		} {
			var got []string
			var from *moderation.ThreadKey
			for more := true; more; {
				page := must[[]moderation.Branch](t)(d.Threads.ThreadRoots(t.Context(),
					moderation.RootsSelect{ArticleID: article.ID, Sort: sort, From: from, Budget: 2, Replies: 1}))
				more = len(page) > 2
				for _, branch := range page[:min(2, len(page))] {
					got = append(got, branch.Root.ID)
				}
				from = idempotencyKeyOf(*page[len(page)-1].Root)
				from.Rank = page[len(page)-1].Root.Rank
			}
			wantEqual(t, got, want)
		}
		_, err := d.Threads.ThreadRoots(t.Context(), moderation.RootsSelect{ArticleID: article.ID, Sort: "loudest", Budget: 1})
		if err == nil {
			t.Error("an unknown order was read")
		}
	})
}

func TestOnlyVisibleCommentsAreInTheThread(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article, other := b.Article(site, "one"), b.Article(site, "two")
		elsewhere := b.Comment(other, dbtest.Draft{})
		var hidden []string
		for _, status := range []moderation.Status{moderation.StatusPending, moderation.StatusRejected, moderation.StatusSpam} {
			hidden = append(hidden, b.Comment(article, dbtest.Draft{Status: status}).ID)
		}
		hidden = append(hidden, b.Decide(b.Comment(article, dbtest.Draft{}), moderation.ActionDelete).ID)
		shown := b.Comment(article, dbtest.Draft{})
		tombstone := b.Comment(article, dbtest.Draft{})
		middle := b.Comment(article, dbtest.Draft{Parent: &tombstone})
		reply := b.Comment(article, dbtest.Draft{Parent: &middle, Name: "Ben"})
		hidden = append(hidden, b.Comment(article, dbtest.Draft{Parent: &middle, Status: moderation.StatusSpam}).ID)
		tombstone, middle = b.Decide(tombstone, moderation.ActionReject), b.Decide(middle, moderation.ActionDelete)

		all := moderation.RootsSelect{ArticleID: article.ID, Budget: 20, Replies: 19}
		names := map[string]string{shown.ID: "shown", tombstone.ID: "tombstone", middle.ID: "middle", reply.ID: "reply"}
		page := must[[]moderation.Branch](t)(d.Threads.ThreadRoots(t.Context(), all))
		wantEqual(t, outline(page, names), "shown tombstone(middle reply)")
		wantEqual(t, page[1].Root.Status, moderation.StatusRejected)
		wantEqual(t, page[1].Root.VisibleReplies, 1)
		below := moderation.BranchSelect{ArticleID: article.ID, RootID: tombstone.ID, Limit: 9}
		wantEqual(t, ids(must[[]*moderation.Comment](t)(d.Threads.ThreadBranch(t.Context(), below))), []string{middle.ID, reply.ID})
		below.From, below.Limit = idempotencyKeyOf(middle), 1
		wantEqual(t, ids(must[[]*moderation.Comment](t)(d.Threads.ThreadBranch(t.Context(), below))), []string{middle.ID})
		below.ArticleID = other.ID
		wantEqual(t, ids(must[[]*moderation.Comment](t)(d.Threads.ThreadBranch(t.Context(), below))), []string{})
		for _, id := range append(hidden, elsewhere.ID) {
			_, err := d.Threads.ThreadComment(t.Context(), article.ID, id)
			wantErr(t, err, moderation.ErrNotFound)
		}
		wantEqual(t, must[moderation.Comment](t)(d.Threads.ThreadComment(t.Context(), article.ID, middle.ID)).Status, moderation.StatusDeleted)
		wantEqual(t, must[map[string]string](t)(d.Threads.AuthorNames(t.Context(), append(hidden, middle.ID, reply.ID))), map[string]string{reply.ID: "Ben"})
		b.Decide(reply, moderation.ActionSpam)
		wantEqual(t, outline(must[[]moderation.Branch](t)(d.Threads.ThreadRoots(t.Context(), all)), names), "shown")
	})
}

func TestTheLatestAreApprovedAndTheNewestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		one, two := b.Article(site, "one"), b.Article(site, "two")
		b.Comment(b.Article(b.Site("weekly"), "one"), dbtest.Draft{})
		first := b.Comment(one, dbtest.Draft{})
		second := b.Comment(two, dbtest.Draft{})
		third := b.Comment(one, dbtest.Draft{Parent: &first})
		for _, status := range []moderation.Status{moderation.StatusPending, moderation.StatusRejected, moderation.StatusSpam} {
			b.Comment(one, dbtest.Draft{Status: status})
		}
		first = b.Decide(first, moderation.ActionHold) // a tombstone now, which is no news
		read := func(sel moderation.LatestSelect) []string {
			var list []string
			for _, row := range must[[]moderation.LatestRow](t)(d.Threads.LatestComments(t.Context(), sel)) {
				list = append(list, row.Article.Key+" "+row.Comment.ID)
			}
			return list
		}
		wantEqual(t, read(moderation.LatestSelect{SiteID: site.ID, Limit: 9}), []string{"one " + third.ID, "two " + second.ID})
		wantEqual(t, read(moderation.LatestSelect{SiteID: site.ID, Limit: 1}), []string{"one " + third.ID})
		wantEqual(t, read(moderation.LatestSelect{ArticleID: one.ID, Limit: 9}), []string{"one " + third.ID})
	})
}

func TestAnArticleAndItsVersionAreFoundByKeyAndAlias(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		ok(t, d.Articles.CreateAlias(t.Context(), site.ID, moderation.ArticleAlias{Key: "old", ArticleID: article.ID, CreatedAt: b.Now()}, nil))
		b.Comment(article, dbtest.Draft{})
		for _, key := range []string{"one", "old"} {
			gotSite, got, err := d.Threads.ThreadArticle(t.Context(), "daily", key)
			ok(t, err)
			wantEqual(t, gotSite, must[moderation.Site](t)(d.Sites.SiteBySlug(t.Context(), "daily")))
			wantEqual(t, got, must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), article.ID)))
			wantEqual(t, must[moderation.ArticleVersion](t)(d.Threads.ArticleVersion(t.Context(), "daily", key)),
				moderation.ArticleVersion{ArticleID: article.ID, Version: 2, Count: 1})
		}
		gotSite, got, err := d.Threads.ThreadArticle(t.Context(), "daily", "none")
		ok(t, err)
		wantEqual(t, []string{gotSite.ID, got.ID}, []string{site.ID, ""})
		_, err = d.Threads.ArticleVersion(t.Context(), "daily", "none")
		wantErr(t, err, moderation.ErrNotFound)
		_, _, err = d.Threads.ThreadArticle(t.Context(), "none", "one")
		wantErr(t, err, moderation.ErrSiteUnknown)
		_, err = d.Threads.ArticleVersion(t.Context(), "none", "one")
		wantErr(t, err, moderation.ErrSiteUnknown)
	})
}
