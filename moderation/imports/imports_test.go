package imports_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/rulebook"
	"rejoinder/privacy"
	"rejoinder/transfer"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) { dbtest.Main(m) }

// bench is a site to import into.
type bench struct {
	t        *testing.T
	db       *db.DB
	build    *dbtest.Builder
	site     moderation.Site
	importer *imports.Importer
}

func newBench(t *testing.T, d *db.DB) *bench {
	t.Helper()
	keys, err := privacy.Open(t.TempDir(), func() time.Time { return dbtest.Epoch })
	ok(t, err)
	b := &bench{t: t, db: d, build: dbtest.Build(t, d)}
	b.site = b.build.Site("gazette")
	now := func() time.Time { return dbtest.Epoch.Add(time.Hour) }
	b.importer = &imports.Importer{Store: d.ForImports(), Keys: keys, Now: now, NewID: b.build.NewID, TempDir: t.TempDir(),
		Judges: rulebook.New(d.ForRulebook(), now, b.build.NewID)}
	return b
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run imports a file. Every counter must equal its rows after it.
func (b *bench) run(content []byte, r imports.Request, o transfer.Options) (imports.Report, error) {
	b.t.Helper()
	file, err := transfer.Spool(bytes.NewReader(content), b.t.TempDir(), "export")
	ok(b.t, err)
	o.OpenIsso = db.OpenIsso
	reader, format, err := transfer.Open(file, o)
	if err != nil {
		return imports.Report{}, err
	}
	defer reader.Close()
	r.SiteSlug, r.Format, r.FileName = b.site.Slug, format, "export"
	done, err := b.importer.Run(b.t.Context(), moderation.Viewer{}, r, reader, imports.Watcher{})
	wrong, checkErr := b.db.Miscounts(b.t.Context())
	ok(b.t, checkErr)
	for _, m := range wrong {
		b.t.Error(m)
	}
	return done.Report, err
}

// mustRun is run without an error.
func (b *bench) mustRun(content string, r imports.Request) imports.Report {
	b.t.Helper()
	report, err := b.run([]byte(content), r, transfer.Options{})
	ok(b.t, err)
	return report
}

// shown is what a comment became.
type shown struct {
	Article, Author, HTML, Status string
	Parent                        string // the parent's author
	Depth, Replies, Up, Down      int
	Created                       string
}

// comments reads what is stored, by time.
func (b *bench) comments() []shown {
	b.t.Helper()
	all := []shown{}
	names := map[string]string{}
	for _, row := range b.rows() {
		c := row.Comment
		names[c.ID] = c.AuthorName
		all = append(all, shown{Article: row.Article.Key, Author: c.AuthorName, HTML: c.BodyHTML, Status: string(c.Status),
			Depth: c.Depth, Replies: c.VisibleReplies, Up: c.UpVotes, Down: c.DownVotes, Parent: c.ParentID,
			Created: c.CreatedAt.Format(time.DateTime)})
	}
	for i := range all {
		all[i].Parent = names[all[i].Parent]
	}
	return all
}

// rows reads all comments, by time.
func (b *bench) rows() []queue.Row {
	b.t.Helper()
	var all []queue.Row
	for _, status := range []moderation.Status{moderation.StatusApproved, moderation.StatusPending, moderation.StatusSpam,
		moderation.StatusRejected, moderation.StatusDeleted} {
		rows, err := b.db.Queue.Queue(b.t.Context(), queue.Select{Status: status, Sort: queue.SortOldest, Limit: 1000})
		ok(b.t, err)
		for i := range rows {
			rows[i].Comment, _, err = b.db.Comments.CommentText(b.t.Context(), rows[i].Comment.ID)
			ok(b.t, err)
		}
		all = append(all, rows...)
	}
	slices.SortStableFunc(all, func(a, b queue.Row) int { return a.Comment.CreatedAt.Compare(b.Comment.CreatedAt) })
	return all
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("-want +got\n%s", diff)
	}
}

// corpora returns the folder with exports of other systems; empty if there is none.
func corpora(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("REJOINDER_CORPORA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "corpora")
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return filepath.Join(folder, "import")
}

func TestExportsOfOtherSystemsAreImportedAsTheirReportsSay(t *testing.T) {
	var files []string
	for _, folder := range []string{filepath.Join("testdata", "seed"), corpora(t)} {
		if folder == "" {
			continue
		}
		found, err := filepath.Glob(filepath.Join(folder, "*.*"))
		ok(t, err)
		if len(found) == 0 {
			t.Fatalf("%s holds no exports", folder)
		}
		files = append(files, found...)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d)
		for _, path := range files {
			name := filepath.Base(path)
			content, err := os.ReadFile(path)
			ok(t, err)
			r := imports.Request{Source: name}
			r.DryRun = true
			planned, _ := b.run(content, r, transfer.Options{})
			r.DryRun = false
			report, err := b.run(content, r, transfer.Options{})
			same(t, planned, report)
			golden(t, name, report, err)
			before := b.comments()
			again, _ := b.run(content, r, transfer.Options{})
			if again.Imported != 0 || again.Present != report.Imported+report.Present {
				t.Errorf("%s: imported again, it brings %d comments; %d were there", name, again.Imported, again.Present)
			}
			same(t, b.comments(), before)
		}
	})
}

// golden compares a report with a file of testdata.
func golden(t *testing.T, name string, report imports.Report, failed error) {
	t.Helper()
	if failed != nil && report.Fault == "" {
		report.Fault = failed.Error()
	}
	got, err := json.MarshalIndent(report, "", " ")
	ok(t, err)
	path := filepath.Join("testdata", name+".report.json")
	if *update {
		ok(t, os.WriteFile(path, append(got, '\n'), 0o644))
	}
	want, err := os.ReadFile(path)
	ok(t, err)
	same(t, strings.TrimSpace(string(got)), strings.TrimSpace(string(want)))
}
