package batch

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var errUnavailable = errors.New("the database does not answer")

// testBatcher is a Batcher whose batches double numbers. Each batch is announced, and ends when the test says
// so.
type testBatcher struct {
	*Batcher[int, int]
	started chan []int // a batch, before it is executed
	finish  chan error // its error
}

func newTestBatcher(workers int) testBatcher {
	g := testBatcher{started: make(chan []int), finish: make(chan error)}
	g.Batcher = New(Config[int, int]{
		Workers: workers,
		Exec: func(_ context.Context, items []int) ([]Result[int], error) {
			g.started <- slices.Clone(items)
			results := make([]Result[int], len(items))
			for i, item := range items {
				results[i].Value = 2 * item
			}
			return results, <-g.finish
		},
		Shared:  func(err error) bool { return errors.Is(err, errUnavailable) },
		Observe: func(int) {},
	})
	return g
}

// waitFor waits until n calls are queued.
func (g testBatcher) waitFor(t *testing.T, n int) {
	t.Helper()
	for queued := -1; queued != n; {
		if t.Context().Err() != nil {
			t.Fatalf("%d calls are queued, want %d", queued, n)
		}
		queued = g.queued()
		runtime.Gosched()
	}
}

func (g testBatcher) queued() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

// call queues numbers one after the other, each from its own goroutine. The result waits for their results.
func (g testBatcher) call(t *testing.T, numbers ...int) func() []Result[int] {
	t.Helper()
	results := make([]Result[int], len(numbers))
	var all sync.WaitGroup
	before := g.queued()
	for i, number := range numbers {
		all.Go(func() { results[i].Value, results[i].Err = g.Do(t.Context(), number) })
		g.waitFor(t, before+i+1)
	}
	return func() []Result[int] {
		all.Wait()
		return results
	}
}

// occupy starts a batch, so that later calls have to wait. The result ends it.
func (g testBatcher) occupy(t *testing.T) func() {
	t.Helper()
	var first sync.WaitGroup
	first.Go(func() { g.Do(t.Context(), 0) })
	<-g.started
	return func() {
		g.finish <- nil
		first.Wait()
	}
}

func TestCallsThatArriveDuringABatchFormTheNext(t *testing.T) {
	g := newTestBatcher(1)
	release := g.occupy(t)
	results := g.call(t, 1, 2, 3)
	release()
	if diff := cmp.Diff([]int{1, 2, 3}, <-g.started); diff != "" {
		t.Error(diff)
	}
	g.finish <- nil
	if diff := cmp.Diff([]Result[int]{{2, nil}, {4, nil}, {6, nil}}, results()); diff != "" {
		t.Error(diff)
	}
	for idle := false; !idle; runtime.Gosched() {
		if t.Context().Err() != nil {
			t.Fatal("the worker never ended")
		}
		g.mu.Lock()
		idle = g.working == 0 && len(g.waiting) == 0
		g.mu.Unlock()
	}
}

func TestABatchHasALimitedSize(t *testing.T) {
	g := newTestBatcher(1)
	release := g.occupy(t)
	results := g.call(t, make([]int, maxSize+1)...)
	release()
	for _, want := range []int{maxSize, 1} {
		if got := len(<-g.started); got != want {
			t.Errorf("the batch has %d calls, want %d", got, want)
		}
		g.finish <- nil
	}
	results()
}

func TestASecondWorkerStartsWhenAWholeBatchWaits(t *testing.T) {
	g := newTestBatcher(2)
	release := g.occupy(t)
	results := g.call(t, make([]int, maxSize-1)...)
	var last sync.WaitGroup
	last.Go(func() { g.Do(t.Context(), 7) })
	if got := len(<-g.started); got != maxSize { // while the first batch runs
		t.Errorf("the batch has %d calls, want %d", got, maxSize)
	}
	release()
	g.finish <- nil
	results()
	last.Wait()
}

func TestACallThatFailsDoesNotFailTheOthers(t *testing.T) {
	g := newTestBatcher(1)
	wrong := errors.New("wrong")
	release := g.occupy(t)
	results := g.call(t, 1, 2, 3)
	release()
	for _, step := range []struct {
		batch []int
		err   error
	}{{[]int{1, 2, 3}, wrong}, {[]int{1}, nil}, {[]int{2}, wrong}, {[]int{3}, nil}} {
		if diff := cmp.Diff(step.batch, <-g.started); diff != "" {
			t.Error(diff)
		}
		g.finish <- step.err
	}
	got := results()
	if got[0] != (Result[int]{2, nil}) || !errors.Is(got[1].Err, wrong) || got[2] != (Result[int]{6, nil}) {
		t.Errorf("the results are %v", got)
	}
}

func TestASharedErrorIsEveryCallsError(t *testing.T) {
	g := newTestBatcher(1)
	release := g.occupy(t)
	results := g.call(t, 1, 2)
	release()
	<-g.started
	g.finish <- errUnavailable
	for _, r := range results() {
		if !errors.Is(r.Err, errUnavailable) {
			t.Errorf("the error is %v", r.Err)
		}
	}
}

func TestACallThatWasGivenUpIsNotExecuted(t *testing.T) {
	g := newTestBatcher(1)
	release := g.occupy(t)
	ctx, giveUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := g.Do(ctx, 1)
		gone <- err
	}()
	g.waitFor(t, 1)
	giveUp()
	if err := <-gone; !errors.Is(err, ErrNotRun) || !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	results := g.call(t, 2)
	release()
	if diff := cmp.Diff([]int{2}, <-g.started); diff != "" {
		t.Error(diff)
	}
	g.finish <- nil
	results()
}

func TestTooManyWaitingCallsAreRefused(t *testing.T) {
	g := newTestBatcher(1)
	release := g.occupy(t)
	g.mu.Lock()
	for range maxWaiting {
		ctx, leave := context.WithCancel(t.Context())
		leave()
		g.waiting = append(g.waiting, &call[int, int]{ctx: ctx})
	}
	g.mu.Unlock()
	if _, err := g.Do(t.Context(), 1); !errors.Is(err, ErrFull) {
		t.Errorf("the error is %v", err)
	}
	release()
	go func() {
		<-g.started
		g.finish <- nil
	}()
	if got, err := g.Do(t.Context(), 3); got != 6 || err != nil {
		t.Errorf("the next call returns %d, %v", got, err)
	}
}

func TestABatchRunsUntilTheLastDeadlineOfItsCalls(t *testing.T) {
	early, late := time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	contextWith := func(deadline time.Time) context.Context {
		ctx, cancel := context.WithDeadline(t.Context(), deadline)
		t.Cleanup(cancel)
		return ctx
	}
	ctx, cancel := lastDeadline([]*call[int, int]{{ctx: contextWith(late)}, {ctx: contextWith(early)}})
	defer cancel()
	if got, ok := ctx.Deadline(); !ok || !got.Equal(late) {
		t.Errorf("the deadline is %v, want %v", got, late)
	}
	ctx, cancel = lastDeadline([]*call[int, int]{{ctx: contextWith(late)}, {ctx: t.Context()}})
	defer cancel()
	if got, ok := ctx.Deadline(); ok {
		t.Errorf("the deadline is %v, want none", got)
	}
}
