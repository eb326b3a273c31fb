package db_test

import (
	"testing"
	"time"

	"rejoinder/db"
	"rejoinder/db/dbtest"
)

func TestTimesRoundTripInUTCToTheMicrosecond(t *testing.T) {
	east := time.FixedZone("east", 5*3600+1800)
	times := []time.Time{
		time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		time.Date(2026, 1, 2, 3, 4, 5, 999_999_999, time.UTC),
		time.Date(2026, 1, 1, 0, 0, 0, 1_500, east),
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		tamper(t, d, `CREATE TABLE moments (at TIMESTAMPTZ NOT NULL, maybe TIMESTAMPTZ)`)
		for _, moment := range times {
			tamper(t, d, `DELETE FROM moments`)
			tamper(t, d, `INSERT INTO moments VALUES ($1, $2)`, db.Time(moment), db.NullTime{})
			var row struct {
				At    db.Time     `db:"at"`
				Maybe db.NullTime `db:"maybe"`
			}
			ok(t, db.Raw(d).GetContext(t.Context(), &row, `SELECT at, maybe FROM moments`))
			wantEqual(t, time.Time(row.At), moment.UTC().Truncate(time.Microsecond))
			wantEqual(t, time.Time(row.Maybe), time.Time{})
			ok(t, db.Raw(d).GetContext(t.Context(), &row, `SELECT MAX(at) AS at, MAX(at) AS maybe FROM moments`))
			wantEqual(t, time.Time(row.At), time.Time(row.Maybe))
		}
	})
}

func TestTimesSortChronologicallyInTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		tamper(t, d, `CREATE TABLE moments (at TIMESTAMPTZ NOT NULL)`)
		times := []time.Time{
			time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
			time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
			time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
			time.Date(2026, 1, 2, 3, 4, 5, 1_000, time.UTC),
			time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
		}
		for _, i := range []int{3, 0, 4, 2, 1} {
			tamper(t, d, `INSERT INTO moments VALUES ($1)`, db.Time(times[i]))
		}
		var read []db.Time
		ok(t, db.Raw(d).SelectContext(t.Context(), &read, `SELECT at FROM moments ORDER BY at`))
		for i, at := range read {
			wantEqual(t, time.Time(at), times[i])
		}
	})
}

func TestInvalidTimesAreRefused(t *testing.T) {
	var moment db.Time
	for _, src := range []any{nil, 5.5, "2026-01-02T03:04:05.000000Z", []byte("")} {
		if err := moment.Scan(src); err == nil {
			t.Errorf("%v was read as %v", src, time.Time(moment))
		}
	}
	if _, err := db.Time(time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)).Value(); err == nil {
		t.Error("a year of five digits was written")
	}
}
