package db

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"rejoinder/moderation"
)

// moderatorNamesTTL is for how long the names of moderators are cached. They hardly ever change.
const moderatorNamesTTL = time.Minute

// moderatorNames caches the names and email indexes of the active moderators, so that comparing a commenter with
// them takes no query.
type moderatorNames struct {
	mu     sync.Mutex
	readAt time.Time
	cached moderatorIndexes
}

// moderatorIndexes are the email indexes of moderators by the skeletons of their names, and all of them.
type moderatorIndexes struct {
	byName map[string][][]byte
	all    map[string]bool
}

// compareModerators notes whose email is a moderator's, and who uses the name of a moderator of this
// installation under another email.
func (d *DB) compareModerators(ctx context.Context, all []*submissionContext) error {
	if len(all) == 0 {
		return nil
	}
	known, err := d.moderatorIndexes(ctx, all[0].Now)
	if err != nil {
		return err
	}
	for _, c := range all {
		for _, index := range c.EmailIndexes {
			c.ByModerator = c.ByModerator || known.all[string(index)]
		}
		for _, skeleton := range c.NameSkeletons {
			bearers := known.byName[skeleton]
			c.NamesModerator = c.NamesModerator || len(bearers) > 0 && !anyOf(bearers, c.EmailIndexes)
		}
	}
	return nil
}

func anyOf(indexes, wanted [][]byte) bool {
	return slices.ContainsFunc(indexes, func(index []byte) bool {
		return slices.ContainsFunc(wanted, func(w []byte) bool { return bytes.Equal(index, w) })
	})
}

// moderatorIndexes returns what is cached, which must not be changed, or reads it. It treats a cache from the
// future as expired: the clock moved back.
func (d *DB) moderatorIndexes(ctx context.Context, now time.Time) (moderatorIndexes, error) {
	m := &d.moderators
	m.mu.Lock()
	defer m.mu.Unlock()
	if age := now.Sub(m.readAt); m.cached.all != nil && age >= 0 && age < moderatorNamesTTL {
		return m.cached, nil
	}
	var rows []moderatorRow
	err := d.prepared.selectAll(ctx, &rows, `SELECT name, email_index FROM moderators WHERE disabled_at IS NULL`)
	if err != nil {
		return moderatorIndexes{}, err
	}
	read := moderatorIndexes{byName: map[string][][]byte{}, all: map[string]bool{}}
	for _, row := range rows {
		read.all[string(row.EmailIndex)] = true
		for _, skeleton := range moderation.NameSkeletons(row.Name) {
			read.byName[skeleton] = append(read.byName[skeleton], row.EmailIndex)
		}
	}
	m.readAt, m.cached = now, read
	return read, nil
}
