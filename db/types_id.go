package db

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"time"
)

// ID is an id as a parameter and as a column of type UUID: 16 bytes in the database, and the text of a UUID
// outside. The empty ID is the zero UUID, which no row has. A text that is not a UUID matches no row either.
type ID string

const (
	idBytes = 16
	zeroID  = "00000000-0000-0000-0000-000000000000"
)

// Value gives the driver the bytes.
func (id ID) Value() (driver.Value, error) {
	stored := id.bytes()
	return stored[:], nil
}

// bytes returns the bytes of the UUID, or of the zero UUID.
func (id ID) bytes() [idBytes]byte {
	var stored [idBytes]byte
	var digits [2 * idBytes]byte
	if len(id) != len(zeroID) {
		return stored
	}
	n := 0
	for i := range len(id) {
		if id[i] == '-' {
			continue
		}
		if n == len(digits) {
			return stored
		}
		digits[n] = id[i]
		n++
	}
	if n < len(digits) {
		return stored
	}
	if _, err := hex.Decode(stored[:], digits[:]); err != nil {
		return [idBytes]byte{}
	}
	return stored
}

// Scan accepts what SQLite (16 bytes) and PostgreSQL (text) hand back. NULL is an error.
func (id *ID) Scan(src any) error {
	stored, ok := src.([]byte)
	switch {
	case ok && len(stored) == idBytes:
		text := uuidText(stored)
		*id = ID(text[:])
	case ok && len(stored) == len(zeroID):
		*id = ID(stored)
	default:
		return fmt.Errorf("an id can't be read from %T", src)
	}
	if *id == zeroID {
		*id = ""
	}
	return nil
}

// idAt is smaller than every id that is made at a time or later: ids begin with their time
// (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7).
func idAt(at time.Time) ID {
	milliseconds := fmt.Sprintf("%012x", at.UnixMilli())
	return ID(milliseconds[:8] + "-" + milliseconds[8:] + zeroID[13:])
}

// uuidText writes 16 bytes as a UUID.
func uuidText(b []byte) (text [len(zeroID)]byte) {
	at := 0
	for i, c := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text[at] = '-'
			at++
		}
		text[at], text[at+1] = hexDigits[c>>4], hexDigits[c&0xf]
		at += 2
	}
	return text
}

const hexDigits = "0123456789abcdef"

// nullID is an ID whose empty value is NULL.
type nullID string

// Value gives the driver the bytes, or NULL.
func (id nullID) Value() (driver.Value, error) {
	if id == "" {
		return nil, nil
	}
	return ID(id).Value()
}

// Scan is ID's, with NULL as the empty value.
func (id *nullID) Scan(src any) error {
	if src == nil {
		*id = ""
		return nil
	}
	return (*ID)(id).Scan(src)
}

// toIDs makes ids of texts, for a list in a query.
func toIDs(texts []string) []ID {
	ids := make([]ID, len(texts))
	for i, text := range texts {
		ids[i] = ID(text)
	}
	return ids
}

// fromIDs makes texts of ids.
func fromIDs(ids []ID) []string {
	var texts []string
	for _, id := range ids {
		texts = append(texts, string(id))
	}
	return texts
}
