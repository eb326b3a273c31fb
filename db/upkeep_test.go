package db_test

import (
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
)

func TestUpkeepMergesWordsIntoTheIndex(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.PostgresURL(t))
	b := dbtest.Build(t, d)
	b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{})
	pending := func() int { return queryInt(t, d, `SELECT gin_clean_pending_list('comment_search_words')`) }
	ok(t, db.Maintain(t.Context(), d))
	if n := pending(); n > 0 {
		t.Errorf("%d pages of words were left", n)
	}
}
