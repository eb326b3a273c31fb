package db

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// timeLayout has a fixed width, so that SQLite, which keeps times as text, sorts them as times.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// Time is a moment as both engines keep it: UTC, cut off to microseconds.
type Time time.Time

// Value gives the driver the moment as text of fixed width.
func (t Time) Value() (driver.Value, error) {
	utc := time.Time(t).UTC()
	if utc.Year() < 0 || utc.Year() > 9999 {
		return nil, fmt.Errorf("year %d has no place in the database", utc.Year())
	}
	return utc.Format(timeLayout), nil
}

// Scan accepts what PostgreSQL (a time) and SQLite (text) hand back. NULL is an error.
func (t *Time) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*t = Time(v.UTC())
		return nil
	case string:
		return t.parse(v)
	case []byte:
		return t.parse(string(v))
	}
	return fmt.Errorf("a time can't be read from %T", src)
}

func (t Time) time() time.Time { return time.Time(t) }

func (t *Time) parse(s string) error {
	parsed, err := time.Parse(timeLayout, s)
	if err != nil {
		return fmt.Errorf("a time must be written as %s", timeLayout)
	}
	*t = Time(parsed)
	return nil
}

// NullTime is a Time that may be missing: the zero time is NULL.
type NullTime time.Time

// Value gives the driver the moment, or NULL.
func (t NullTime) Value() (driver.Value, error) {
	if time.Time(t).IsZero() {
		return nil, nil
	}
	return Time(t).Value()
}

func (t NullTime) time() time.Time { return time.Time(t) }

// Scan is Time's, with NULL as the zero time.
func (t *NullTime) Scan(src any) error {
	if src == nil {
		*t = NullTime{}
		return nil
	}
	return (*Time)(t).Scan(src)
}

// stored is the moment as it will be read back.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
