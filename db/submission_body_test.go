package db_test

import (
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/text"
)

func TestPlainTextIsStoredOnceAndReadUnchanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		for _, c := range []struct {
			body string
			once bool
		}{
			{"A plain comment.", true},
			{"Two lines\nand two\n\nparagraphs, naïve 👍", true},
			{`a < b && c > d, "quoted" and 'quoted', 100 % \o/ $1 ? :x`, true},
			{"<p>typed</p><br>", true},
			{"&lt;p&gt; &amp;lt; &#34; &copy;", false}, // entities are shown as their characters
			{"*emphasis* and a [link](https://a.example/b)", false},
			{"> a quotation\n\nand an answer", false},
			{"spaces behind  \na line  ", false},
			{"- a list", false},
		} {
			n := b.NewComment(article, dbtest.Draft{Body: c.body})
			n.Comment.BodyHTML = must[string](t)(text.Read(c.body).HTML())
			created := must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
			_, submission := commentText(t, d, created.ID)
			wantEqual(t, submission.Body, c.body)
			empty := queryInt(t, d, `SELECT COUNT(*) FROM submissions WHERE comment_id = $1 AND body IS NULL`, db.ID(created.ID))
			wantEqual(t, empty == 1, c.once)
			r := b.NewRevision(created, "Plain now.", moderation.StatusPending)
			ok(t, d.Submissions.ReviseComment(t.Context(), r))
			_, submission = commentText(t, d, created.ID)
			wantEqual(t, submission.Body, "Plain now.")
			wantEqual(t, queryInt(t, d, `SELECT COUNT(*) FROM submissions WHERE comment_id = $1 AND revision = 1 AND body = $2`,
				db.ID(created.ID), c.body), 1)
		}
	})
}
