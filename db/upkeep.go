package db

import (
	"context"
	"errors"
	"time"

	"rejoinder/moderation"
)

// Upkeep does what writers would otherwise do now and then at the expense of those who wait for them: it shortens
// SQLite's log, and sorts new words into PostgreSQL's search index. It runs until ctx ends and passes errors to
// failed, but not those that Guard tells of.
func (d *DB) Upkeep(ctx context.Context, failed func(error)) {
	if d.readOnly {
		return
	}
	moderation.Every(ctx, d.upkeepInterval, d.maintain, func(err error) {
		if !errors.Is(err, moderation.ErrBusy) && d.writeRefusal() == nil {
			failed(err)
		}
	})
}

// How often Upkeep looks whether something was written.
const (
	sqliteUpkeepInterval   = 100 * time.Millisecond
	postgresUpkeepInterval = 5 * time.Second
)

// maintain does what is due since the last call.
func (d *DB) maintain(ctx context.Context) error {
	if !d.written.Swap(false) {
		return nil
	}
	if d.engine == SQLite {
		return d.shortenLog(ctx)
	}
	var pages int64
	return wrap("sort words into the index",
		d.get(ctx, &pages, `SELECT gin_clean_pending_list('comment_search_words')`))
}
