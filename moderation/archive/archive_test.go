package archive_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rejoinder/auth"
	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/archive"
	"rejoinder/moderation/imports"
	"rejoinder/moderation/queue"
	"rejoinder/moderation/readers"
	"rejoinder/privacy"
	"rejoinder/transfer"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var ids atomic.Int64

func newID() string { return fmt.Sprintf("019c0000-0000-7000-8000-%012x", ids.Add(1)) }

func now() time.Time { return dbtest.Epoch.Add(24 * time.Hour) }

func keyring(t *testing.T) *privacy.Keyring {
	t.Helper()
	keys, err := privacy.Open(t.TempDir(), now)
	ok(t, err)
	return keys
}

// fill writes every kind of data that a site can have, and returns it.
func fill(t *testing.T, d *db.DB, keys *privacy.Keyring) moderation.Site {
	t.Helper()
	ctx, b := t.Context(), dbtest.Build(t, d)
	site := b.Site("gazette")
	article := b.Article(site, "mill")
	ok(t, d.Articles.CreateAlias(ctx, site.ID, moderation.ArticleAlias{Key: "old-mill", ArticleID: article.ID,
		CreatedAt: b.Now()}, nil))
	eve := b.Moderator("eve@gazette.example", auth.RoleAdmin)
	article.Authors = []moderation.ArticleAuthor{{ID: eve.ID, Name: eve.Name}}
	ok(t, d.Articles.UpdateArticle(ctx, article, nil))
	var last moderation.Comment
	for i := range 30 {
		draft := dbtest.Draft{Email: fmt.Sprintf("reader%d@mail.example", i%7), Name: fmt.Sprintf("Reader %d", i%7),
			Body: fmt.Sprintf("Comment *%d* with <b>no HTML</b>", i)}
		if i%3 > 0 {
			parent := last
			draft.Parent = &parent
		}
		n := b.NewComment(article, draft)
		sealed, err := keys.Seal(draft.Email, n.Commenter.ID)
		ok(t, err)
		n.Commenter.EmailIndex, n.Commenter.EmailSealed = keys.Index(draft.Email), sealed
		n.Comment.BodyHTML = render(t, draft.Body)
		c, err := d.Submissions.CreateComment(ctx, n)
		ok(t, err)
		last = c
	}
	signed := readers.Reader{ID: b.NewID(), SiteID: site.ID, SubjectIndex: []byte("subject"), FirstSeenAt: b.Now()}
	_, err := d.SignedReaders.CreateSignedReader(ctx, signed)
	ok(t, err)
	b.Comment(article, dbtest.Draft{Body: "Signed", Email: "ann@mail.example", BrowserID: "reader:" + signed.ID})
	rejected := b.Decide(b.Comment(article, dbtest.Draft{Body: "Hm"}), moderation.ActionReject)
	ok(t, d.Notes.CreateNote(ctx, queue.Note{ID: b.NewID(), CommentID: last.ID, CommenterID: last.CommenterID,
		About: queue.NoteComment, ModeratorID: eve.ID, Body: "A note.", CreatedAt: b.Now()}))
	ok(t, d.Reports.CreateReport(ctx, moderation.NewReport{Report: moderation.Report{ID: b.NewID(), CommentID: last.ID,
		Reason: "spam", Note: "It is.", CreatedAt: b.Now()}, Reporters: [][]byte{[]byte("x")}}))
	_, err = d.Votes.CastVote(ctx, moderation.CastVote{CommentID: last.ID, Voters: [][]byte{[]byte("y")}, Value: 1, At: b.Now()})
	ok(t, err)
	ok(t, d.Blocks.CreateBlock(ctx, queue.Block{ID: b.NewID(), SiteID: site.ID, Kind: moderation.BlockName,
		Index: []byte("0123456789abcdef"), Shown: "Hm", Action: moderation.ActionHold, Note: "See there.", CommentID: rejected.ID,
		ModeratorID: eve.ID, CreatedAt: b.Now()}, [][]byte{[]byte("0123456789abcdef")}, moderation.AuditEntry{ID: b.NewID(), ModeratorID: eve.ID, Action: "add_block",
		SiteID: site.ID, SubjectID: rejected.ID, CreatedAt: b.Now()}))
	return site
}

