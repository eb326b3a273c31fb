package imports

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// keyBytes is the length of a source key: enough that no two comments ever share one.
const keyBytes = 16

// SourceKey names a comment of a source: the source, and the comment's id there.
func SourceKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return string(sum[:keyBytes])
}

// derivedID returns an id in the form of a UUIDv7, with a time and a hash: the same parts have the same id, so
// that an import that is run again makes the same rows.
func derivedID(at time.Time, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	b := sum[:16]
	ms := max(0, at.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (8 * (5 - i)))
	}
	b[6], b[8] = 0x70|b[6]&0x0f, 0x80|b[8]&0x3f
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
