package auth

import (
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
)

// newUUID returns a version 7 UUID (RFC 9562, section 5.7). Package uuid would use the system clock.
func newUUID(now time.Time, random io.Reader) (string, error) {
	id, err := uuid.NewRandomFromReader(random)
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	milliseconds := now.UnixMilli()
	for i := range 6 {
		id[i] = byte(milliseconds >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 7<<4 // version
	return id.String(), nil
}

// uuidTime returns the time of a version 7 UUID, to the millisecond, or false for anything else.
func uuidTime(id string) (time.Time, bool) {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.Version() != 7 {
		return time.Time{}, false
	}
	return time.Unix(parsed.Time().UnixTime()).Truncate(time.Millisecond).UTC(), true
}
