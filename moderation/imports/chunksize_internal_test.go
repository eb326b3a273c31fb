package imports

import "testing"

func TestChunksGrowAgainAfterContention(t *testing.T) {
	var size chunkSize
	for i, step := range []struct {
		contended bool
		jobs      int
	}{{false, 7}, {true, 2}, {true, 2}, {false, 3}, {false, 4}, {true, 2}, {false, 3}, {false, 4}, {false, 5}, {false, 6},
		{false, 7}, {false, 7}} {
		if size.adapt(step.contended); size.jobs() != step.jobs {
			t.Errorf("after step %d a chunk has %d jobs, want %d", i+1, size.jobs(), step.jobs)
		}
	}
}
