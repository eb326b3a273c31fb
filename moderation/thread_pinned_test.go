package moderation_test

import (
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// highlight pins or features the named comment.
func (r *reading) highlight(d *db.DB, name string, h queue.Highlight) {
	r.t.Helper()
	if err := d.Highlights.Highlight(r.t.Context(), r.by[name], h); err != nil {
		r.t.Fatal(err)
	}
}

func TestAPinnedCommentIsOnTopOfEveryOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newReading(t, d)
		for _, name := range []string{"a", "b", "c"} {
			r.add(name, "")
		}
		r.add("d", "b")
		r.highlight(d, "c", queue.Highlight{Pinned: new(true)})
		r.highlight(d, "b", queue.Highlight{Pinned: new(true)}) // takes the place of c
		for sort, want := range map[moderation.ThreadSort]string{
			moderation.ThreadOldest: "b[d] a c", moderation.ThreadNewest: "b[d] c a", moderation.ThreadBest: "b[d] c a",
		} {
			page := r.read(moderation.ThreadQuery{Sort: sort, Limit: 50})
			if got := r.outline(page.Roots); got != want {
				t.Errorf("%s: %s, want %s", sort, got, want)
			}
			if !page.Roots[0].Pinned || page.Roots[1].Pinned {
				t.Errorf("%s: pinned are %t and %t", sort, page.Roots[0].Pinned, page.Roots[1].Pinned)
			}
		}
		if page := r.read(moderation.ThreadQuery{Limit: 50, Focus: r.by["d"].ID}); r.outline(page.Roots) != "b[d] a c" || page.Focus == "" {
			t.Errorf("a link to a reply below it shows %s, focus %q", r.outline(page.Roots), page.Focus)
		}
		if page := r.read(moderation.ThreadQuery{Limit: 50, Focus: r.by["c"].ID}); r.outline(page.Roots) != "c" {
			t.Errorf("a link to the last comment shows %s", r.outline(page.Roots))
		}
		first := r.read(moderation.ThreadQuery{Limit: 1})
		second := r.read(moderation.ThreadQuery{Limit: 1, Cursor: first.NextCursor})
		if got := r.outline(first.Roots) + " / " + r.outline(second.Roots); got != "b[…] a / c" {
			t.Errorf("pages of one are %s", got)
		}
		r.hide("b")
		if page := r.read(moderation.ThreadQuery{Limit: 50}); r.outline(page.Roots) != "a b†[d] c" || page.Roots[1].Pinned {
			t.Errorf("once it is hidden: %s", r.outline(page.Roots))
		}
		r.highlight(d, "c", queue.Highlight{Pinned: new(true)})
		r.highlight(d, "c", queue.Highlight{Pinned: new(false)})
		if page := r.read(moderation.ThreadQuery{Limit: 50}); r.outline(page.Roots) != "a b†[d] c" || page.Roots[2].Pinned {
			t.Errorf("unpinned: %s", r.outline(page.Roots))
		}
	})
}

func TestFeaturedCommentsComeFirstInBest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newReading(t, d)
		for _, name := range []string{"a", "b", "c"} {
			r.add(name, "")
		}
		vote := func(name, voter string) {
			t.Helper()
			got(d.Votes.CastVote(t.Context(), moderation.CastVote{CommentID: r.by[name].ID, Voters: [][]byte{[]byte(voter)}, Value: 1, At: r.b.Now()}))(t)
		}
		best := func() string {
			t.Helper()
			return r.outline(r.read(moderation.ThreadQuery{Sort: moderation.ThreadBest, Limit: 50}).Roots)
		}
		vote("b", "1")
		r.highlight(d, "a", queue.Highlight{Featured: new(true)})
		if got := best(); got != "a b c" {
			t.Errorf("featured: %s", got)
		}
		r.highlight(d, "c", queue.Highlight{Featured: new(true)})
		vote("c", "2")
		if got := best(); got != "c a b" {
			t.Errorf("two featured, one with a vote: %s", got)
		}
		r.highlight(d, "a", queue.Highlight{Featured: new(false)})
		if got := best(); got != "c b a" {
			t.Errorf("one is featured no more: %s", got)
		}
		page := r.read(moderation.ThreadQuery{Limit: 50})
		if !page.Roots[2].Featured || page.Roots[0].Featured {
			t.Errorf("featured are %+v", page.Roots)
		}
	})
}