func render(t *testing.T, body string) string {
	t.Helper()
	html, err := moderation.Preview(body)
	ok(t, err)
	return html
}

// export returns the lines of a site behind the header.
func export(t *testing.T, d *db.DB, keys *privacy.Keyring, r archive.Request) (header, lines string) {
	t.Helper()
	var out bytes.Buffer
	w, err := transfer.NewNativeWriter(&out, "")
	ok(t, err)
	e := archive.Exporter{Store: d.ForExport(), Keys: keys, Now: now, NewID: newID}
	if r.SiteSlug == "" {
		r.SiteSlug = "gazette"
	}
	_, err = e.Export(t.Context(), moderation.Viewer{}, r, w, nil)
	ok(t, err)
	ok(t, w.Close())
	header, lines, _ = strings.Cut(out.String(), "\n")
	return header, lines
}

// restore imports a file into a fresh site.
func restore(t *testing.T, d *db.DB, keys *privacy.Keyring, content string) (imports.Import, error) {
	t.Helper()
	file, err := transfer.Spool(strings.NewReader(content), t.TempDir(), "export")
	ok(t, err)
	reader, err := transfer.OpenNative(file)
	ok(t, err)
	defer reader.Close()
	re := archive.Restorer{Store: d.ForRestore(), Keys: keys, Now: now, NewID: newID}
	done, err := re.Run(t.Context(), moderation.Viewer{}, imports.Request{SiteSlug: "copy"}, reader, imports.Watcher{})
	wrong, checkErr := d.Miscounts(t.Context())
	ok(t, checkErr)
	for _, m := range wrong {
		t.Error(m)
	}
	return done, err
}

// fresh is a database with an empty site.
func fresh(t *testing.T, address string) *db.DB {
	t.Helper()
	d := dbtest.Migrated(t, address)
	site := moderation.Site{ID: "019e0000-0000-7000-8000-000000000001", Slug: "copy", Name: "Copy", Locale: "de",
		Settings: moderation.DefaultSiteSettings(), Version: 1, CreatedAt: now()}
	r := moderation.Ruleset{ID: "019e0000-0000-7000-8000-000000000002", SiteID: site.ID, Version: 1, Source: "rules: []", CreatedAt: now()}
	ok(t, d.Sites.CreateSite(t.Context(), site, r, nil))
	return d
}

func TestASiteGoesFromEngineToEngineWithoutLoss(t *testing.T) {
	keys := keyring(t)
	first := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	fill(t, first, keys)
	header, before := export(t, first, keys, archive.Request{})
	for i, address := range []string{dbtest.PostgresURL(t), dbtest.SQLiteURL(t)} {
		d := fresh(t, address)
		done, err := restore(t, d, keys, header+"\n"+before)
		ok(t, err)
		if done.Report.Imported != 32 {
			t.Fatalf("%+v", done.Report)
		}
		var after string
		header, after = export(t, d, keys, archive.Request{SiteSlug: "copy"})
		if diff := cmp.Diff(strings.Split(before, "\n"), strings.Split(after, "\n")); diff != "" {
			t.Fatalf("export %d: -want +got\n%s", i+1, diff)
		}
		again, err := restore(t, d, keys, header+"\n"+before)
		ok(t, err)
		if again.Report.Imported != 0 || again.Report.Present != 32 {
			t.Errorf("again: %+v", again.Report)
		}
	}
}

