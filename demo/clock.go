package demo

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"sync"
	"time"
)

// Clock is a clock that is set by hand, with IDs of the time that it shows.
type Clock struct {
	mu     sync.Mutex
	at     time.Time
	random *rand.ChaCha8
	ids    uint16
}

// NewClock returns a clock that shows a time. Equal seeds and times give equal IDs.
func NewClock(at time.Time, seed [32]byte) *Clock {
	return &Clock{at: at, random: rand.NewChaCha8(seed)}
}

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// set sets the clock.
func (c *Clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// NewID returns a UUIDv7 (RFC 9562). IDs sort by time; those of the same millisecond sort by a counter in the
// 12 bits after the time.
func (c *Clock) NewID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(c.at.UnixMilli())<<16|0x7000|uint64(c.ids&0xfff))
	binary.BigEndian.PutUint64(id[8:], c.random.Uint64()>>2|1<<63)
	c.ids++
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
