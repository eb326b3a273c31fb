package imports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/transfer"
)

// manyComments is a file of several transactions.
func manyComments() string {
	var comments []string
	for id := 1; id <= 4000; id++ {
		comment := wxrComment(id, id/2, "1", fmt.Sprintf("Comment %d.", id))
		comments = append(comments, strings.Replace(comment, fmt.Sprintf("2020-01-%02d ", id), "2020-01-01 ", 1))
	}
	return wxr(comments...)
}

// importFile imports a file until ctx ends.
func (b *bench) importFile(ctx context.Context, content string) (imports.Report, error) {
	file, err := transfer.Spool(bytes.NewReader([]byte(content)), b.importer.TempDir, "export")
	if err != nil {
		return imports.Report{}, err
	}
	reader, format, err := transfer.Open(file, transfer.Options{})
	if err != nil {
		return imports.Report{}, err
	}
	defer reader.Close()
	done, err := b.importer.Run(ctx, moderation.Viewer{}, imports.Request{SiteSlug: b.site.Slug, Format: format,
		FileName: "export"}, reader, imports.Watcher{})
	return done.Report, err
}

func TestAnImportThatIsCancelledContinues(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, content := newBench(t, d), manyComments()
		for i := range 6 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*40*time.Millisecond)
			_, err := b.importFile(ctx, content)
			if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, moderation.ErrBusy) {
				t.Error(err)
			}
			cancel()
		}
		report := b.mustRun(content, imports.Request{})
		if report.Imported+report.Present != 4000 || report.LeftOut != 0 {
			t.Errorf("%+v", report)
		}
	})
}

func TestImportsOfOneFileAtOnceWriteEachCommentOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, content := newBench(t, d), manyComments()
		var both errgroup.Group
		var reports [2]imports.Report
		for i := range reports {
			both.Go(func() (err error) {
				reports[i], err = b.importFile(t.Context(), content)
				return err
			})
		}
		ok(t, both.Wait())
		if reports[0].Imported+reports[1].Imported != 4000 || reports[0].Read+reports[1].Read != 8000 {
			t.Errorf("%+v\n%+v", reports[0], reports[1])
		}
		if again := b.mustRun(content, imports.Request{}); again.Present != 4000 {
			t.Errorf("%+v", again)
		}
	})
}
