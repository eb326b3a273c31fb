package db_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

var statuses = []moderation.Status{moderation.StatusPending, moderation.StatusApproved, moderation.StatusRejected, moderation.StatusSpam}

// model keeps the comments of one site as the database should, and counts them the slow way.
type model struct {
	t        *testing.T
	d        *db.DB
	b        *dbtest.Builder
	articles []moderation.Article
	comments []moderation.Comment
	blocks   map[string]string // their ids, by site and value
}

func (m *model) below(root string) int {
	n := 0
	for _, c := range m.comments {
		if c.ParentID != root {
			continue
		}
		if c.Public() {
			n++
		}
		n += m.below(c.ID)
	}
	return n
}

func (m *model) check() {
	m.t.Helper()
	counts := map[string]int{}
	records := map[string]moderation.Record{}
	for _, c := range m.comments {
		stored, _ := commentText(m.t, m.d, c.ID)
		if stored.Status != c.Status || stored.VisibleReplies != m.below(c.ID) {
			m.t.Errorf("%s is %s with %d replies, want %s with %d", c.ID, stored.Status, stored.VisibleReplies, c.Status, m.below(c.ID))
		}
		r := records[c.CommenterID]
		switch c.Status {
		case moderation.StatusPending:
			r.Pending++
		case moderation.StatusApproved:
			r.Approved++
			counts[c.ArticleID]++
		case moderation.StatusRejected:
			r.Rejected++
		case moderation.StatusSpam:
			r.Spam++
		}
		records[c.CommenterID] = r
	}
	for _, a := range m.articles {
		wantEqual(m.t, must[moderation.Article](m.t)(m.d.Articles.ArticleByID(m.t.Context(), a.ID)).ApprovedCount, counts[a.ID])
	}
	for id, want := range records {
		got := must[moderation.Commenter](m.t)(m.d.Commenters.Commenter(m.t.Context(), id)).Record
		want.LastNegativeAt, want.LastDecided = got.LastNegativeAt, got.LastDecided
		wantEqual(m.t, got, want)
	}
	checkCounters(m.t, m.d)
}

// pick chooses one of a list.
func pick[T any](r *rapid.T, list []T, what string) T { return rapid.SampledFrom(list).Draw(r, what) }

func (m *model) create(r *rapid.T) {
	article := pick(r, m.articles, "article")
	draft := dbtest.Draft{Status: pick(r, statuses, "status"), Email: pick(r, []string{"a@x.org", "b@x.org", "c@x.org"}, "email")}
	var parents []moderation.Comment
	for _, c := range m.comments {
		if c.Public() && c.ArticleID == article.ID {
			parents = append(parents, c)
		}
	}
	if len(parents) > 0 && rapid.IntRange(0, 3).Draw(r, "reply") > 0 {
		parent := pick(r, parents, "parent")
		draft.Parent = &parent
	}
	m.comments = append(m.comments, m.b.Comment(article, draft))
}

// change changes a comment that is not deleted.
func (m *model) change(r *rapid.T, do func(c *moderation.Comment)) {
	var live []int
	for i, c := range m.comments {
		if c.Status != moderation.StatusDeleted {
			live = append(live, i)
		}
	}
	if len(live) > 0 {
		do(&m.comments[pick(r, live, "comment")])
	}
}

func (m *model) decide(r *rapid.T) {
	m.change(r, func(c *moderation.Comment) {
		action := pick(r, []moderation.Action{moderation.ActionApprove, moderation.ActionHold, moderation.ActionReject,
			moderation.ActionSpam, moderation.ActionDelete}, "action")
		if _, err := c.Apply(action); err == nil {
			*c = m.b.Decide(*c, action)
		}
	})
}

func (m *model) revise(r *rapid.T) {
	m.change(r, func(c *moderation.Comment) {
		revision := m.b.NewRevision(*c, "edited", pick(r, statuses, "verdict"))
		ok(m.t, m.d.Submissions.ReviseComment(m.t.Context(), revision))
		*c = revision.Comment
	})
}

func (m *model) withdraw(r *rapid.T) {
	m.change(r, func(c *moderation.Comment) {
		ok(m.t, m.d.Comments.EraseComment(m.t.Context(), m.b.NewDecision(*c, moderation.ActionDelete)))
		c.Status, c.Version = moderation.StatusDeleted, c.Version+1
	})
}

func TestCountersEqualTheRowsWhateverHappens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		somebody := b.Moderator("somebody@example.org", auth.RoleModerator)
		tamper(t, d, `UPDATE moderators SET id = 'somebody' WHERE id = $1`, somebody.ID) // who decides for the builder
		sites := 0
		rapid.Check(t, func(r *rapid.T) {
			sites++
			site := b.Site(fmt.Sprintf("site-%d", sites))
			m := &model{t: t, d: d, b: b, articles: []moderation.Article{b.Article(site, "one"), b.Article(site, "two")},
				blocks: map[string]string{}}
			r.Repeat(map[string]func(*rapid.T){"create": m.create, "decide": m.decide, "revise": m.revise, "withdraw": m.withdraw,
				"vote": m.vote, "report": m.report, "undo": m.undo, "bulk": m.bulk, "appeal": m.appeal, "forget": m.erase,
				"claim": m.claim, "block": m.block, "undo bulk": m.undoBulk, "": m.countedStep})
			m.check()
		})
	})
}

func TestAMiscountIsFound(t *testing.T) {
	for _, statement := range []string{
		`UPDATE articles SET approved_count = approved_count + 1`,
		`UPDATE comments SET visible_replies = 0 WHERE parent_id IS NULL`,
		`UPDATE comments SET visible_replies = 1 WHERE parent_id IS NOT NULL`,
		`UPDATE commenters SET spam_count = 1`,
		`UPDATE commenters SET approved_count = 1`,
		`UPDATE comments SET status = 'pending' WHERE parent_id IS NOT NULL`,
		`UPDATE comments SET up_votes = up_votes + 1`,
		`UPDATE comments SET down_votes = 1`,
		`UPDATE comments SET open_reports = 1`,
		`UPDATE status_counts SET pending = pending + 1`,
		`UPDATE status_counts SET appealed = 1`,
		`UPDATE status_counts SET reported = reported + 1`,
		`DELETE FROM status_counts`,
		`UPDATE submissions SET comment_id = id`,
		`UPDATE decisions SET comment_id = id`,
		`INSERT INTO comment_search (comment_id, words) SELECT id, '' FROM articles`,
		`INSERT INTO imported_comments (comment_id, site_id, import_id, source_key)
			SELECT id, site_id, id, CAST('key' AS BYTEA) FROM articles`,
	} {
		t.Run(statement, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				b := dbtest.Build(t, d)
				article := b.Article(b.Site("daily"), "one")
				root := b.Comment(article, dbtest.Draft{})
				b.Comment(article, dbtest.Draft{Parent: &root})
				checkCounters(t, d)
				tamper(t, d, statement)
				if wrong := must[[]db.Miscount](t)(d.Miscounts(t.Context())); len(wrong) == 0 {
					t.Error("nothing was found")
				}
			})
		})
	}
}
