package db_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// readers are the indexes of some readers, which are not used elsewhere.
func reader(n int) [][]byte { return [][]byte{dbtest.Index("reader " + strconv.Itoa(n))} }

func castVote(b *dbtest.Builder, id string, who, value int) moderation.CastVote {
	return moderation.CastVote{CommentID: id, Voters: reader(who), Value: value, At: b.Now()}
}

func newReport(b *dbtest.Builder, id string, who, holdAfter int) moderation.NewReport {
	return moderation.NewReport{Reporters: reader(who), HoldAfter: holdAfter, DecisionID: b.NewID(),
		Report: moderation.Report{ID: b.NewID(), CommentID: id, Reason: moderation.ReportSpam, Note: "Note " + id, CreatedAt: b.Now()}}
}

// vote and report are steps of the model of counters: on comments that are not approved they must change
// nothing.
func (m *model) vote(r *rapid.T) {
	m.change(r, func(c *moderation.Comment) {
		value, who := rapid.IntRange(-1, 1).Draw(r, "value"), rapid.IntRange(0, 4).Draw(r, "reader")
		tally, err := m.d.Votes.CastVote(m.t.Context(), castVote(m.b, c.ID, who, value))
		if !c.Public() {
			wantErr(m.t, err, moderation.ErrNotFound)
			return
		}
		ok(m.t, err)
		stored, _ := commentText(m.t, m.d, c.ID)
		wantEqual(m.t, moderation.VoteCounts{Up: stored.UpVotes, Down: stored.DownVotes, Value: value, Before: tally.Before}, tally)
	})
}

func (m *model) report(r *rapid.T) {
	m.change(r, func(c *moderation.Comment) {
		who, holdAfter := rapid.IntRange(0, 4).Draw(r, "reader"), rapid.IntRange(0, 3).Draw(r, "hold after")
		before, _ := commentText(m.t, m.d, c.ID)
		err := m.d.Reports.CreateReport(m.t.Context(), newReport(m.b, c.ID, who, holdAfter))
		if !c.Public() {
			wantErr(m.t, err, moderation.ErrNotFound)
			return
		}
		ok(m.t, err)
		after, _ := commentText(m.t, m.d, c.ID)
		if after.OpenReports > before.OpenReports && holdAfter > 0 && after.OpenReports >= holdAfter {
			c.Status, c.Version = moderation.StatusPending, c.Version+1
		}
		wantEqual(m.t, after.Version, c.Version)
	})
}

func TestVotersOfOneCommentNeitherMiscountNorDeadlock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		root := b.Comment(article, dbtest.Draft{})
		reply := b.Comment(article, dbtest.Draft{Parent: &root})
		var group sync.WaitGroup
		for worker := range 8 {
			random := rand.New(rand.NewPCG(uint64(worker), 2))
			group.Go(func() {
				for range 25 {
					id := []string{root.ID, reply.ID}[random.IntN(2)]
					var err error
					switch random.IntN(4) {
					case 0:
						err = d.Reports.CreateReport(t.Context(), newReport(b, id, random.IntN(30), 3))
					case 1:
						err = moveIntoPlace(t, d, b, id, random)
					default:
						_, err = d.Votes.CastVote(t.Context(), castVote(b, id, random.IntN(12), random.IntN(3)-1))
					}
					if err != nil && !isOneOf(err, moderation.ErrNotFound, moderation.ErrVersion) {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		checkCounters(t, d)
	})
}

// moveIntoPlace approves or rejects a comment, whatever its status.
func moveIntoPlace(t *testing.T, d *db.DB, b *dbtest.Builder, id string, random *rand.Rand) error {
	c, _, err := d.Comments.CommentText(t.Context(), id)
	if err != nil {
		return err
	}
	action := []moderation.Action{moderation.ActionApprove, moderation.ActionApprove, moderation.ActionHold}[random.IntN(3)]
	if _, err := c.Apply(action); err != nil {
		return nil //nolint:nilerr // there is nothing to decide
	}
	return d.Decisions.RecordDecision(t.Context(), b.NewDecision(c, action))
}

func TestAVoteUnderAnOlderKeyIsTheSameReaders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		c := b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{})
		old := castVote(b, c.ID, 1, 1)
		must[moderation.VoteCounts](t)(d.Votes.CastVote(t.Context(), old))
		ok(t, d.Reports.CreateReport(t.Context(), newReport(b, c.ID, 1, 0)))
		now := castVote(b, c.ID, 2, -1)
		now.Voters = append(now.Voters, old.Voters...)
		wantEqual(t, must[moderation.VoteCounts](t)(d.Votes.CastVote(t.Context(), now)), moderation.VoteCounts{Down: 1, Value: -1, Before: 1})
		again := newReport(b, c.ID, 2, 0)
		again.Reporters = now.Voters
		ok(t, d.Reports.CreateReport(t.Context(), again))
		wantEqual(t, len(must[[]moderation.Report](t)(d.Reports.Reports(t.Context(), c.ID, 10))), 1)
		checkCounters(t, d)
	})
}

