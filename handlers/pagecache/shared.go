package pagecache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// errSlow is the error of a request that gets a stale page because the database is slow.
var errSlow = fmt.Errorf("no response in %s: %w", httpio.StaleIfErrorWait, moderation.ErrBusy)

// errPanicked is the error of the requests whose shared rendering panicked.
var errPanicked = errors.New("rendering panicked")

// shared runs do once for all concurrent requests with the same key and purpose. It goes on when the first
// client disconnects. A request that could get a stale page waits only StaleIfErrorWait.
func (c *Cache) shared(
	ctx context.Context, key Key, purpose string, do func(context.Context) (any, error),
) (any, error) {
	flight := c.flights.DoChan(purpose+" "+key.String(), func() (result any, err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renderTimeout)
		defer cancel()
		defer func() {
			if v := recover(); v != nil {
				result, err = nil, fmt.Errorf("%w: %T", errPanicked, v)
			}
		}()
		return do(ctx)
	})
	var slow <-chan time.Time
	if c.getStale(key) != nil {
		timer := time.NewTimer(httpio.StaleIfErrorWait)
		defer timer.Stop()
		slow = timer.C
	}
	select {
	case done := <-flight:
		return done.Val, done.Err
	case <-slow:
		return nil, errSlow
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
