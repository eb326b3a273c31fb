package moderation_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

func TestNotesAreOrderedAndErasedWithTheirSubject(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newBlockFixture(t, d)
		ctx := t.Context()
		first, second := f.submit("The first of two."), f.submit("The second of two.")
		for _, n := range []struct {
			id string
			queue.NewNote
		}{{first, queue.NewNote{Body: "Of the first."}}, {first, queue.NewNote{About: queue.NoteCommenter, Body: " Of both. "}},
			{second, queue.NewNote{Body: "Of the second."}}} {
			f.advance(time.Second)
			got(f.queue.AddNote(ctx, f.mo, n.id, n.NewNote))(t)
		}
		bodies := func(id string) string {
			var all []string
			for _, n := range got(f.queue.Case(ctx, f.mo, id))(t).Notes {
				all = append(all, string(n.About)+" "+n.Body+" "+n.ModeratorName)
			}
			return strings.Join(all, "|")
		}
		name := "mo@desk.example"
		if open := got(f.queue.Case(ctx, f.mo, first))(t); len(open.Notes) == 2 {
			name = open.Notes[0].ModeratorName
		}
		if got, want := bodies(second), "commenter Of both. "+name+"|comment Of the second. "+name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		own := &moderation.AuthorService{Store: d.ForAuthors(), Keys: f.keys, Limiter: moderation.NewRateLimiter(0, f.now), Now: f.now, NewID: f.newID}
		got(own.Erase(ctx, first, f.receipts[first]))(t)
		if got, want := bodies(first), "comment  "+name+"|commenter Of both. "+name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		got(own.Erase(ctx, second, f.receipts[second]))(t)
		if got, want := bodies(second), "commenter  "+name+"|comment  "+name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if _, err := f.queue.AddNote(ctx, f.mo, second, queue.NewNote{Body: "Late."}); !errors.Is(err, moderation.ErrNotFound) {
			t.Errorf("a note on an erased comment: %v", err)
		}
		wantInvalid(t, "/about unknown, /body required", func() error {
			_, err := f.queue.AddNote(ctx, f.mo, first, queue.NewNote{About: "us", Body: " "})
			return err
		})
	})
}
