package db

import (
	"context"
	"errors"
	"time"

	"rejoinder/moderation"
)

// Upkeep merges new words into PostgreSQL's search index. Otherwise writers would do so now and then, while
// their clients wait. It runs until ctx ends and passes errors to failed, except those that Guard reports.
func (d *DB) Upkeep(ctx context.Context, failed func(error)) {
	if d.readOnly || d.engine != Postgres {
		return
	}
	moderation.Every(ctx, upkeepInterval, d.sortWords, func(err error) {
		if !errors.Is(err, moderation.ErrBusy) && d.writeRefusal() == nil {
			failed(err)
		}
	})
}

// upkeepInterval is how often Upkeep checks for pending words.
const upkeepInterval = time.Second

// New words are merged into PostgreSQL's index once this many comments wait: merging more at once takes less
// write-ahead log. Searches scan the waiting words, so these wait no longer than sortInterval.
const (
	sortedAtOnce = 2_000
	sortInterval = time.Minute
)

func (d *DB) sortWords(ctx context.Context) error {
	waiting, now := d.unsorted.Load(), d.now()
	if waiting == 0 || waiting < sortedAtOnce && now.Sub(d.sortedAt).Abs() < sortInterval {
		return nil
	}
	var pages int64
	err := d.get(ctx, &pages, `SELECT gin_clean_pending_list('comment_search_words')`)
	if err == nil {
		d.unsorted.Add(-waiting)
		d.sortedAt = now
	}
	return wrap("merge words into the index", err)
}
