package db

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rejoinder/moderation"
)

// doorman carries out a group of numbers when it is told to, and doubles them.
type doorman struct {
	*group[int, int]
	arrived chan []int // a group, before it is carried out
	open    chan error // what becomes of it
}

func newDoorman(workers int) doorman {
	d := doorman{arrived: make(chan []int), open: make(chan error)}
	d.group = newGroup(workers, func(_ context.Context, items []int) ([]outcome[int], error) {
		d.arrived <- slices.Clone(items)
		outcomes := make([]outcome[int], len(items))
		for i, item := range items {
			outcomes[i].result = 2 * item
		}
		return outcomes, <-d.open
	}, func(int) {})
	return d
}

// queued waits until n wait for a group.
func (d doorman) queued(t *testing.T, n int) {
	t.Helper()
	for waiting := -1; waiting != n; {
		if t.Context().Err() != nil {
			t.Fatalf("%d wait, not %d", waiting, n)
		}
		d.mu.Lock()
		waiting = len(d.waiting)
		d.mu.Unlock()
		runtime.Gosched()
	}
}

type answer struct {
	Result int
	Err    error
}

// ask sends numbers one after the other, each from its own goroutine, and returns what will have become of them.
func (d doorman) ask(t *testing.T, numbers ...int) func() []answer {
	t.Helper()
	answers := make([]answer, len(numbers))
	var all sync.WaitGroup
	d.mu.Lock()
	before := len(d.waiting)
	d.mu.Unlock()
	for i, number := range numbers {
		all.Go(func() { answers[i].Result, answers[i].Err = d.do(t.Context(), number) })
		d.queued(t, before+i+1)
	}
	return func() []answer {
		all.Wait()
		return answers
	}
}

// busy makes somebody be carried out, so that whoever comes now has to wait. The result lets them through.
func (d doorman) busy(t *testing.T) func() {
	t.Helper()
	var first sync.WaitGroup
	first.Go(func() { d.do(t.Context(), 0) })
	<-d.arrived
	return func() {
		d.open <- nil
		first.Wait()
	}
}

func TestThoseWhoComeMeanwhileAreTheNextGroup(t *testing.T) {
	d := newDoorman(1)
	release := d.busy(t)
	answers := d.ask(t, 1, 2, 3)
	release()
	if diff := cmp.Diff(<-d.arrived, []int{1, 2, 3}); diff != "" {
		t.Error(diff)
	}
	d.open <- nil
	if diff := cmp.Diff(answers(), []answer{{2, nil}, {4, nil}, {6, nil}}); diff != "" {
		t.Error(diff)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.working != 0 && len(d.waiting) != 0 {
		t.Error("the work goes on")
	}
}

func TestAGroupHasAnEnd(t *testing.T) {
	d := newDoorman(1)
	release := d.busy(t)
	numbers := make([]int, groupMost+1)
	answers := d.ask(t, numbers...)
	release()
	for _, want := range []int{groupMost, 1} {
		if got := len(<-d.arrived); got != want {
			t.Errorf("a group of %d, not of %d", got, want)
		}
		d.open <- nil
	}
	answers()
}

func TestASecondGroupBeginsWhenAWholeOneWaits(t *testing.T) {
	d := newDoorman(2)
	release := d.busy(t)
	answers := d.ask(t, make([]int, groupMost-1)...)
	var last sync.WaitGroup
	last.Go(func() { d.do(t.Context(), 7) })
	if got := len(<-d.arrived); got != groupMost { // while the first is under way
		t.Errorf("a group of %d", got)
	}
	release()
	d.open <- nil
	answers()
	last.Wait()
}

func TestOneThatFailsDoesNotFailTheOthers(t *testing.T) {
	d := newDoorman(1)
	wrong := errors.New("wrong")
	release := d.busy(t)
	answers := d.ask(t, 1, 2, 3)
	release()
	for _, step := range []struct {
		group []int
		err   error
	}{{[]int{1, 2, 3}, wrong}, {[]int{1}, nil}, {[]int{2}, wrong}, {[]int{3}, nil}} {
		if diff := cmp.Diff(<-d.arrived, step.group); diff != "" {
			t.Error(diff)
		}
		d.open <- step.err
	}
	got := answers()
	if got[0] != (answer{2, nil}) || !errors.Is(got[1].Err, wrong) || got[2] != (answer{6, nil}) {
		t.Errorf("%v", got)
	}
}

func TestADatabaseThatIsAwayIsAskedOnceForAll(t *testing.T) {
	d := newDoorman(1)
	release := d.busy(t)
	answers := d.ask(t, 1, 2)
	release()
	<-d.arrived
	d.open <- errGone
	for _, a := range answers() {
		if !errors.Is(a.Err, moderation.ErrBusy) {
			t.Error(a.Err)
		}
	}
}

func TestWhoeverGivesUpBeforeTheirTurnIsLeftOut(t *testing.T) {
	d := newDoorman(1)
	release := d.busy(t)
	ctx, giveUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := d.do(ctx, 1)
		gone <- err
	}()
	d.queued(t, 1)
	giveUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	answers := d.ask(t, 2)
	release()
	if diff := cmp.Diff(<-d.arrived, []int{2}); diff != "" {
		t.Error(diff)
	}
	d.open <- nil
	answers()
}

func TestNobodyWaitsBehindAThousandOthers(t *testing.T) {
	d := newDoorman(1)
	release := d.busy(t)
	d.mu.Lock()
	for range groupWaiting {
		ctx, leave := context.WithCancel(t.Context())
		leave()
		d.waiting = append(d.waiting, &member[int, int]{ctx: ctx})
	}
	d.mu.Unlock()
	if _, err := d.do(t.Context(), 1); !errors.Is(err, moderation.ErrBusy) {
		t.Error(err)
	}
	release()
	if _, err := d.carriedOut(t, 3); err != nil {
		t.Error(err)
	}
}

// carriedOut does one number from beginning to end.
func (d doorman) carriedOut(t *testing.T, number int) (int, error) {
	t.Helper()
	go func() {
		<-d.arrived
		d.open <- nil
	}()
	return d.do(t.Context(), number)
}
