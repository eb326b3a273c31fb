package imports

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// keyBytes is the length of a source key: enough that no two comments ever share one.
const keyBytes = 16

// SourceKey names a comment of a source by the hash of both. Numbers, as most systems have, follow in their order
// upon a hash of the source alone: with a million keys in random order, each would change a page of the index.
func SourceKey(source, id string) string {
	number, err := strconv.ParseUint(id, 10, 64)
	if err != nil || strconv.FormatUint(number, 10) != id {
		sum := sha256.Sum256([]byte(source + "\x00" + id))
		return string(sum[:keyBytes])
	}
	sum := sha256.Sum256([]byte(source))
	return string(binary.BigEndian.AppendUint64(sum[:keyBytes/2], number))
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
