package db_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rejoinder/db"
	"rejoinder/moderation"
)

// ok fails the test on an error.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must returns v, or fails the test.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantErr(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

func wantEqual(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(moderation.SubmissionRecord{})); diff != "" {
		t.Fatalf("-want +got\n%s", diff)
	}
}

// checkCounters requires that every counter equals its rows.
func checkCounters(t *testing.T, d *db.DB) {
	t.Helper()
	wrong, err := d.Miscounts(t.Context())
	ok(t, err)
	for _, m := range wrong {
		t.Error(m)
	}
}

// queryInt reads one number straight from the tables.
func queryInt(t *testing.T, d *db.DB, query string, args ...any) int {
	t.Helper()
	var n int
	ok(t, db.Raw(d).GetContext(t.Context(), &n, query, db.Bind(d, args)...))
	return n
}

// tamper changes the tables directly.
func tamper(t *testing.T, d *db.DB, statement string, args ...any) {
	t.Helper()
	_, err := db.Raw(d).ExecContext(t.Context(), statement, db.Bind(d, args)...)
	ok(t, err)
}

func isOneOf(err error, allowed ...error) bool {
	for _, a := range allowed {
		if errors.Is(err, a) {
			return true
		}
	}
	return false
}
