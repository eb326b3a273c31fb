package db_test

import (
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func ids(comments []moderation.Comment) []string {
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

func keyOf(c moderation.Comment) *moderation.ThreadKey {
	return &moderation.ThreadKey{CreatedAt: c.CreatedAt, ID: c.ID}
}

// at stores a root at a given second, so that several share a moment.
func at(t *testing.T, d *db.DB, b *dbtest.Builder, a moderation.Article, second int) moderation.Comment {
	t.Helper()
	n := b.NewComment(a, dbtest.Draft{})
	n.Comment.CreatedAt = dbtest.Epoch.Add(time.Duration(second) * time.Second)
	return must[moderation.Comment](t)(d.CreateComment(t.Context(), n))
}

func TestRootsArePagedInBothOrders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		var want []string
		for i := range 7 {
			want = append(want, at(t, d, b, article, i/3).ID)
		}
		for _, newest := range []bool{false, true} {
			var got []string
			var after *moderation.ThreadKey
			for {
				page := must[[]moderation.Comment](t)(d.ThreadRoots(t.Context(),
					moderation.RootsSelect{ArticleID: article.ID, Newest: newest, After: after, Limit: 2}))
				if len(page) == 0 {
					break
				}
				got = append(got, ids(page)...)
				after = keyOf(page[len(page)-1])
			}
			if newest {
				got = reversed(got)
			}
			same(t, got, want)
		}
	})
}

func TestOnlyWhatIsVisibleIsInTheThread(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		b.Comment(b.Article(site, "two"), dbtest.Draft{})
		for _, status := range []moderation.Status{moderation.StatusPending, moderation.StatusRejected, moderation.StatusSpam} {
			b.Comment(article, dbtest.Draft{Status: status})
		}
		b.Decide(b.Comment(article, dbtest.Draft{}), moderation.ActionDelete)
		shown := b.Comment(article, dbtest.Draft{})
		tombstone := b.Comment(article, dbtest.Draft{})
		middle := b.Comment(article, dbtest.Draft{Parent: &tombstone})
		reply := b.Comment(article, dbtest.Draft{Parent: &middle})
		b.Comment(article, dbtest.Draft{Parent: &middle, Status: moderation.StatusSpam})
		tombstone, middle = b.Decide(tombstone, moderation.ActionReject), b.Decide(middle, moderation.ActionDelete)

		roots := must[[]moderation.Comment](t)(d.ThreadRoots(t.Context(), moderation.RootsSelect{ArticleID: article.ID, Limit: 9}))
		same(t, ids(roots), []string{shown.ID, tombstone.ID})
		same(t, roots[1].Status, moderation.StatusRejected)
		same(t, roots[1].VisibleReplies, 1)
		answers := must[[][]moderation.Comment](t)(d.ThreadReplies(t.Context(), []moderation.RepliesSelect{{RootID: tombstone.ID, Limit: 9}}))
		same(t, ids(answers[0]), []string{middle.ID, reply.ID})
		b.Decide(reply, moderation.ActionSpam)
		roots = must[[]moderation.Comment](t)(d.ThreadRoots(t.Context(), moderation.RootsSelect{ArticleID: article.ID, Limit: 9}))
		same(t, ids(roots), []string{shown.ID})
	})
}

func TestEveryQuestionAboutRepliesGetsItsAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		one, two, none := b.Comment(article, dbtest.Draft{}), b.Comment(article, dbtest.Draft{}), b.Comment(article, dbtest.Draft{})
		var below []moderation.Comment
		for range 4 {
			below = append(below, b.Comment(article, dbtest.Draft{Parent: &one}))
		}
		other := b.Comment(article, dbtest.Draft{Parent: &two})
		answers := must[[][]moderation.Comment](t)(d.ThreadReplies(t.Context(), []moderation.RepliesSelect{
			{RootID: one.ID, Limit: 2}, {RootID: none.ID, Limit: 2}, {RootID: two.ID, Limit: 2},
			{RootID: one.ID, After: keyOf(below[1]), Limit: 5},
		}))
		same(t, len(answers), 4)
		same(t, answers[0], below[:2])
		same(t, answers[1], []moderation.Comment(nil))
		same(t, answers[2], []moderation.Comment{other})
		same(t, answers[3], below[2:])
		same(t, must[[][]moderation.Comment](t)(d.ThreadReplies(t.Context(), nil)), [][]moderation.Comment{})

		many := make([]moderation.RepliesSelect, 700)
		for i := range many {
			many[i] = moderation.RepliesSelect{RootID: none.ID, Limit: 1}
		}
		many[650].RootID = two.ID
		answers = must[[][]moderation.Comment](t)(d.ThreadReplies(t.Context(), many))
		same(t, answers[650], []moderation.Comment{other})
		same(t, len(answers[649]), 0)
	})
}