func TestVotersAndReportersAreForgottenAndCountsStay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		c := b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{})
		for who := range 3 {
			must[moderation.VoteCounts](t)(d.Votes.CastVote(t.Context(), castVote(b, c.ID, who, 1)))
			ok(t, d.Reports.CreateReport(t.Context(), newReport(b, c.ID, who, 0)))
		}
		b.Advance(time.Hour)
		must[moderation.VoteCounts](t)(d.Votes.CastVote(t.Context(), castVote(b, c.ID, 9, 1)))
		wantEqual(t, must[int64](t)(d.Janitor.ForgetAddresses(t.Context(), b.Now().Add(-time.Minute))), int64(6))
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM votes WHERE voter IS NOT NULL`), 1)
		wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM reports WHERE reporter IS NOT NULL`), 0)
		stored, _ := commentText(t, d, c.ID)
		wantEqual(t, []int{stored.UpVotes, stored.OpenReports}, []int{4, 3})
		checkCounters(t, d)
	})
}

func TestADecisionResolvesReportsAndAppeals(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		c := b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{})
		ok(t, d.Reports.CreateReport(t.Context(), newReport(b, c.ID, 1, 0)))
		c = b.Decide(c, moderation.ActionReject)
		reports := must[[]moderation.Report](t)(d.Reports.Reports(t.Context(), c.ID, 10))
		if len(reports) != 1 || reports[0].DecisionID == "" || reports[0].ResolvedAt.IsZero() {
			t.Errorf("after the decision the report is %+v", reports)
		}
		d1 := b.NewDecision(c, moderation.ActionHold)
		d1.Actor, d1.ModeratorID = moderation.ActorCommenter, ""
		ok(t, d.Appeals.CreateAppeal(t.Context(), moderation.Appeal{CommentID: c.ID, Body: "Why?", CreatedAt: b.Now()}, d1))
		c.Version, c.Status = d1.Version, d1.To
		open := must[map[string]moderation.Appeal](t)(d.Appeals.Appeals(t.Context(), []string{c.ID}))[c.ID]
		if !open.Open() || open.ModeratorID != "somebody" || open.Body != "Why?" {
			t.Errorf("the appeal is %+v", open)
		}
		c = b.Decide(c, moderation.ActionReject)
		answered := must[map[string]moderation.Appeal](t)(d.Appeals.Appeals(t.Context(), []string{c.ID}))[c.ID]
		wantEqual(t, answered.Outcome, moderation.StatusRejected)
		second := b.NewDecision(c, moderation.ActionHold)
		second.Actor = moderation.ActorCommenter
		wantErr(t, d.Appeals.CreateAppeal(t.Context(), moderation.Appeal{CommentID: c.ID, Body: "Again", CreatedAt: b.Now()}, second), moderation.ErrNoAppeal)
		stored, _ := commentText(t, d, c.ID)
		wantEqual(t, stored.Status, moderation.StatusRejected)
		checkCounters(t, d)
	})
}

