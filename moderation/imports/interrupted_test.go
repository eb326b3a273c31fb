package imports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
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
		comments = append(comments, oneDay(id, id/2))
	}
	return wxr(comments...)
}

// oneDay is a comment of the same day as all others.
func oneDay(id, parent int) string {
	comment := wxrComment(id, parent, "1", fmt.Sprintf("Comment %d.", id))
	return strings.Replace(comment, fmt.Sprintf("2020-01-%02d ", id), "2020-01-01 ", 1)
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
	t.Run("on all processors", func(t *testing.T) { cancelAndContinue(t, 0) })
	t.Run("on one processor", func(t *testing.T) { cancelAndContinue(t, 1) })
}

func cancelAndContinue(t *testing.T, processors int) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, content := newBench(t, d), manyComments()
		b.importer.Processors = processors
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

// manyPages is a file with a page for every ten comments.
func manyPages() string {
	var pages []string
	for page := 1; page <= 400; page++ {
		var comments []string
		for id := page * 10; id < page*10+10; id++ {
			comments = append(comments, oneDay(id, 0))
		}
		_, item, _ := strings.Cut(wxr(comments...), "<item>")
		item, _, _ = strings.Cut(item, "</item>")
		pages = append(pages, strings.Replace(item, "/mill", fmt.Sprintf("/mill-%d", page), 1))
	}
	begin, _, _ := strings.Cut(wxr(), "<item>")
	return begin + "<item>" + strings.Join(pages, "</item><item>") + "</item></channel></rss>"
}

func TestImportsOfOneFileAtOnceWriteEachCommentOnce(t *testing.T) {
	t.Run("with one page", func(t *testing.T) { importTwiceAtOnce(t, manyComments()) })
	t.Run("with many pages", func(t *testing.T) { importTwiceAtOnce(t, manyPages()) })
}

func importTwiceAtOnce(t *testing.T, content string) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
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

// stageStore counts how many stages of an import use it at once.
type stageStore struct {
	imports.Store
	now, most atomic.Int32
}

func (s *stageStore) enter() (leave func()) {
	now := s.now.Add(1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	return func() { s.now.Add(-1) }
}

func (s *stageStore) Imported(ctx context.Context, siteID string, keys []string) ([]imports.Ref, error) {
	defer s.enter()()
	return s.Store.Imported(ctx, siteID, keys)
}

func (s *stageStore) WriteImported(ctx context.Context, b imports.Batch) (bool, error) {
	defer s.enter()()
	return s.Store.WriteImported(ctx, b)
}

func TestAnImportOnOneProcessorDoesOneThingAtATime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		store := &stageStore{Store: b.importer.Store}
		b.importer.Store, b.importer.Processors = store, 1
		if report := b.mustRun(manyPages(), imports.Request{}); report.Imported != 4000 {
			t.Errorf("%+v", report)
		}
		if most := store.most.Load(); most != 1 {
			t.Errorf("%d chunks were prepared or written at once", most)
		}
	})
}

// contendedStore is one for which others always wait. It notes the size of each batch.
type contendedStore struct {
	imports.Store
	sizes []int
}

func (s *contendedStore) WriteImported(ctx context.Context, b imports.Batch) (bool, error) {
	s.sizes = append(s.sizes, len(b.Rows))
	_, err := s.Store.WriteImported(ctx, b)
	return true, err
}

func TestChunksAreSmallWhileOthersWaitToWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		store := &contendedStore{Store: b.importer.Store}
		b.importer.Store = store
		if report := b.mustRun(manyPages(), imports.Request{}); report.Imported != 4000 {
			t.Errorf("%+v", report)
		}
		// Two chunks were prepared before the first one was written.
		if first, later := store.sizes[0], slices.Max(store.sizes[3:]); first != 875 || later != 250 {
			t.Errorf("the first chunk has %d comments, the later ones up to %d", first, later)
		}
	})
}
