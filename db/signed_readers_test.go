package db_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/readers"
)

// imported stores comments that were imported with an email.
func imported(t *testing.T, d *db.DB, b *dbtest.Builder, article moderation.Article, email string, n int) {
	t.Helper()
	run := imports.Import{ID: b.NewID(), SiteID: article.SiteID, Format: "csv", Source: "csv", Status: imports.Done,
		StartedAt: b.Now(), UpdatedAt: b.Now()}
	ok(t, d.Imports.SaveImport(t.Context(), run, nil))
	for i := range n {
		c := b.Comment(article, dbtest.Draft{Email: email})
		_, err := db.Raw(d).ExecContext(t.Context(), `INSERT INTO imported_comments VALUES ($1, $2, $3, $4)`, db.Bind(d, []any{
			db.ID(c.ID), db.ID(c.SiteID), db.ID(run.ID), dbtest.Index(fmt.Sprint(run.ID, i))})...)
		ok(t, err)
	}
}

func signedReader(t *testing.T, d *db.DB, b *dbtest.Builder, siteID, subject string) readers.Adoption {
	t.Helper()
	stored := must[readers.Reader](t)(d.SignedReaders.CreateSignedReader(t.Context(), readers.Reader{ID: b.NewID(), SiteID: siteID,
		SubjectIndex: dbtest.Index(subject), FirstSeenAt: b.Now()}))
	return readers.Adoption{SiteID: siteID, ReaderID: stored.ID, EmailIndexes: [][]byte{dbtest.Index("ann@example.org")}}
}

func TestReadersWithOneEmailShareNoImportedComments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		article := b.Article(site, "one")
		imported(t, d, b, article, "ann@example.org", 20)
		imported(t, d, b, article, "bob@example.org", 1)
		imported(t, d, b, b.Article(b.Site("weekly"), "one"), "ann@example.org", 1)
		b.Comment(article, dbtest.Draft{Email: "ann@example.org", Name: "Typed"})
		got := make([]int64, 8)
		var all sync.WaitGroup
		for i := range got {
			a := signedReader(t, d, b, site.ID, fmt.Sprint(i))
			all.Go(func() {
				var err error
				if got[i], err = d.SignedReaders.AdoptImported(t.Context(), a); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var most, total int64
		for _, n := range got {
			most, total = max(most, n), total+n
		}
		wantEqual(t, []int64{most, total}, []int64{20, 20})
		wantEqual(t, queryInt(t, d, `SELECT COUNT(DISTINCT browser_id) FROM comments WHERE browser_id LIKE 'reader:%'`), 1)
	})
}

func TestAReaderWhoWasForgottenIsNotRenewed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		a := signedReader(t, d, b, site.ID, "gone")
		later := b.Now().Add(13 * time.Hour)
		renewed := must[readers.Reader](t)(d.SignedReaders.RenewReader(t.Context(), a.ReaderID, later))
		wantEqual(t, renewed.FirstSeenAt, later)
		wantEqual(t, must[int64](t)(d.Janitor.ForgetReaders(t.Context(), later)), int64(0))
		wantEqual(t, must[int64](t)(d.Janitor.ForgetReaders(t.Context(), later.Add(time.Second))), int64(1))
		_, err := d.SignedReaders.RenewReader(t.Context(), a.ReaderID, later)
		wantErr(t, err, moderation.ErrNotFound)
	})
}

func TestArticlesWithAdoptedCommentsAreAnnounced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		site := b.Site("daily")
		adopted, other := b.Article(site, "adopted"), b.Article(site, "other")
		imported(t, d, b, adopted, "ann@example.org", 3)
		imported(t, d, b, other, "bob@example.org", 1)
		a := signedReader(t, d, b, site.ID, "ann")
		heard := watchChanges(t, d)
		wantEqual(t, must[int64](t)(d.SignedReaders.AdoptImported(t.Context(), a)), int64(3))
		wantEqual(t, must[int64](t)(d.SignedReaders.AdoptImported(t.Context(), a)), int64(0))
		change := nextChange(t, heard)
		before := must[moderation.Article](t)(d.Articles.ArticleByID(t.Context(), other.ID))
		change.CommentID = "" // any of them
		wantEqual(t, change, moderation.Change{Kind: moderation.ChangeEdited, SiteID: site.ID, ArticleID: adopted.ID,
			Version: before.Version + 3, Count: 3})
		if len(heard) > 0 {
			t.Errorf("also heard: %+v", <-heard)
		}
	})
}
