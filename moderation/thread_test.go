package moderation_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/privacy"
)

// threadFixture is an article whose comments have names instead of ids.
type threadFixture struct {
	t       *testing.T
	b       *dbtest.Builder
	threads *moderation.Threads
	article moderation.Article
	by      map[string]moderation.Comment
	names   map[string]string
}

func newThreadFixture(t *testing.T, d *db.DB) *threadFixture {
	b := dbtest.Build(t, d)
	return &threadFixture{t: t, b: b, article: b.Article(b.Site("daily"), "one"),
		threads: &moderation.Threads{Store: d.ForThreads(), Keys: got(privacy.Open(t.TempDir(), b.Now))(t), Now: b.Now},
		by:      map[string]moderation.Comment{}, names: map[string]string{}}
}

// add stores a comment below the one named; "" is a root.
func (f *threadFixture) add(name, parent string) {
	f.t.Helper()
	draft := dbtest.Draft{Name: strings.ToUpper(name)}
	if p, ok := f.by[parent]; ok {
		draft.Parent = &p
	}
	f.by[name] = f.b.Comment(f.article, draft)
	f.names[f.by[name].ID] = name
}

func (f *threadFixture) hide(name string) { f.by[name] = f.b.Decide(f.by[name], moderation.ActionHold) }

func (f *threadFixture) read(q moderation.ThreadQuery) moderation.Thread {
	f.t.Helper()
	q.SiteSlug, q.ArticleKey = "daily", "one"
	return got(f.threads.Thread(f.t.Context(), q))(f.t)
}

// outline returns nodes as name[replies], with a dagger for tombstones and … for further replies.
func (f *threadFixture) outline(nodes []*moderation.ThreadNode) string {
	var parts []string
	for _, n := range nodes {
		part := f.names[n.ID]
		if n.Tombstone {
			part += "†"
		}
		if n.Tombstone && n.AuthorName+n.BodyHTML+n.Avatar+n.AuthorURL != "" {
			f.t.Errorf("the tombstone of %s shows %+v", part, n.PublicComment)
		}
		below := f.outline(n.Replies)
		if n.MoreReplies != "" {
			below += "…"
		}
		if below != "" {
			part += "[" + below + "]"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// pages reads to the end.
func (f *threadFixture) pages(q moderation.ThreadQuery) string {
	f.t.Helper()
	var all []string
	for range 50 {
		page := f.read(q)
		all = append(all, f.outline(page.Roots))
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			return strings.Join(all, " | ")
		}
	}
	f.t.Fatalf("there is no end: %q", all)
	return ""
}

func TestAPageRespectsItsLimit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newThreadFixture(t, d)
		for _, root := range []string{"a", "b", "c"} {
			f.add(root, "")
			f.add(root+"1", root)
			f.add(root+"2", root+"1")
		}
		f.add("b3", "b")
		f.hide("a1") // its reply keeps it as a tombstone, which VisibleReplies does not count
		for limit, want := range map[int]string{
			1:  "a[…] | b[…] | c[…]",
			2:  "a[a1†…] | b[b1…] | c[c1…]",
			3:  "a[a1†[a2]] | b[b1[b2]…] | c[c1[c2]]",
			4:  "a[a1†[a2]] | b[b1[b2] b3] | c[c1[c2]]",
			6:  "a[a1†[a2]] | b[b1[b2] b3] | c[c1[c2]]",
			7:  "a[a1†[a2]] b[b1[b2] b3] | c[c1[c2]]",
			10: "a[a1†[a2]] b[b1[b2] b3] c[c1[c2]]",
		} {
			if got := f.pages(moderation.ThreadQuery{Limit: limit}); got != want {
				t.Errorf("limit %d: %s, want %s", limit, got, want)
			}
		}
	})
}

func TestALongBranchContinuesFlatAndNamesTheParents(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newThreadFixture(t, d)
		f.add("a", "")
		for i := range moderation.RepliesPerRoot {
			f.add(fmt.Sprint("x", i), "a")
		}
		f.add("y0", "x0")
		f.add("y1", "x1")
		f.add("z", "y1")
		f.add("y2", "a")
		f.hide("x1")
		page := f.read(moderation.ThreadQuery{Limit: 50})
		if top := page.Roots[0]; len(top.Replies) != moderation.RepliesPerRoot || top.MoreReplies == "" || top.Replies[0].ParentName != "A" {
			t.Fatalf("the first page is %s", f.outline(page.Roots))
		}
		rest := f.read(moderation.ThreadQuery{Limit: 50, RootID: page.Roots[0].ID, Cursor: page.Roots[0].MoreReplies})
		if got := f.outline(rest.Roots); got != "y0 y1[z] y2" || rest.RootID != page.Roots[0].ID {
			t.Errorf("the branch goes on with %s below %q", got, rest.RootID)
		}
		var names []string
		for _, n := range []*moderation.ThreadNode{rest.Roots[0], rest.Roots[1], rest.Roots[1].Replies[0], rest.Roots[2]} {
			names = append(names, n.ParentName)
		}
		if got := strings.Join(names, ","); got != "X0,,Y1,A" { // X1 is not public
			t.Errorf("they reply to %s", got)
		}
	})
}

