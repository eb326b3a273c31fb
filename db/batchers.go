package db

import (
	"context"
	"errors"

	"rejoinder/db/batch"
	"rejoinder/moderation"
)

// readWorkers is how many batches of queries run at once. At storage alone, with 16 concurrent submissions,
// batched reads saved a third of the CPU time on PostgreSQL (4.5 against 7.3 ms a submission) and a sixth on
// SQLite (2.6 against 3.1 ms). Through HTTP, runs of two seconds showed no difference.
const readWorkers = 2

// BatchKind names what the calls of a batch do.
type BatchKind string

// The kinds of batches.
const (
	BatchSites       BatchKind = "sites"       // find a site
	BatchContexts    BatchKind = "facts"       // read the context of a submission
	BatchSubmissions BatchKind = "submissions" // write a submission
	BatchDecisions   BatchKind = "decisions"   // write a decision
	BatchMessages    BatchKind = "messages"    // record the result of a message
)

// newBatcher returns a batcher that executes its calls with exec and reports the size of each batch.
func newBatcher[T, R any](
	kind BatchKind, workers int, exec func(context.Context, []T) ([]batch.Result[R], error), observe func(BatchKind, int),
) *batch.Batcher[T, R] {
	return batch.New(batch.Config[T, R]{
		Workers: workers,
		Exec:    exec,
		Shared:  func(err error) bool { return errors.Is(err, moderation.ErrBusy) },
		Observe: func(size int) {
			if observe != nil {
				observe(kind, size)
			}
		},
	})
}

// batched executes an item in a batch. ErrBusy if too many calls wait, or if the deadline of ctx passes.
func batched[T, R any](ctx context.Context, b *batch.Batcher[T, R], item T) (R, error) {
	value, err := b.Do(ctx, item)
	switch {
	case errors.Is(err, batch.ErrFull), errors.Is(err, batch.ErrNotRun) && errors.Is(err, context.DeadlineExceeded):
		err = &sqlError{domain: moderation.ErrBusy, text: err.Error()}
	case errors.Is(err, batch.ErrNotRun):
		err = ctx.Err()
	}
	return value, err
}
