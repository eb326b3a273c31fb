package imports

import "sync/atomic"

// Bounds of a chunk, in jobs. A larger one changes each page of an index fewer times, but other writers wait longer
// for it.
const (
	maxChunkJobs = 7
	minChunkJobs = 2
)

// chunkSize is how many jobs are written in one transaction. The zero value is ready to use. It is safe for concurrent
// use.
type chunkSize struct {
	less atomic.Int32 // than maxChunkJobs
}

func (s *chunkSize) jobs() int { return maxChunkJobs - int(s.less.Load()) }

// adapt makes chunks small after one that was contended, and a little larger after any other.
func (s *chunkSize) adapt(contended bool) {
	less := max(0, s.less.Load()-1)
	if contended {
		less = maxChunkJobs - minChunkJobs
	}
	s.less.Store(less)
}
