package db_test

import (
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// logPages are the pages in SQLite's log, and how many of them are in the database file.
func logPages(t *testing.T, d *db.DB) (all, moved int) {
	t.Helper()
	var busy int
	ok(t, db.Raw(d).QueryRowx(`PRAGMA wal_checkpoint(NOOP)`).Scan(&busy, &all, &moved))
	return all, moved
}

func TestUpkeepShortensALongLog(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	b := dbtest.Build(t, d)
	article := b.Article(b.Site("daily"), "one")
	write := func(until int) {
		t.Helper()
		for all, _ := logPages(t, d); all < until; all, _ = logPages(t, d) {
			tamper(t, d, `CREATE TABLE filling AS SELECT randomblob(4000000) AS filling`)
			tamper(t, d, `DROP TABLE filling`)
		}
		b.Comment(article, dbtest.Draft{})
	}
	ok(t, db.Maintain(t.Context(), d))
	if _, moved := logPages(t, d); moved > 0 {
		t.Errorf("%d pages of a short log were moved", moved)
	}
	write(3_000)
	ok(t, db.Maintain(t.Context(), d))
	if all, moved := logPages(t, d); moved != all {
		t.Errorf("%d of %d pages were moved", moved, all)
	}
	write(9_000)
	ok(t, db.Maintain(t.Context(), d))
	b.Comment(article, dbtest.Draft{})
	if all, _ := logPages(t, d); all > 1_000 {
		t.Errorf("the log was not started anew: it has %d pages", all)
	}
	same(t, len(searched(t, d, moderation.StatusApproved, "comment")), 3)
}

func TestUpkeepSortsWordsIntoTheIndex(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.PostgresURL(t))
	b := dbtest.Build(t, d)
	b.Comment(b.Article(b.Site("daily"), "one"), dbtest.Draft{})
	pending := func() int { return number(t, d, `SELECT gin_clean_pending_list('comment_search_words')`) }
	ok(t, db.Maintain(t.Context(), d))
	if n := pending(); n > 0 {
		t.Errorf("%d pages of words were left", n)
	}
}
