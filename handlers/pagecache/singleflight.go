package pagecache

import (
	"context"
	"fmt"
	"time"

	"rejoinder/handlers/httpio"
	"rejoinder/moderation"
)

// errSlow takes the place of an answer that does not come while there is an old one to give.
var errSlow = fmt.Errorf("no answer in %s: %w", httpio.StaleAfter, moderation.ErrBusy)

// outdated returns a page that was right when the database could last be asked, and not longer ago than it
// may be; nil when there is none. A page that is known to have changed since is none.
func (p *Cache) outdated(key Key) *keptPage {
	page, ok := p.Pages.GetIfPresent(key)
	now := p.now().UnixNano()
	if !ok || !p.generations.fresh(page.generation) || page.over(now) || now-page.checkedAt.Load() >= int64(p.staleFor) {
		return nil
	}
	return page
}

// together does something about a page once for all who ask for it at the same time. It goes on when those
// leave who began it, and nobody waits longer for it than they must.
func (p *Cache) together(
	ctx context.Context,
	key Key,
	purpose string,
	do func(context.Context) (any, error),
) (any, error) {
	flight := p.flights.DoChan(purpose+key.flight(), func() (result any, err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renderTime)
		defer cancel()
		defer func() {
			if v := recover(); v != nil {
				result, err = nil, fmt.Errorf("%w: %T", errPanicked, v)
			}
		}()
		return do(ctx)
	})
	var stale <-chan time.Time
	if p.outdated(key) != nil {
		timer := time.NewTimer(httpio.StaleAfter)
		defer timer.Stop()
		stale = timer.C
	}
	select {
	case done := <-flight:
		return done.Val, done.Err
	case <-stale:
		return nil, errSlow
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
