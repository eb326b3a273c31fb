package moderation

import (
	"encoding/base64"
	"encoding/json"
	"errors"
)

// encodeCursor makes an opaque page cursor of a keyset position.
func encodeCursor(key any) string {
	raw, err := json.Marshal(key)
	if err != nil {
		panic("a keyset position is plain data: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decodeCursor reads what encodeCursor made, or returns ErrCursor.
func decodeCursor(cursor string, key any) error {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) > 1_000 {
		return ErrCursor
	}
	if err := json.Unmarshal(raw, key); err != nil {
		return ErrCursor
	}
	return nil
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