func TestPlainEmailsCanBeReadWithOtherKeys(t *testing.T) {
	keys, others := keyring(t), keyring(t)
	first := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	fill(t, first, keys)
	header, lines := export(t, first, keys, archive.Request{})
	d := fresh(t, dbtest.SQLiteURL(t))
	if _, err := restore(t, d, others, header+"\n"+lines); err == nil || !strings.Contains(err.Error(), "other keys") {
		t.Fatalf("sealed for other keys: %v", err)
	}
	if strings.Contains(lines, "reader1@mail.example") {
		t.Error("a sealed export has an email")
	}
	// No key opens the fixture without a sealed email.
	header, lines = export(t, first, keys, archive.Request{PlainEmails: true, Until: dbtest.Epoch.Add(20 * time.Second)})
	if !strings.Contains(lines, `"email":"reader1@mail.example"`) {
		t.Error("a plain export lacks an email")
	}
	done, err := restore(t, d, others, header+"\n"+lines)
	ok(t, err)
	if done.Report.Imported == 0 || done.Report.Imported >= 32 {
		t.Errorf("%+v", done.Report)
	}
	c, err := d.ForExport().ExportedCommenters(t.Context(), archive.Selection{SiteID: "019e0000-0000-7000-8000-000000000001"}, "", 10)
	ok(t, err)
	if email, err := others.Open(c[0].Sealed, c[0].ID); err != nil || !strings.HasSuffix(email, "@mail.example") {
		t.Errorf("%q, %v", email, err)
	}
}

func TestCommentsOfSignedInReadersStayTheirs(t *testing.T) {
	keys := keyring(t)
	first := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	fill(t, first, keys)
	browsers := func(t *testing.T, d *db.DB) []string {
		t.Helper()
		all, err := d.ForExport().ExportedComments(t.Context(), archive.Selection{SiteID: "019e0000-0000-7000-8000-000000000001"}, "", 100)
		ok(t, err)
		var found []string
		for _, c := range all {
			if c.Browser != "" {
				found = append(found, c.Browser)
			}
		}
		return found
	}
	header, lines := export(t, first, keys, archive.Request{})
	t.Run("also if they have signed in here already", func(t *testing.T) {
		d := fresh(t, dbtest.SQLiteURL(t))
		here, err := d.SignedReaders.CreateSignedReader(t.Context(), readers.Reader{ID: newID(),
			SiteID: "019e0000-0000-7000-8000-000000000001", SubjectIndex: []byte("subject"), FirstSeenAt: now()})
		ok(t, err)
		_, err = restore(t, d, keys, header+"\n"+lines)
		ok(t, err)
		if diff := cmp.Diff([]string{"reader:" + here.ID}, browsers(t, d)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("unless the file does not have the readers", func(t *testing.T) {
		d := fresh(t, dbtest.SQLiteURL(t))
		_, comments, found := strings.Cut(lines, `{"type":"reader"`)
		before, _, _ := strings.Cut(lines, `{"type":"reader"`)
		_, comments, _ = strings.Cut(comments, "\n")
		if !found {
			t.Fatal("the export has no reader")
		}
		_, err := restore(t, d, keys, header+"\n"+before+comments)
		ok(t, err)
		if got := browsers(t, d); len(got) > 0 {
			t.Errorf("%q are unknown here", got)
		}
	})
}

func TestABrokenExportIsRefusedWithItsPlace(t *testing.T) {
	keys := keyring(t)
	first := dbtest.Migrated(t, dbtest.SQLiteURL(t))
	fill(t, first, keys)
	header, lines := export(t, first, keys, archive.Request{})
	content := header + "\n" + lines
	_, fromComment, found := strings.Cut(lines, `{"type":"comment"`)
	if !found {
		t.Fatal("the export has no comment")
	}
	for _, tc := range []struct{ name, content, says string }{
		{"a truncated line", content[:len(content)-40], "line 4"},
		{"an unknown type", header + "\n{\"type\":\"poll\"}\n", "line 2, byte"},
		{"an unknown field", header + "\n{\"type\":\"site\",\"colour\":\"red\"}\n", "line 2"},
		{"a comment without its article", header + "\n" + `{"type":"comment"` + fromComment, "article"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := restore(t, fresh(t, dbtest.SQLiteURL(t)), keys, tc.content)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v", err)
			}
		})
	}
}
