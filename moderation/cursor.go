package moderation

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
)

// A cursor is opaque to clients. It names the list it belongs to, so that one of another list is refused
// instead of landing somewhere.
type cursor[K CursorKey] struct {
	List string `json:"l"`
	Key  K      `json:"k"`
}

// CursorKey is the position of the last entry of a page in a sorted list.
type CursorKey interface {
	// Valid reports whether this program could have made the key. Databases fail on keys that a client made up,
	// such as one with NUL in its id.
	Valid() bool
}

// maxCursor bounds a cursor, in bytes.
const maxCursor = 1_000

// EncodeCursor returns an opaque page cursor for a position in a list.
func EncodeCursor[K CursorKey](list string, key K) string {
	raw, err := json.Marshal(cursor[K]{List: list, Key: key})
	if err != nil {
		panic("a place in a list is plain data: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// DecodeCursor reads what EncodeCursor made for the same list, or returns ErrCursor.
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
