package external

import (
	"sync"
	"time"
)

// The circuit breaker opens after so many failures in a row. While it is open, submissions are judged at once
// without the classifier; after each pause one call in the background tries again, and each failure doubles
// the pause.
const (
	breakerFailures = 5
	breakerPause    = 10 * time.Second
	breakerMaxPause = 5 * time.Minute
)

// admission says what a circuit breaker lets through.
type admission uint8

const (
	admitted admission = iota
	admitProbe
	refused
)

// breaker is a circuit breaker. The zero value is closed.
type breaker struct {
	mu       sync.Mutex
	failures int
	pause    time.Duration
	retryAt  time.Time // zero: closed
	probing  bool
}

// admit says whether a call may be sent. A probe must be followed by succeed, fail or abandon.
func (b *breaker) admit(now time.Time) admission {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.retryAt.IsZero():
		return admitted
	case now.Before(b.retryAt) || b.probing:
		return refused
	}
	b.probing = true
	return admitProbe
}

func (b *breaker) succeed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures, b.pause, b.retryAt, b.probing = 0, 0, time.Time{}, false
}

// fail counts a failure, and reports whether it opened the breaker.
func (b *breaker) fail(now time.Time) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures++
	b.probing = false
	if b.failures < breakerFailures || now.Before(b.retryAt) {
		return false // a call that began before the breaker opened prolongs nothing
	}
	opened = b.retryAt.IsZero()
	b.pause = min(max(2*b.pause, breakerPause), breakerMaxPause)
	b.retryAt = now.Add(b.pause)
	return opened
}

// abandon ends a call that says nothing about the server.
func (b *breaker) abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

// open returns when the next call will be tried; zero while the breaker is closed.
func (b *breaker) open() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.retryAt
}
