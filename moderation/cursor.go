package moderation

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
)

// cursor is the content of a page cursor, opaque to clients. It names its list, so that a cursor of another
// list is rejected.
type cursor[K CursorKey] struct {
	List string `json:"l"`
	Key  K      `json:"k"`
}

// CursorKey is the position of the last entry of a page in a sorted list.
type CursorKey interface {
	// Valid reports whether this program could have produced the key. Databases fail on some forged keys,
	// such as an ID with NUL.
	Valid() bool
}

// maxCursor is the maximum length of a cursor, in bytes.
const maxCursor = 1_000

// EncodeCursor returns an opaque page cursor for a position in a list.
func EncodeCursor[K CursorKey](list string, key K) string {
	raw, err := json.Marshal(cursor[K]{List: list, Key: key})
	if err != nil {
		panic("a place in a list is plain data: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// DecodeCursor decodes a cursor that EncodeCursor returned for the same list. Errors: ErrCursor.
func DecodeCursor[K CursorKey](encoded, list string, key *K) error {
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(raw) > maxCursor {
		return ErrCursor
	}
	var c cursor[K]
	if err := json.Unmarshal(raw, &c); err != nil || c.List != list || !c.Key.Valid() {
		return ErrCursor
	}
	*key = c.Key
	return nil
}

// Valid implements CursorKey.
func (k ThreadKey) Valid() bool {
	return ValidID(k.ID) && ValidTime(k.CreatedAt) && k.Rank >= 0 && k.Rank <= 1
}

// ValidTime reports whether both databases can store the year of t.
func ValidTime(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1 && year <= 9998
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
