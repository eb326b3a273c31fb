package moderation

import (
	"context"
	"time"
)

// Every calls work immediately and then at each interval until ctx ends. It passes errors to failed unless
// ctx has ended.
func Every(ctx context.Context, interval time.Duration, work func(context.Context) error, failed func(error)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
