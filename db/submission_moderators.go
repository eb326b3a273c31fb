package db

import (
	"bytes"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"rejoinder/moderation"
)

// moderatorNamesTTL is for how long the names of moderators are cached. They hardly ever change.
const moderatorNamesTTL = time.Minute

// moderatorCache holds the names and email indexes of the active moderators, so that comparing a commenter with
// them takes no query.
type moderatorCache struct {
	latest  atomic.Pointer[moderatorIndexes]
	flights singleflight.Group
}

// moderatorIndexes are the email indexes of moderators by the skeletons of their names, and all of them.
type moderatorIndexes struct {
	readAt time.Time
	byName map[string][][]byte
	all    map[string]bool
}

// matchModerators notes whose email is a moderator's, and who uses the name of a moderator of this
// installation under another email.
func (s *SubmissionStore) matchModerators(ctx context.Context, all []*submissionContext) error {
	if len(all) == 0 {
		return nil
	}
	known, err := s.moderatorIndexes(ctx, all[0].Now)
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
func (s *SubmissionStore) moderatorIndexes(ctx context.Context, now time.Time) (*moderatorIndexes, error) {
	if known := s.moderators.latest.Load(); known != nil {
		if age := now.Sub(known.readAt); age >= 0 && age < moderatorNamesTTL {
			return known, nil
		}
	}
	read := s.moderators.flights.DoChan("", func() (any, error) {
		return s.readModeratorIndexes(context.WithoutCancel(ctx), now)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-read:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*moderatorIndexes), nil
	}
}

func (s *SubmissionStore) readModeratorIndexes(ctx context.Context, now time.Time) (*moderatorIndexes, error) {
	var rows []moderatorRow
	err := s.prepared.selectAll(ctx, &rows, `SELECT name, email_index FROM moderators WHERE disabled_at IS NULL AND `+peopleOnly)
	if err != nil {
		return nil, err
	}
	read := &moderatorIndexes{readAt: now, byName: map[string][][]byte{}, all: map[string]bool{}}
	for _, row := range rows {
		read.all[string(row.EmailIndex)] = true
		for _, skeleton := range moderation.NameSkeletons(row.Name) {
			read.byName[skeleton] = append(read.byName[skeleton], row.EmailIndex)
		}
	}
	s.moderators.latest.Store(read)
	return read, nil
}
