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
		k := newBlocker(t, d)
		ctx := t.Context()
		first, second := k.submit("The first of two."), k.submit("The second of two.")
		for _, n := range []struct {
			id string
			queue.NewNote
		}{{first, queue.NewNote{Body: "Of the first."}}, {first, queue.NewNote{About: queue.NoteCommenter, Body: " Of both. "}},
			{second, queue.NewNote{Body: "Of the second."}}} {
			k.advance(time.Second)
			got(k.queue.AddNote(ctx, k.mo, n.id, n.NewNote))(t)
		}
		bodies := func(id string) string {
			var all []string
			for _, n := range got(k.queue.Case(ctx, k.mo, id))(t).Notes {
				all = append(all, string(n.About)+" "+n.Body+" "+n.ModeratorName)
			}
			return strings.Join(all, "|")
		}
		name := "mo@desk.example"
		if open := got(k.queue.Case(ctx, k.mo, first))(t); len(open.Notes) == 2 {
			name = open.Notes[0].ModeratorName
		}
		if got, want := bodies(second), "commenter Of both. "+name+"|comment Of the second. "+name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		own := &moderation.AuthorService{Store: d.ForAuthors(), Keys: k.keys, Limiter: moderation.NewRateLimiter(0, k.now), Now: k.now, NewID: k.newID}
		got(own.Erase(ctx, first, k.receipts[first]))(t)
		if got, want := bodies(first), "comment  "+name+"|commenter Of both. "+name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		got(own.Erase(ctx, second, k.receipts[second]))(t)
		if got, want := bodies(second), "commenter  "+name+"|comment  "+name; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if _, err := k.queue.AddNote(ctx, k.mo, second, queue.NewNote{Body: "Late."}); !errors.Is(err, moderation.ErrNotFound) {
			t.Errorf("a note on an erased comment: %v", err)
		}
		wantInvalid(t, "/about unknown, /body required", func() error {
			_, err := k.queue.AddNote(ctx, k.mo, first, queue.NewNote{About: "us", Body: " "})
			return err
		})
	})
}