func TestAPageIsFoundForAComment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newThreadFixture(t, d)
		for _, root := range []string{"a", "b", "c"} {
			f.add(root, "")
		}
		for i := range 5 {
			f.add(fmt.Sprint("b", i), "b")
		}
		f.add("gone", "b")
		f.hide("gone")
		f.add("stone", "")
		f.add("s1", "stone")
		f.hide("stone")
		b := f.by["b"].ID
		for focus, want := range map[string]struct {
			page string
			root string
			on   bool
		}{
			"a":     {page: "a", on: true},
			"b":     {page: "b[b0 b1 b2…]", on: true},
			"b2":    {page: "b[b0 b1 b2…]", on: true},
			"b3":    {page: "b3 b4", root: b, on: true},
			"c":     {page: "c stone†[s1]", on: true},
			"stone": {page: "stone†[s1]", on: true},
			"gone":  {page: "a"},
		} {
			page := f.read(moderation.ThreadQuery{Limit: 4, Focus: f.by[focus].ID})
			on := ""
			if want.on {
				on = f.by[focus].ID
			}
			if got := f.outline(page.Roots); got != want.page || page.RootID != want.root || page.Focus != on {
				t.Errorf("%s: %s below %q, focus %q", focus, got, page.RootID, page.Focus)
			}
		}
		other := f.b.Comment(f.b.Article(f.b.Site("weekly"), "one"), dbtest.Draft{})
		for _, focus := range []string{other.ID, f.b.NewID(), "nonsense", "' OR 1 = 1"} {
			if page := f.read(moderation.ThreadQuery{Limit: 4, Focus: focus}); page.Focus != "" || f.outline(page.Roots) != "a" {
				t.Errorf("%s: %s", focus, f.outline(page.Roots))
			}
		}
		if page := f.read(moderation.ThreadQuery{Limit: 9, Focus: f.by["b"].ID, Sort: moderation.ThreadNewest}); f.outline(page.Roots) != "b[b0 b1 b2 b3 b4] a" {
			t.Errorf("the newest from b on: %s", f.outline(page.Roots))
		}
	})
}

func TestTheBestComeFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newThreadFixture(t, d)
		for i, root := range []string{"a", "b", "c", "d"} {
			f.add(root, "")
			for voter := range []int{0, 3, 1, 0}[i] {
				_, err := d.Votes.CastVote(t.Context(), moderation.CastVote{CommentID: f.by[root].ID, Value: 1, At: f.b.Now(),
					Voters: [][]byte{dbtest.Index(fmt.Sprint(voter))}})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		q := moderation.ThreadQuery{Limit: 1, Sort: moderation.ThreadBest}
		if got := f.pages(q); got != "b | c | d | a" {
			t.Errorf("the best first: %s", got)
		}
		if page := f.read(q); page.Roots[0].UpVotes != 0 {
			t.Errorf("a site without votes shows %d", page.Roots[0].UpVotes)
		}
		site := got(d.Sites.SiteBySlug(t.Context(), "daily"))(t)
		site.Settings.Votes = moderation.VotesUp
		if err := d.Sites.UpdateSite(t.Context(), site, nil); err != nil {
			t.Fatal(err)
		}
		page := f.read(q)
		if page.Roots[0].UpVotes != 3 {
			t.Errorf("the best has %d votes", page.Roots[0].UpVotes)
		}
		q.Cursor, q.Sort = page.NextCursor, moderation.ThreadOldest
		q.SiteSlug, q.ArticleKey = "daily", "one"
		if _, err := f.threads.Thread(t.Context(), q); !errors.Is(err, moderation.ErrCursor) {
			t.Errorf("a cursor of another order: %v", err)
		}
	})
}

func TestFeedsHoldApprovedCommentsOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newThreadFixture(t, d)
		f.add("a", "")
		f.add("b", "a")
		f.add("c", "b")
		f.hide("a")
		f.b.Comment(f.article, dbtest.Draft{Status: moderation.StatusPending})
		for _, key := range []string{"", "one"} {
			latest := got(f.threads.Latest(t.Context(), moderation.LatestQuery{SiteSlug: "daily", ArticleKey: key, Limit: 9}))(t)
			var list []string
			for _, c := range latest.Comments {
				list = append(list, f.names[c.ID]+" to "+c.ParentName+" in "+c.Article.Title)
			}
			if text := strings.Join(list, ", "); text != "c to B in About one, b to  in About one" {
				t.Errorf("%q: %s", key, text)
			}
		}
		empty := got(f.threads.Latest(t.Context(), moderation.LatestQuery{SiteSlug: "daily", ArticleKey: "new", Limit: 9}))(t)
		if len(empty.Comments) != 0 || empty.Article.ID != "" || empty.Article.Key != "new" {
			t.Errorf("an unknown article has %+v", empty)
		}
		_, err := f.threads.Latest(t.Context(), moderation.LatestQuery{SiteSlug: "nosuch", Limit: 9})
		if !errors.Is(err, moderation.ErrSiteUnknown) {
			t.Errorf("an unknown site: %v", err)
		}
	})
}