func TestAnotherModeratorMustBeAbleToSignInAndWorkThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site, other := b.Site("daily"), b.Site("weekly")
		me := b.Moderator("me@example.org", auth.RoleModerator)
		others := func() bool { return must[bool](t)(d.Appeals.OtherModerators(t.Context(), site.ID, me.ID)) }
		wantEqual(t, others(), false)
		far := b.Moderator("far@example.org", auth.RoleModerator)
		tamper(t, d, `INSERT INTO moderator_sites (moderator_id, site_id) VALUES ($1, $2)`, far.ID, db.ID(other.ID))
		wantEqual(t, others(), false)
		near := b.Moderator("near@example.org", auth.RoleModerator)
		wantEqual(t, others(), true)
		tamper(t, d, `UPDATE moderators SET password_hash = '' WHERE id = $1`, near.ID)
		wantEqual(t, others(), false)
		tamper(t, d, `INSERT INTO moderator_sites (moderator_id, site_id) VALUES ($1, $2)`, far.ID, db.ID(site.ID))
		wantEqual(t, others(), true)
	})
}

func TestAnArticleIsFoundUnderItsAliases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article, busy, empty := b.Article(site, "one"), b.Article(site, "busy"), b.Article(site, "empty")
		b.Comment(article, dbtest.Draft{})
		b.Comment(busy, dbtest.Draft{Status: moderation.StatusPending})
		add := func(key string, to moderation.Article) error {
			return d.Articles.CreateAlias(t.Context(), site.ID, moderation.ArticleAlias{Key: key, ArticleID: to.ID, CreatedAt: b.Now()}, nil)
		}
		find := func(key string) string {
			t.Helper()
			return must[moderation.Article](t)(d.Articles.Article(t.Context(), site.ID, key)).Key
		}
		ok(t, add("old", empty))
		wantErr(t, add("old", article), moderation.ErrExists)
		wantErr(t, add("busy", article), moderation.ErrAliasTaken)
		wantEqual(t, find("busy"), "busy")
		// The empty article is replaced, and its aliases now name the other article.
		ok(t, add("empty", article))
		wantEqual(t, []string{find("empty"), find("old")}, []string{"one", "one"})
		wantEqual(t, must[map[string]int](t)(d.Articles.Counts(t.Context(), site.ID, []string{"one", "old", "none"})), map[string]int{"one": 1, "old": 1})
		wantErr(t, d.Articles.CreateArticle(t.Context(), b.NewArticle(site, "old"), nil), moderation.ErrExists)

		// A comment sent to the alias, by a process that does not know it as one yet, belongs to the article.
		late := b.NewArticle(site, "old")
		c := must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), b.NewComment(late, dbtest.Draft{})))
		wantEqual(t, c.ArticleID, article.ID)
		list := must[[]moderation.ArticleAlias](t)(d.Articles.Aliases(t.Context(), site.ID, nil, 1))
		wantEqual(t, len(list), 1)
		rest := must[[]moderation.ArticleAlias](t)(d.Articles.Aliases(t.Context(), site.ID,
			&moderation.ThreadKey{CreatedAt: list[0].CreatedAt, ID: list[0].Key}, 5))
		wantEqual(t, fmt.Sprint(list[0].Key, " ", rest[0].Key, " ", rest[0].ArticleKey), "old empty one")
		ok(t, d.Articles.DeleteAlias(t.Context(), site.ID, "old", nil))
		wantErr(t, d.Articles.DeleteAlias(t.Context(), site.ID, "old", nil), moderation.ErrNotFound)
		_, err := d.Articles.Article(t.Context(), site.ID, "old")
		wantErr(t, err, moderation.ErrNotFound)
		checkCounters(t, d)
	})
}
