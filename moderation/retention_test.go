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

// retain sets the retention of the site daily.
func (k *desk) retain(s moderation.RetentionSettings) *retention.Sweeper {
	k.t.Helper()
	sites := &moderation.Sites{Store: k.db.ForSites(), Now: k.now, NewID: k.newID}
	got(sites.Change(k.t.Context(), nobody, "daily", moderation.SiteChange{
		Settings: func(t moderation.SiteSettings) moderation.SiteSettings { t.Retention = s; return t }}))(k.t)
	return &retention.Sweeper{Store: k.db.ForRetention(), Now: k.now, NewID: k.newID,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func (k *desk) sweep(r *retention.Sweeper) {
	k.t.Helper()
	if err := r.Sweep(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

// log returns the reasons of the audit log's entries about retention, newest first.
func (k *desk) sweeps() []string {
	k.t.Helper()
	log := &moderation.AuditLog{Store: k.db.ForAuditLog()}
	page := got(log.List(k.t.Context(), nobody, moderation.AuditQuery{Action: moderation.AuditRetention, Limit: 10}))(k.t)
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
			k := newDesk(t, d)
			elsewhere := k.submitTo("weekly", "ines@mail.example", "casino of the other site")
			k.decide(elsewhere, moderation.ActionReject)
			spam := k.submit("a casino by the plumbago")
			rejected, late := k.submit("a word about marjoram"), k.submit("another word about saffron")
			appealed, approved, pending := k.submit("an appealed word"), k.submit("please stay"), k.submit("a word that waits")
			k.decide(rejected, moderation.ActionReject)
			k.decide(appealed, moderation.ActionReject)
			own := &moderation.AuthorService{Store: d.ForAuthors(), Keys: k.keys, Limiter: moderation.NewRateLimiter(0, k.now),
				Now: k.now, NewID: k.newID}
			got(own.Appeal(t.Context(), moderation.AppealRequest{CommentID: appealed, Receipt: k.receipts[appealed], Body: "Why?"}))(t)
			k.advance(20 * day)
			k.decide(late, moderation.ActionReject)
			k.advance(11 * day)
			r := k.retain(moderation.RetentionSettings{DeclinedDays: 30})
			due := got(r.Preview(t.Context(), nobody, "daily", moderation.RetentionSettings{DeclinedDays: 30}))(t)
			if due != (retention.Count{Comments: 2}) {
				t.Errorf("a preview of 30 days: %+v", due)
			}
			due = got(r.Preview(t.Context(), nobody, "daily", moderation.RetentionSettings{DeclinedDays: 5}))(t)
			if due != (retention.Count{Comments: 3}) {
				t.Errorf("a preview of 5 days: %+v", due)
			}
			k.sweep(r)
			k.sweep(r)
			if diff := cmp.Diff([]string{"daily: comments deleted: 2; commenters anonymized: 0"}, k.sweeps()); diff != "" {
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
			if counts := got(k.queue.Counts(t.Context(), nobody, "daily"))(t); counts.Spam != 0 || counts.Rejected != 1 {
				t.Errorf("the counts are %+v", counts)
			}
		})
	}
}

func TestInactiveCommentersAreAnonymized(t *testing.T) {
	for engine, address := range map[string]string{"SQLite": dbtest.SQLiteURL(t), "PostgreSQL": dbtest.PostgresURL(t)} {
		t.Run(engine, func(t *testing.T) {
			d := dbtest.Migrated(t, address)
			k := newDesk(t, d)
			k.activate(strings.Replace(deskRules, "rules:\n", `rules:
  - {id: named, when: 'author.name.contains("samund")', score: 1, reason: "The name is {{author.name}}."}
`, 1))
			gone := k.write(writer{name: "Rosamund", url: "https://rosamund.example/", email: "rosa@rosamund.example",
				body: "please keep this text"})
			k.decide(k.submit("somebody else was here"), moderation.ActionApprove)
			mo := moderation.Viewer{ModeratorID: dbtest.Build(t, d).Moderator("mo@desk.example", auth.RoleModerator).ID}
			got(k.queue.AddNote(t.Context(), mo, gone.id, queue.NewNote{About: "commenter", Body: "Rosamund again"}))(t)
			got(k.queue.AddNote(t.Context(), mo, gone.id, queue.NewNote{Body: "This is the Rosamund."}))(t)
			got(k.queue.BlockFrom(t.Context(), mo, gone.id, queue.NewBlock{Kind: moderation.BlockEmail, Note: "Rosamund, who else."}))(t)
			k.decide(gone.id, moderation.ActionReject)
			got(k.queue.Decide(t.Context(), mo, queue.DecisionRequest{CommentID: gone.id, Action: moderation.ActionApprove, Version: 2,
				Reason: "Welcome back, Rosamund."}))(t)
			if tables := holders(t, address, "rosamund"); len(tables) < 5 {
				t.Fatalf("only %v hold the name", tables)
			}
			threads := &moderation.Threads{Store: d.ForThreads(), Keys: k.keys, Now: k.now}
			read := func() moderation.Thread {
				t.Helper()
				return got(threads.Thread(t.Context(), moderation.ThreadQuery{SiteSlug: "daily", ArticleKey: "one", Limit: 10}))(t)
			}
			before := read()
			k.advance(2 * 365 * day)
			k.submit("the other one is still here")
			k.advance(400 * day)
			r := k.retain(moderation.RetentionSettings{InactiveYears: 3})
			due := got(r.Preview(t.Context(), nobody, "daily", moderation.RetentionSettings{InactiveYears: 3}))(t)
			if due != (retention.Count{Commenters: 1}) {
				t.Errorf("the preview: %+v", due)
			}
			k.sweep(r)
			k.sweep(r)
			if diff := cmp.Diff([]string{"daily: comments deleted: 0; commenters anonymized: 1"}, k.sweeps()); diff != "" {
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
				return len(got(k.queue.List(t.Context(), nobody, queue.Query{Filter: queue.Filter{Search: words}, Sort: queue.SortNewest, Status: moderation.StatusApproved, Limit: 5}))(t).Items)
			}
			if found("rosamund") != 0 || found("keep text") != 1 || found("anonymous") != 1 {
				t.Errorf("found by the name %d, by its text %d, by the new name %d", found("rosamund"), found("keep text"), found("anonymous"))
			}
			again := k.write(writer{name: "Rosa", email: "rosa@rosamund.example", body: "a new word of the same person"})
			c, _, err := d.Comments.CommentText(t.Context(), again.id)
			old, _, oldErr := d.Comments.CommentText(t.Context(), gone.id)
			if err != nil || oldErr != nil || c.CommenterID == old.CommenterID {
				t.Errorf("a new comment joins the anonymous ones: %v, %v", err, oldErr)
			}
		})
	}
}

func TestRetentionSettingsAreChecked(t *testing.T) {
	k := newDesk(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	r := k.retain(moderation.RetentionSettings{})
	for _, s := range []moderation.RetentionSettings{{DeclinedDays: -1}, {DeclinedDays: moderation.MaxDays + 1}, {InactiveYears: 101}} {
		if _, err := r.Preview(t.Context(), nobody, "daily", s); !errors.As(err, new(*moderation.Invalid)) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	k.submit("a casino")
	k.advance(40 * 365 * day)
	k.sweep(r)
	if sweeps := k.sweeps(); len(sweeps) > 0 {
		t.Errorf("without settings: %v", sweeps)
	}
}
