package db_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rejoinder/db"
	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// TestLogsAreOnlyAppendedTo reads the package's own source: no statement may change or remove entries of the
// log, except the two with which an erasure redacts quotes of erased text.
func TestLogsAreOnlyAppendedTo(t *testing.T) {
	change := regexp.MustCompile(`(?i)(UPDATE|DELETE\s+FROM|TRUNCATE|DROP\s+TABLE|REPLACE\s+INTO)\s+(decisions|audit_entries)\b`)
	if !change.MatchString("UPDATE decisions SET note = ''") || !change.MatchString("delete from\n audit_entries") {
		t.Fatal("the pattern finds nothing")
	}
	files := append(must[[]string](t)(filepath.Glob("*.go")), must[[]string](t)(filepath.Glob("migrations/*.sql"))...)
	read := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		read++
		source := string(must[[]byte](t)(os.ReadFile(file)))
		if file == "erasure.go" {
			source = withoutQuoting(t, source)
		}
		if found := change.FindString(source); found != "" {
			t.Errorf("%s: %s", file, found)
		}
	}
	if read < 20 {
		t.Fatalf("only %d files were read", read)
	}
}

// withoutQuoting removes both statements, which must occur word for word.
func withoutQuoting(t *testing.T, source string) string {
	t.Helper()
	for _, allowed := range []string{
		"`UPDATE decisions SET reason = $2, note = $3 WHERE id = $1`", "`UPDATE audit_entries SET reason = '' WHERE id = $1`",
	} {
		if strings.Count(source, allowed) != 1 {
			t.Errorf("%s is not there once", allowed)
		}
		source = strings.Replace(source, allowed, "", 1)
	}
	return source
}

func TestNoErrorRepeatsAValue(t *testing.T) {
	const secret = "ann@example.org"
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := dbtest.Build(t, d)
		article := b.Article(b.Site("daily"), "one")
		n := b.NewComment(article, dbtest.Draft{Body: secret, Name: secret})
		must[moderation.Comment](t)(d.Submissions.CreateComment(t.Context(), n))
		second := b.NewComment(article, dbtest.Draft{Body: secret, Name: secret})
		second.Decision.ID = n.Decision.ID
		_, taken := d.Submissions.CreateComment(t.Context(), second)
		wantErr(t, taken, moderation.ErrExists)

		third := b.NewComment(article, dbtest.Draft{})
		third.Comment.Status = secret
		_, unlawful := d.Submissions.CreateComment(t.Context(), third)
		fourth := b.NewComment(article, dbtest.Draft{})
		fourth.Submission.Body = secret + "\xff\x00"
		_, binary := d.Submissions.CreateComment(t.Context(), fourth)
		tamper(t, d, `UPDATE commenters SET name = $1`, secret)
		var wrong []int
		unreadable := db.Translate(d, db.Raw(d).SelectContext(t.Context(), &wrong, `SELECT name FROM commenters`))
		if unreadable == nil {
			t.Error("a name was read as a number")
		}
		for _, err := range []error{taken, unlawful, binary, unreadable} {
			if err != nil && strings.Contains(err.Error(), "ann") {
				t.Errorf("%v", err)
			}
		}
		checkCounters(t, d)
	})
}

func TestPostgresErrorsAreNamedAndTheirDetailIsDropped(t *testing.T) {
	d := dbtest.Migrated(t, dbtest.PostgresURL(t))
	for code, want := range map[string]error{
		"23505": moderation.ErrExists, "23503": moderation.ErrNotFound, "40001": moderation.ErrBusy, "40P01": moderation.ErrBusy,
		"57P01": moderation.ErrBusy, "53300": moderation.ErrBusy, "08006": moderation.ErrBusy, "55P03": moderation.ErrBusy,
		"22P02": nil, "42601": nil, "23514": nil,
	} {
		err := db.Translate(d, &pq.Error{Code: pqerror.Code(code), Message: "m", Detail: "Key (email)=(secret) exists.",
			Hint: "secret", Where: "secret", Table: "t", Constraint: "c"})
		if want != nil {
			wantErr(t, err, want)
		}
		if strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}
