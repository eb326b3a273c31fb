package db

import (
	"database/sql/driver"
	"fmt"
)

// nullString is text whose empty value is NULL.
type nullString string

func (s nullString) Value() (driver.Value, error) {
	if s == "" {
		return nil, nil
	}
	return string(s), nil
}

func (s *nullString) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s = ""
	case string:
		*s = nullString(v)
	case []byte:
		*s = nullString(v)
	default:
		return fmt.Errorf("text can't be read from %T", src)
	}
	return nil
}

// nullBytes are bytes whose empty value is NULL.
type nullBytes []byte

func (b nullBytes) Value() (driver.Value, error) {
	if len(b) == 0 {
		return nil, nil
	}
	return []byte(b), nil
}

func (b *nullBytes) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*b = nil
	case []byte:
		*b = append(nullBytes(nil), v...)
	case string:
		*b = nullBytes(v)
	default:
		return fmt.Errorf("bytes can't be read from %T", src)
	}
	return nil
}

// jsonText is JSON. It is sent as text, because PostgreSQL would treat bytes as a BYTEA.
type jsonText []byte

func (d jsonText) Value() (driver.Value, error) { return string(d), nil }

func (d *jsonText) Scan(src any) error { return (*nullBytes)(d).Scan(src) }
