package moderation_test

import (
	"cmp"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"rejoinder/auth"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// erasedAuthor is the person whose data is erased, with words that occur nowhere else in the database.
type erasedAuthor struct {
	name, url, body string
	email           string // empty: the same for all
	token           string
	id, receipt     string
}

func (f *fixture) submitAs(w erasedAuthor) erasedAuthor {
	f.t.Helper()
	a := got(f.intake.Submit(f.t.Context(), moderation.Submission{SiteSlug: "daily", Article: moderation.ArticleRef{Key: "one"},
		AuthorName: w.name, AuthorURL: w.url, AuthorEmail: cmp.Or(w.email, "rosa@mail.example"), Body: w.body, Remember: w.token != "none",
		CommenterToken: w.token, IdempotencyKey: "key of " + w.name, Address: netip.MustParseAddr("192.0.2.7")}))(f.t)
	w.id, w.receipt, w.token = a.Comment.ID, a.Receipt, a.CommenterToken
	return w
}

// tablesContaining returns the tables with a row that contains the word.
func tablesContaining(t *testing.T, address, word string) []string {
	t.Helper()
	var tables []string
	for table, rows := range dbtest.Rows(t, address) {
		if strings.Contains(strings.ToLower(strings.Join(rows, "\n")), strings.ToLower(word)) {
			tables = append(tables, table)
		}
	}
	return tables
}

// wantGone requires that no row of any table contains one of the words.
func wantGone(t *testing.T, address, when string, words ...string) {
	t.Helper()
	for _, word := range words {
		if tables := tablesContaining(t, address, word); len(tables) > 0 {
			t.Errorf("%s, %v still hold %q", when, tables, word)
		}
	}
}

func TestAnErasureLeavesNoWordOfItsWriter(t *testing.T) {
	for engine, address := range map[string]string{"SQLite": dbtest.SQLiteURL(t), "PostgreSQL": dbtest.PostgresURL(t)} {
		t.Run(engine, func(t *testing.T) {
			d := dbtest.Migrated(t, address)
			f := newFixture(t, d)
			own := &moderation.AuthorService{Store: d.ForAuthors(), Keys: f.keys, Limiter: moderation.NewRateLimiter(0, f.now), Now: f.now, NewID: f.newID}
			first := f.submitAs(erasedAuthor{name: "Rosamund", url: "https://rosamund.example/", body: "Pleaseword plumbago grows along the quay"})
			second := f.submitAs(erasedAuthor{name: "Rosamunda", body: "please weigh marjoram by the ounce", token: first.token})
			stranger := f.submitAs(erasedAuthor{name: "Zacharias", body: "Zinnias all year", token: "none"})
			f.quoteEverywhere(own, first, second)

			if tables := tablesContaining(t, address, "marjoram"); len(tables) < 3 {
				t.Fatalf("only %v hold the text to erase: this test can find nothing", tables)
			}

			if _, err := own.Erase(t.Context(), first.id, stranger.receipt); !errors.Is(err, moderation.ErrReceipt) {
				t.Errorf("somebody else's receipt: %v", err)
			}
			if n := got(own.Erase(t.Context(), first.id, first.receipt))(t); n != 2 {
				t.Errorf("%d comments were erased", n)
			}
			wantGone(t, address, "after the erasure", "rosamund", "plumbago", "marjoram", "quay along")
			if n := got(own.Erase(t.Context(), second.id, second.receipt))(t); n != 0 {
				t.Errorf("%d comments were erased a second time", n)
			}
			c := got(f.queue.Case(t.Context(), ada, stranger.id))(t)
			if c.Body != stranger.body || c.Commenter.Name != stranger.name || len(c.Commenter.EmailSealed) == 0 {
				t.Errorf("another person's comment under the same email is %q by %q", c.Body, c.Commenter.Name)
			}
			sealed := string(c.Commenter.EmailSealed)
			if tables := tablesContaining(t, address, sealed); len(tables) != 1 {
				t.Errorf("the sealed email is in %v", tables)
			}
			if n := got(own.Erase(t.Context(), stranger.id, stranger.receipt))(t); n != 1 {
				t.Errorf("%d comments were erased", n)
			}
			wantGone(t, address, "with nothing left", "zacharias", "zinnias", "marigold", sealed)
			if _, err := f.queue.RevealEmail(t.Context(), ada, stranger.id, "To see."); !errors.Is(err, moderation.ErrNotFound) {
				t.Errorf("an erased email is revealed: %v", err)
			}
			f.submitAfterErasure(own)
		})
	}
}

// quoteEverywhere lets other people quote the two comments in all possible places.
func (f *fixture) quoteEverywhere(own *moderation.AuthorService, first, second erasedAuthor) {
	f.t.Helper()
	ctx := f.t.Context()
	reports := &moderation.Reports{Store: f.db.ForReports(), Keys: f.keys, Limiter: moderation.NewRateLimiter(0, f.now), Now: f.now, NewID: f.newID}
	if err := reports.Report(ctx, moderation.ReportRequest{CommentID: second.id, Reason: moderation.ReportOffensive,
		Note: "Rosamunda says to weigh marjoram", Address: netip.MustParseAddr("192.0.2.9")}); err != nil {
		f.t.Fatal(err)
	}
	got(f.editor.Edit(ctx, moderation.Edit{CommentID: second.id, Receipt: second.receipt, Body: "please weigh more marjoram"}))(f.t)
	got(f.queue.Decide(ctx, ada, queue.DecisionRequest{CommentID: first.id, Action: moderation.ActionReject, Version: 1,
		Reason: "Rosamund, this is off the point.", Note: "“plumbago grows along the quay” again"}))(f.t)
	mo := moderation.Viewer{ModeratorID: dbtest.Build(f.t, f.db).Moderator("mo@desk.example", auth.RoleModerator).ID}
	got(f.queue.AddNote(ctx, mo, first.id, queue.NewNote{Body: "Rosamund was here before."}))(f.t)
	for _, body := range []string{"She says plumbago grows along the quay.", "A marigold by nature."} {
		got(f.queue.AddNote(ctx, mo, first.id, queue.NewNote{About: queue.NoteCommenter, Body: body}))(f.t)
	}
	got(f.queue.BlockFrom(ctx, mo, first.id, queue.NewBlock{Kind: moderation.BlockName, Note: "Rosamund, who else."}))(f.t)
	got(own.Appeal(ctx, moderation.AppealRequest{CommentID: first.id, Receipt: first.receipt, Body: "But plumbago is the point!"}))(f.t)
}

// submitAfterErasure lets the erased author submit again under the same email, and edit.
func (f *fixture) submitAfterErasure(own *moderation.AuthorService) {
	f.t.Helper()
	again := f.submitAs(erasedAuthor{name: "Rosa", body: "please, I am back"})
	got(f.editor.Edit(f.t.Context(), moderation.Edit{CommentID: again.id, Receipt: again.receipt, Body: "please, I am really back"}))(f.t)
	shown := got(own.Show(f.t.Context(), again.id, again.receipt))(f.t)
	if shown.Body != "please, I am really back" {
		f.t.Errorf("it reads %q", shown.Body)
	}
	for _, m := range got(f.db.Miscounts(f.t.Context()))(f.t) {
		f.t.Error(m)
	}
}
