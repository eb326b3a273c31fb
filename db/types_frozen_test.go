package db_test

import (
	"bytes"
	"database/sql/driver"
	"strings"
	"testing"

	"rejoinder/db"
	"rejoinder/db/dbtest"
)

const usualVerdict = `{"action":"hold","score":0,"hits":[{"rule":"first-comment","label":"first comment",` +
	`"about":"who","mode":"enforce","action":"hold","field":"author",` +
	`"reason":"The commenter has no approved comment yet, or cannot be recognised as somebody who has.",` +
	`"public_reason":"First comments are looked at before they appear.","reason_code":"first-comment"}],` +
	`"cause":"first-comment"}`

func TestFrozenJSONRoundTrips(t *testing.T) {
	long := `{"hits":["` + strings.Repeat("Ü another reason that no dictionary has; ", 5_000) + `"]}`
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		tamper(t, d, `CREATE TABLE frozen (n INTEGER NOT NULL, said BYTEA NOT NULL)`)
		for n, text := range []string{"", "{}", "null", usualVerdict, long, "\x00\xff no JSON at all"} {
			tamper(t, d, `INSERT INTO frozen VALUES ($1, $2)`, n, db.FrozenJSON(text))
			var read db.FrozenJSON
			ok(t, db.Raw(d).GetContext(t.Context(), &read, `SELECT said FROM frozen WHERE n = $1`, n))
			wantEqual(t, string(read), text)
		}
	})
}

func TestUsualFactsAndVerdictsAreStoredInFewBytes(t *testing.T) {
	for text, most := range map[string]int{
		usualVerdict: 16,
		`{"action":"approve","score":0,"hits":[],"cause":"default"}`: 24,
		`{"author":{"email_domain":"mail.example","hours_since_negative":1000000},"form":{"kind":"json"},` +
			`"article":{"age_hours":37.4827},"site_language":"en"}`: 44,
	} {
		if stored := must[driver.Value](t)(db.FrozenJSON(text).Value()).([]byte); len(stored) > most {
			t.Errorf("%d bytes for %s", len(stored), text)
		}
	}
}

func TestInvalidFrozenJSONIsRefused(t *testing.T) {
	stored := must[driver.Value](t)(db.FrozenJSON(usualVerdict).Value()).([]byte)
	var read db.FrozenJSON
	for _, src := range []any{nil, "text", stored[:len(stored)-1], append([]byte{9}, stored[1:]...), bytes.Repeat([]byte{1}, 9)} {
		if err := read.Scan(src); err == nil {
			t.Errorf("%q was read as %q", src, read)
		}
	}
}
