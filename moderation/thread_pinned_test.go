package moderation_test

import (
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// highlight pins or features the named comment.
func (f *threadFixture) highlight(d *db.DB, name string, h queue.Highlight) {
	f.t.Helper()
	if err := d.Highlights.Highlight(f.t.Context(), f.by[name], h); err != nil {
		f.t.Fatal(err)
	}
}

func TestAPinnedCommentIsOnTopOfEveryOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newThreadFixture(t, d)
		for _, name := range []string{"a", "b", "c"} {
			f.add(name, "")
		}
		f.add("d", "b")
		f.highlight(d, "c", queue.Highlight{Pinned: new(true)})
		f.highlight(d, "b", queue.Highlight{Pinned: new(true)}) // takes the place of c
		for sort, want := range map[moderation.ThreadSort]string{
			moderation.ThreadOldest: "b[d] a c", moderation.ThreadNewest: "b[d] c a", moderation.ThreadBest: "b[d] c a",
		} {
			page := f.read(moderation.ThreadQuery{Sort: sort, Limit: 50})
			if got := f.outline(page.Roots); got != want {
				t.Errorf("%s: %s, want %s", sort, got, want)
			}
			if !page.Roots[0].Pinned || page.Roots[1].Pinned {
				t.Errorf("%s: pinned are %t and %t", sort, page.Roots[0].Pinned, page.Roots[1].Pinned)
			}
		}
		if page := f.read(moderation.ThreadQuery{Limit: 50, Focus: f.by["d"].ID}); f.outline(page.Roots) != "b[d] a c" || page.Focus == "" {
			t.Errorf("a link to a reply below it shows %s, focus %q", f.outline(page.Roots), page.Focus)
		}
		if page := f.read(moderation.ThreadQuery{Limit: 50, Focus: f.by["c"].ID}); f.outline(page.Roots) != "c" {
			t.Errorf("a link to the last comment shows %s", f.outline(page.Roots))
		}
		first := f.read(moderation.ThreadQuery{Limit: 1})
		second := f.read(moderation.ThreadQuery{Limit: 1, Cursor: first.NextCursor})
		if got := f.outline(first.Roots) + " / " + f.outline(second.Roots); got != "b[…] a / c" {
			t.Errorf("pages of one are %s", got)
		}
		f.hide("b")
		if page := f.read(moderation.ThreadQuery{Limit: 50}); f.outline(page.Roots) != "a b†[d] c" || page.Roots[1].Pinned {
			t.Errorf("once it is hidden: %s", f.outline(page.Roots))
		}
		f.highlight(d, "c", queue.Highlight{Pinned: new(true)})
		f.highlight(d, "c", queue.Highlight{Pinned: new(false)})
		if page := f.read(moderation.ThreadQuery{Limit: 50}); f.outline(page.Roots) != "a b†[d] c" || page.Roots[2].Pinned {
			t.Errorf("unpinned: %s", f.outline(page.Roots))
		}
	})
}

func TestFeaturedCommentsComeFirstInBest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newThreadFixture(t, d)
		for _, name := range []string{"a", "b", "c"} {
			f.add(name, "")
		}
		vote := func(name, voter string) {
			t.Helper()
			got(d.Votes.CastVote(t.Context(), moderation.CastVote{CommentID: f.by[name].ID, Voters: [][]byte{[]byte(voter)}, Value: 1, At: f.b.Now()}))(t)
		}
		best := func() string {
			t.Helper()
			return f.outline(f.read(moderation.ThreadQuery{Sort: moderation.ThreadBest, Limit: 50}).Roots)
		}
		vote("b", "1")
		f.highlight(d, "a", queue.Highlight{Featured: new(true)})
		if got := best(); got != "a b c" {
			t.Errorf("featured: %s", got)
		}
		f.highlight(d, "c", queue.Highlight{Featured: new(true)})
		vote("c", "2")
		if got := best(); got != "c a b" {
			t.Errorf("two featured, one with a vote: %s", got)
		}
		f.highlight(d, "a", queue.Highlight{Featured: new(false)})
		if got := best(); got != "c b a" {
			t.Errorf("one is featured no more: %s", got)
		}
		page := f.read(moderation.ThreadQuery{Limit: 50})
		if !page.Roots[2].Featured || page.Roots[0].Featured {
			t.Errorf("featured are %+v", page.Roots)
		}
	})
}
