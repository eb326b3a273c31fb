package imports

import "context"

// Slots is a semaphore that bounds how many goroutines of an import work at once. nil: all of them.
type Slots chan struct{}

// NewSlots returns n slots; nil for 0.
func NewSlots(n int) Slots {
	if n <= 0 {
		return nil
	}
	return make(Slots, n)
}

// Use calls work once there is a free slot, and returns its error, or that of ctx if ctx ends first.
func (s Slots) Use(ctx context.Context, work func() error) error {
	if s == nil {
		return work()
	}
	select {
	case s <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s }()
	return work()
}
