package db_test

import (
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

func TestTheNewestSealedEmailsComeWithTheirContext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		wantEqual(t, must[[]db.Sealed](t)(d.NewestSealed(t.Context())), []db.Sealed{})
		b := dbtest.Build(t, d)
		b.Moderator("old@desk.example", "admin")
		m := b.Moderator("new@desk.example", "moderator")
		wantEqual(t, must[[]db.Sealed](t)(d.NewestSealed(t.Context())), []db.Sealed{{Email: m.EmailSealed, Context: m.EmailContext()}})
		article := b.Article(b.Site("daily"), "one")
		b.Comment(article, dbtest.Draft{Email: "ann@mail.example"})
		c := b.NewComment(article, dbtest.Draft{Email: "ben@mail.example"})
		must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), c))
		got := must[[]db.Sealed](t)(d.NewestSealed(t.Context()))
		wantEqual(t, got[0], db.Sealed{Email: c.Commenter.EmailSealed, Context: c.Commenter.ID})
		wantEqual(t, len(got), 2)
	})
}
