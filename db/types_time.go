package db

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// timeLayout is the format of times sent to PostgreSQL.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// Time is a moment as both engines keep it: UTC, cut off to microseconds. SQLite keeps the number of
// microseconds since 1970 (sqliteParam).
type Time time.Time

// Value gives the driver the moment as text.
func (t Time) Value() (driver.Value, error) {
	utc := time.Time(t).UTC()
	if utc.Year() < 0 || utc.Year() > 9999 {
		return nil, fmt.Errorf("year %d has no place in the database", utc.Year())
	}
	return utc.Format(timeLayout), nil
}

// Scan accepts what PostgreSQL (a time) and SQLite (microseconds) hand back. NULL is an error.
func (t *Time) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		*t = Time(v.UTC())
		return nil
	case int64:
		*t = Time(time.UnixMicro(v).UTC())
		return nil
	}
	return fmt.Errorf("a time can't be read from %T", src)
}

func (t Time) time() time.Time { return time.Time(t) }

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

// sqliteParam returns a parameter as SQLite stores it.
func sqliteParam(arg any) any {
	switch v := arg.(type) {
	case Time:
		return time.Time(v).UnixMicro()
	case NullTime:
		if time.Time(v).IsZero() {
			return nil
		}
		return time.Time(v).UnixMicro()
	}
	return arg
}

// stored is the moment as it will be read back.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
