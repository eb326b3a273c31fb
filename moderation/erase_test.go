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

// writer is the person whose data is erased, with words that occur nowhere else in the database.
type writer struct {
	name, url, body string
	email           string // empty: the same for all
	token           string
	id, receipt     string
}

func (k *desk) write(w writer) writer {
	k.t.Helper()
	a := got(k.intake.Submit(k.t.Context(), moderation.Submission{SiteSlug: "daily", Article: moderation.ArticleRef{Key: "one"},
		AuthorName: w.name, AuthorURL: w.url, AuthorEmail: cmp.Or(w.email, "rosa@mail.example"), Body: w.body, Remember: w.token != "none",
		CommenterToken: w.token, IdempotencyKey: "key of " + w.name, Address: netip.MustParseAddr("192.0.2.7")}))(k.t)
	w.id, w.receipt, w.token = a.Comment.ID, a.Receipt, a.CommenterToken
	return w
}

// holders returns the tables with a row that contains the word.
func holders(t *testing.T, address, word string) []string {
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
		if tables := holders(t, address, word); len(tables) > 0 {
			t.Errorf("%s, %v still hold %q", when, tables, word)
		}
	}
}

func TestAnErasureLeavesNoWordOfItsWriter(t *testing.T) {
	for engine, address := range map[string]string{"SQLite": dbtest.SQLiteURL(t), "PostgreSQL": dbtest.PostgresURL(t)} {
		t.Run(engine, func(t *testing.T) {
			d := dbtest.Migrated(t, address)
			k := newDesk(t, d)
			own := &moderation.AuthorService{Store: d.ForAuthors(), Keys: k.keys, Limiter: moderation.NewRateLimiter(0, k.now), Now: k.now, NewID: k.newID}
			first := k.write(writer{name: "Rosamund", url: "https://rosamund.example/", body: "Pleaseword plumbago grows along the quay"})
			second := k.write(writer{name: "Rosamunda", body: "please weigh marjoram by the ounce", token: first.token})
			stranger := k.write(writer{name: "Zacharias", body: "Zinnias all year", token: "none"})
			k.stir(own, first, second)

			if tables := holders(t, address, "marjoram"); len(tables) < 3 {
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
			c := got(k.queue.Case(t.Context(), ada, stranger.id))(t)
			if c.Body != stranger.body || c.Commenter.Name != stranger.name || len(c.Commenter.EmailSealed) == 0 {
				t.Errorf("another person's comment under the same email is %q by %q", c.Body, c.Commenter.Name)
			}
			sealed := string(c.Commenter.EmailSealed)
			if tables := holders(t, address, sealed); len(tables) != 1 {
				t.Errorf("the sealed email is in %v", tables)
			}
			if n := got(own.Erase(t.Context(), stranger.id, stranger.receipt))(t); n != 1 {
				t.Errorf("%d comments were erased", n)
			}
			wantGone(t, address, "with nothing left", "zacharias", "zinnias", "marigold", sealed)
			if _, err := k.queue.RevealEmail(t.Context(), ada, stranger.id, "To see."); !errors.Is(err, moderation.ErrNotFound) {
				t.Errorf("an erased email is revealed: %v", err)
			}
			k.comeBack(own)
		})
	}
}

// stir makes others quote the two comments in all possible places.
func (k *desk) stir(own *moderation.AuthorService, first, second writer) {
	k.t.Helper()
	ctx := k.t.Context()
	reports := &moderation.Reports{Store: k.db.ForReports(), Keys: k.keys, Limiter: moderation.NewRateLimiter(0, k.now), Now: k.now, NewID: k.newID}
	if err := reports.Report(ctx, moderation.ReportRequest{CommentID: second.id, Reason: moderation.ReportOffensive,
		Note: "Rosamunda says to weigh marjoram", Address: netip.MustParseAddr("192.0.2.9")}); err != nil {
		k.t.Fatal(err)
	}
	got(k.editor.Edit(ctx, moderation.Edit{CommentID: second.id, Receipt: second.receipt, Body: "please weigh more marjoram"}))(k.t)
	got(k.queue.Decide(ctx, ada, queue.DecisionRequest{CommentID: first.id, Action: moderation.ActionReject, Version: 1,
		Reason: "Rosamund, this is off the point.", Note: "“plumbago grows along the quay” again"}))(k.t)
	mo := moderation.Viewer{ModeratorID: dbtest.Build(k.t, k.db).Moderator("mo@desk.example", auth.RoleModerator).ID}
	got(k.queue.AddNote(ctx, mo, first.id, queue.NewNote{Body: "Rosamund was here before."}))(k.t)
	for _, body := range []string{"She says plumbago grows along the quay.", "A marigold by nature."} {
		got(k.queue.AddNote(ctx, mo, first.id, queue.NewNote{About: queue.NoteCommenter, Body: body}))(k.t)
	}
	got(k.queue.BlockFrom(ctx, mo, first.id, queue.NewBlock{Kind: moderation.BlockName, Note: "Rosamund, who else."}))(k.t)
	got(own.Appeal(ctx, moderation.AppealRequest{CommentID: first.id, Receipt: first.receipt, Body: "But plumbago is the point!"}))(k.t)
}

// comeBack lets the erased writer submit again under the same email, and edit.
func (k *desk) comeBack(own *moderation.AuthorService) {
	k.t.Helper()
	again := k.write(writer{name: "Rosa", body: "please, I am back"})
	got(k.editor.Edit(k.t.Context(), moderation.Edit{CommentID: again.id, Receipt: again.receipt, Body: "please, I am really back"}))(k.t)
	shown := got(own.Show(k.t.Context(), again.id, again.receipt))(k.t)
	if shown.Body != "please, I am really back" {
		k.t.Errorf("it reads %q", shown.Body)
	}
	for _, m := range got(k.db.Miscounts(k.t.Context()))(k.t) {
		k.t.Error(m)
	}
}
