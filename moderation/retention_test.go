package moderation_test

import (
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/retention"
)

const day = 24 * time.Hour

// setRetention sets the retention of the site daily.
func (f *fixture) setRetention(s moderation.RetentionSettings) *retention.Sweeper {
	f.t.Helper()
	sites := &moderation.Sites{Store: f.db.ForSites(), Now: f.now, NewID: f.newID}
	got(sites.Change(f.t.Context(), nobody, "daily", moderation.SiteChange{
		Settings: func(t moderation.SiteSettings) moderation.SiteSettings { t.Retention = s; return t }}))(f.t)
	return &retention.Sweeper{Store: f.db.ForRetention(), Now: f.now, NewID: f.newID,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func (f *fixture) sweep(r *retention.Sweeper) {
	f.t.Helper()
	if err := r.Sweep(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// retentionReasons returns the reasons of the audit log's entries about retention, newest first.
func (f *fixture) retentionReasons() []string {
	f.t.Helper()
	log := &moderation.AuditLog{Store: f.db.ForAuditLog()}
	page := got(log.List(f.t.Context(), nobody, moderation.AuditQuery{Action: moderation.AuditRetention, Limit: 10}))(f.t)
	var reasons []string
	for _, row := range page.Items {
		reasons = append(reasons, row.SiteSlug+": "+row.Reason)
	}
	return reasons
}

func TestDeclinedCommentsAreDeletedAfterTheirRetention(t *testing.T) {
	for engine, address := range map[string]string{"SQLite": dbtest.SQLiteURL(t), "PostgreSQL": dbtest.PostgresURL(t)} {
		t.Run(engine, func(t *testing.T) {
			d := dbtest.Migrated(t, address)
			f := newFixture(t, d)
			elsewhere := f.submitTo("weekly", "ines@mail.example", "casino of the other site")
			f.decide(elsewhere, moderation.ActionReject)
			spam := f.submit("a casino by the plumbago")
			rejected, late := f.submit("a word about marjoram"), f.submit("another word about saffron")
			appealed, approved, pending := f.submit("an appealed word"), f.submit("please stay"), f.submit("a word that waits")
			f.decide(rejected, moderation.ActionReject)
			f.decide(appealed, moderation.ActionReject)
			own := &moderation.AuthorService{Store: d.ForAuthors(), Keys: f.keys, Limiter: moderation.NewRateLimiter(0, f.now),
				Now: f.now, NewID: f.newID}
			got(own.Appeal(t.Context(), moderation.AppealRequest{CommentID: appealed, Receipt: f.receipts[appealed], Body: "Why?"}))(t)
			f.advance(20 * day)
			f.decide(late, moderation.ActionReject)
			f.advance(11 * day)
			r := f.setRetention(moderation.RetentionSettings{DeclinedDays: 30})
			due := got(r.Preview(t.Context(), nobody, "daily", moderation.RetentionSettings{DeclinedDays: 30}))(t)
			if due != (retention.Count{Comments: 2}) {
				t.Errorf("a preview of 30 days: %+v", due)
			}
			due = got(r.Preview(t.Context(), nobody, "daily", moderation.RetentionSettings{DeclinedDays: 5}))(t)
			if due != (retention.Count{Comments: 3}) {
				t.Errorf("a preview of 5 days: %+v", due)
			}
			f.sweep(r)
			f.sweep(r)
			if diff := cmp.Diff([]string{"daily: comments deleted: 2; commenters anonymized: 0"}, f.retentionReasons()); diff != "" {
				t.Error(diff)
			}
			wantGone(t, address, "after the sweep", "plumbago", "marjoram")
			for id, want := range map[string]moderation.Status{spam: "deleted", rejected: "deleted", late: "rejected",
				appealed: "pending", approved: "approved", pending: "pending", elsewhere: "rejected"} {
				c, _, err := d.Comments.CommentText(t.Context(), id)
				if err != nil || c.Status != want {
					t.Errorf("%s is %s, want %s, %v", id, c.Status, want, err)
				}
			}
			if counts := got(f.queue.Counts(t.Context(), nobody, "daily"))(t); counts.Spam != 0 || counts.Rejected != 1 {
				t.Errorf("the counts are %+v", counts)
			}
		})
	}
}

func TestInactiveCommentersAreAnonymized(t *testing.T) {
	for engine, address := range map[string]string{"SQLite": dbtest.SQLiteURL(t), "PostgreSQL": dbtest.PostgresURL(t)} {
		t.Run(engine, func(t *testing.T) {
			d := dbtest.Migrated(t, address)
			f := newFixture(t, d)
			f.activate(strings.Replace(fixtureRules, "rules:\n", `rules:
  - {id: named, when: 'author.name.contains("samund")', score: 1, reason: "The name is {{author.name}}."}
`, 1))
			gone := f.submitAs(erasedAuthor{name: "Rosamund", url: "https://rosamund.example/", email: "rosa@rosamund.example",
				body: "please keep this text"})
			f.decide(f.submit("somebody else was here"), moderation.ActionApprove)
			mo := moderation.Viewer{ModeratorID: dbtest.Build(t, d).Moderator("mo@desk.example", auth.RoleModerator).ID}
			got(f.queue.AddNote(t.Context(), mo, gone.id, queue.NewNote{About: "commenter", Body: "Rosamund again"}))(t)
			got(f.queue.AddNote(t.Context(), mo, gone.id, queue.NewNote{Body: "This is the Rosamund."}))(t)
			got(f.queue.BlockFrom(t.Context(), mo, gone.id, queue.NewBlock{Kind: moderation.BlockEmail, Note: "Rosamund, who else."}))(t)
			f.decide(gone.id, moderation.ActionReject)
			got(f.queue.Decide(t.Context(), mo, queue.DecisionRequest{CommentID: gone.id, Action: moderation.ActionApprove, Version: 2,
				Reason: "Welcome back, Rosamund."}))(t)
			if tables := tablesContaining(t, address, "rosamund"); len(tables) < 5 {
				t.Fatalf("only %v hold the name", tables)
			}
			threads := &moderation.Threads{Store: d.ForThreads(), Keys: f.keys, Now: f.now}
			read := func() moderation.Thread {
				t.Helper()
				return got(threads.Thread(t.Context(), moderation.ThreadQuery{SiteSlug: "daily", ArticleKey: "one", Limit: 10}))(t)
			}
			before := read()
			f.advance(2 * 365 * day)
			f.submit("the other one is still here")
			f.advance(400 * day)
			r := f.setRetention(moderation.RetentionSettings{InactiveYears: 3})
			due := got(r.Preview(t.Context(), nobody, "daily", moderation.RetentionSettings{InactiveYears: 3}))(t)
			if due != (retention.Count{Commenters: 1}) {
				t.Errorf("the preview: %+v", due)
			}
			f.sweep(r)
			f.sweep(r)
			if diff := cmp.Diff([]string{"daily: comments deleted: 0; commenters anonymized: 1"}, f.retentionReasons()); diff != "" {
				t.Error(diff)
			}
			wantGone(t, address, "after the sweep", "rosamund")
			after := read()
			var names []string
			for _, node := range after.Roots {
				names = append(names, node.AuthorName)
			}
			slices.Sort(names)
			if diff := cmp.Diff([]string{"Anonymous", "Ines"}, names); diff != "" {
				t.Error(diff)
			}
			if after.Article.Version <= before.Article.Version {
				t.Errorf("version %d after %d: caches keep the name", after.Article.Version, before.Article.Version)
			}
			found := func(words string) int {
				t.Helper()
				return len(got(f.queue.List(t.Context(), nobody, queue.Query{Filter: queue.Filter{Search: words}, Sort: queue.SortNewest, Status: moderation.StatusApproved, Limit: 5}))(t).Items)
			}
			if found("rosamund") != 0 || found("keep text") != 1 || found("anonymous") != 1 {
				t.Errorf("found by the name %d, by its text %d, by the new name %d", found("rosamund"), found("keep text"), found("anonymous"))
			}
			again := f.submitAs(erasedAuthor{name: "Rosa", email: "rosa@rosamund.example", body: "a new word of the same person"})
			c, _, err := d.Comments.CommentText(t.Context(), again.id)
			old, _, oldErr := d.Comments.CommentText(t.Context(), gone.id)
			if err != nil || oldErr != nil || c.CommenterID == old.CommenterID {
				t.Errorf("a new comment joins the anonymous ones: %v, %v", err, oldErr)
			}
		})
	}
}

func TestRetentionSettingsAreChecked(t *testing.T) {
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	r := f.setRetention(moderation.RetentionSettings{})
	for _, s := range []moderation.RetentionSettings{{DeclinedDays: -1}, {DeclinedDays: moderation.MaxDays + 1}, {InactiveYears: 101}} {
		if _, err := r.Preview(t.Context(), nobody, "daily", s); !errors.As(err, new(*moderation.Invalid)) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	f.submit("a casino")
	f.advance(40 * 365 * day)
	f.sweep(r)
	if sweeps := f.retentionReasons(); len(sweeps) > 0 {
		t.Errorf("without settings: %v", sweeps)
	}
}
