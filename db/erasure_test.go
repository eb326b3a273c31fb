package db_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// marker is in a text that is erased. Long texts are on pages of their own, which become free ones.
const marker = "plantedword"

func TestErasedTextLeavesTheFilesOfSQLite(t *testing.T) {
	for name, tc := range map[string]struct {
		erase func(t *testing.T, d *db.DB, b *dbtest.Builder, c moderation.Comment)
		open  bool // the database stays open
	}{
		"withdrawn by its writer, once the database is closed": {erase: func(t *testing.T, d *db.DB, b *dbtest.Builder, c moderation.Comment) {
			ok(t, d.Comments.EraseComment(t.Context(), b.NewDecision(c, moderation.ActionDelete)))
		}},
		"past its time, while the server runs": {open: true, erase: func(t *testing.T, d *db.DB, b *dbtest.Builder, c moderation.Comment) {
			b.Decide(c, moderation.ActionDelete)
			wantEqual(t, must[int64](t)(d.Janitor.EraseDeleted(t.Context(), b.Now().Add(time.Hour))), int64(1))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			d := must[*db.DB](t)(db.Open(t.Context(), "sqlite:"+filepath.Join(folder, "x.db"), db.Options{}))
			defer d.Close() //nolint:errcheck // a second time, unless it stays open
			ok(t, d.Migrate(t.Context()))
			b := dbtest.Build(t, d)
			article := b.Article(b.Site("daily"), "one")
			for _, body := range []string{marker, strings.Repeat(marker+" ", 5_000)} {
				c := b.Comment(article, dbtest.Draft{Body: body})
				if n := occurrences(t, folder); n == 0 {
					t.Fatal("the files do not hold the written text: this test can find nothing")
				}
				tc.erase(t, d, b, c)
			}
			if !tc.open {
				ok(t, d.Close())
			}
			if n := occurrences(t, folder); n != 0 {
				t.Errorf("the files hold the erased word %d times", n)
			}
		})
	}
}

// occurrences counts the marker in all files of a folder.
func occurrences(t *testing.T, folder string) int {
	t.Helper()
	n := 0
	for _, entry := range must[[]os.DirEntry](t)(os.ReadDir(folder)) {
		n += bytes.Count(must[[]byte](t)(os.ReadFile(filepath.Join(folder, entry.Name()))), []byte(marker))
	}
	return n
}
