package moderation

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
)

// A cursor is opaque to clients. It names the list it belongs to, so that one of another list is refused
// instead of landing somewhere.
type cursor[K place] struct {
	List string `json:"l"`
	Key  K      `json:"k"`
}

// place is where a list goes on.
type place interface {
	// valid reports whether this program could have made the place: whatever else a client made up, storage
	// would choke on.
	valid() bool
}

// maxCursor bounds a cursor, in bytes.
const maxCursor = 1_000

// encodeCursor makes an opaque page cursor of a place in a list.
func encodeCursor[K place](list string, key K) string {
	raw, err := json.Marshal(cursor[K]{List: list, Key: key})
	if err != nil {
		panic("a place in a list is plain data: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decodeCursor reads what encodeCursor made for the same list, or returns ErrCursor.
func decodeCursor[K place](encoded, list string, key *K) error {
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || len(raw) > maxCursor {
		return ErrCursor
	}
	var c cursor[K]
	if err := json.Unmarshal(raw, &c); err != nil || c.List != list || !c.Key.valid() {
		return ErrCursor
	}
	*key = c.Key
	return nil
}

func (k ThreadKey) valid() bool {
	return validID(k.ID) && validTime(k.CreatedAt) && k.Rank >= 0 && k.Rank <= 1
}

func (k QueueKey) valid() bool { return validID(k.ID) && validTime(k.CreatedAt) }

// validTime keeps to years that every engine can store.
func validTime(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1 && year <= 9998
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
