// Package timetest is for tests only. It measures how the time of some work grows with its input, using the
// thread's processor time, so that a busy machine does not distort the result.
package timetest

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// The allowed growth: four times the input may take most times as long. Times below allowance are ignored.
const (
	growth    = 4
	allowance = 20 * time.Millisecond * Slowdown
	rounds    = 6
)

// Some kernels count a thread's time in ticks of 4 or 10 ms, so a measurement takes several of them.
const (
	tick   = 10 * time.Millisecond
	enough = 4 * tick
)

// Linear fails the test if work takes more than linear time. shape returns an input of about n bytes. Each
// size is measured until one round passes; the shortest times count, since other activity can only make them
// longer. One run of the large input is enough if it takes no longer than what is allowed for any input.
func Linear(t testing.TB, n int, shape func(n int) string, work func(input string)) {
	t.Helper()
	small, large := shape(n), shape(growth*n)
	if len(large) < 2*len(small) {
		return // the shape has a limit of its own
	}
	if Processor(func() { work(large) }) <= allowance-tick {
		return
	}
	var short, long time.Duration
	for round := range rounds {
		a, b := mean(func() { work(small) }), mean(func() { work(large) })
		if round == 0 || a < short {
			short = a
		}
		if round == 0 || b < long {
			long = b
		}
		if long <= most*short+allowance {
			return
		}
	}
	t.Errorf("%d bytes take %v, and %d bytes take %v", len(small), short, len(large), long)
}

// mean returns the processor time of one run of work, from as many runs as can be measured.
func mean(work func()) time.Duration {
	runs := time.Duration(0)
	took := Processor(func() {
		for began := time.Now(); runs == 0 || time.Since(began) < enough; runs++ {
			work()
		}
	})
	return took / runs
}

// Processor returns the processor time that the thread spends in work.
func Processor(work func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadTime()
	work()
	return threadTime() - before
}

// threadTime returns the thread's processor time so far.
func threadTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &usage); err != nil {
		panic("the time of a thread can be read on Linux: " + err.Error())
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
