package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// JanitorStore deletes what has expired, in many tables: addresses, keys, sign-ins, sketches, blocks, claims, readers
// and the texts of deleted comments.
type JanitorStore struct{ *core }

// sweepRows is how many rows one transaction of the janitor changes, so that submissions don't wait for it.
const sweepRows = 1_000

// ForgetAddresses removes indexes and prefixes of client addresses from submissions and sign-ins, and the
// indexes of voters and reporters, if they are older than the given time. It uses transactions of 1,000 rows
// and returns the number of changed rows.
func (s *JanitorStore) ForgetAddresses(ctx context.Context, before time.Time) (int64, error) {
	var total int64
	for _, statement := range []string{`
		UPDATE submissions SET address_index = NULL, address_prefix = NULL
		WHERE (comment_id, revision) IN (SELECT comment_id, revision FROM submissions
		                                 WHERE address_index IS NOT NULL AND created_at < $1
		                                 ORDER BY created_at LIMIT $2)`, `
		UPDATE sign_ins SET address_index = NULL
		WHERE id IN (SELECT id FROM sign_ins
		             WHERE address_index IS NOT NULL AND created_at < $1
		             ORDER BY created_at LIMIT $2)`, `
		UPDATE votes SET voter = NULL
		WHERE (comment_id, voter) IN (SELECT comment_id, voter FROM votes
		                              WHERE voter IS NOT NULL AND created_at < $1
		                              ORDER BY created_at LIMIT $2)`, `
		UPDATE reports SET reporter = NULL
		WHERE id IN (SELECT id FROM reports
		             WHERE reporter IS NOT NULL AND created_at < $1
		             ORDER BY created_at LIMIT $2)`} {
		n, err := s.sweep(ctx, "forget addresses", statement, before)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// ForgetIdempotencyKeys removes keys made before then, in transactions of 1,000 rows, and returns how many.
func (s *JanitorStore) ForgetIdempotencyKeys(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, "forget idempotency keys", `
		DELETE FROM idempotency_keys
		WHERE (site_id, key_hash) IN (SELECT site_id, key_hash FROM idempotency_keys
		                              WHERE created_at < $1
		                              ORDER BY created_at LIMIT $2)`, before)
}

// ForgetSignIns removes records of sign-ins made before then, in transactions of 1,000 rows, and returns how
// many.
func (s *JanitorStore) ForgetSignIns(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, "forget sign-ins", `
		DELETE FROM sign_ins
		WHERE id IN (SELECT id FROM sign_ins WHERE created_at < $1 ORDER BY created_at, id LIMIT $2)`, before)
}

// ForgetBlocks removes blocks that ended before then, in transactions of 1,000 rows, and returns how many.
func (s *JanitorStore) ForgetBlocks(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, "forget blocks", `
		DELETE FROM blocks
		WHERE id IN (SELECT id FROM blocks WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`, before)
}

// ForgetClaims removes claims that ended before then, in transactions of 1,000 rows, and returns how many. A
// claim that somebody takes over meanwhile stays.
func (s *JanitorStore) ForgetClaims(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, "forget claims", `
		DELETE FROM claims WHERE comment_id IN (
			SELECT c.comment_id FROM claims c WHERE c.expires_at < $1 ORDER BY c.expires_at LIMIT $2`+s.skipLocked+`)`, before)
}

// ForgetTabs deletes tabs without claims since then, in transactions of 1,000 rows, and returns how many.
func (s *JanitorStore) ForgetTabs(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, "forget tabs", `
		DELETE FROM claim_tabs WHERE (moderator_id, tab) IN (
			SELECT c.moderator_id, c.tab FROM claim_tabs c WHERE c.seen_at < $1 ORDER BY c.seen_at LIMIT $2`+s.skipLocked+`)`,
		before)
}

// ForgetMessages removes messages that were done before then, in transactions of 1,000 rows, and returns how many.
func (s *JanitorStore) ForgetMessages(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, "forget messages", `
		DELETE FROM outbox
		WHERE id IN (SELECT id FROM outbox WHERE done_at IS NOT NULL AND done_at < $1 ORDER BY done_at LIMIT $2)`, before)
}

// ForgetMailRequests removes the counts of mails that were asked for last before then, in transactions of 1,000 rows,
// and returns how many.
func (s *JanitorStore) ForgetMailRequests(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, "forget requests for mail", `
		DELETE FROM mail_requests
		WHERE (email_index, kind) IN (SELECT email_index, kind FROM mail_requests
		                              WHERE asked_at < $1 ORDER BY asked_at LIMIT $2)`, before)
}

// ForgetAttempts removes requests to webhooks that were sent before then, in transactions of 1,000 rows, and returns
// how many.
func (s *JanitorStore) ForgetAttempts(ctx context.Context, before time.Time) (int64, error) {
	return s.sweep(ctx, "forget requests to webhooks", `
		DELETE FROM webhook_attempts
		WHERE id IN (SELECT id FROM webhook_attempts WHERE at < $1 ORDER BY at LIMIT $2)`, before)
}

// ForgetReaders removes signed-in readers without comments who were first seen before then, such as those whose only
// comment was refused, and returns how many. It looks at 1,000 readers at a time.
func (s *JanitorStore) ForgetReaders(ctx context.Context, before time.Time) (int64, error) {
	var total int64
	var last ID
	for {
		ids, err := s.selectIDs(ctx, `
			SELECT id FROM signed_readers WHERE id > $1 AND first_seen_at < $2 ORDER BY id LIMIT $3`,
			last, Time(before), sweepRows)
		if err != nil || len(ids) == 0 {
			return total, wrap("sweep: list signed-in readers", err)
		}
		last = ID(ids[len(ids)-1])
		n, err := s.forgetUnneeded(ctx, ids, before)
		total += n
		if err != nil {
			return total, err
		}
	}
}

// forgetUnneeded deletes those of the readers who have no comments.
func (s *JanitorStore) forgetUnneeded(ctx context.Context, ids []string, before time.Time) (int64, error) {
	senders := make([]string, len(ids))
	for i, id := range ids {
		senders[i] = moderation.SignedReader{ID: id}.BrowserID()
	}
	var needed []string
	err := s.selectAll(ctx, &needed, `SELECT DISTINCT browser_id FROM comments WHERE browser_id IN (?) AND `+keepsReader,
		senders)
	if err != nil {
		return 0, fmt.Errorf("sweep: look for comments of signed-in readers: %w", err)
	}
	unneeded := slices.DeleteFunc(senders, func(sender string) bool { return slices.Contains(needed, sender) })
	if len(unneeded) == 0 {
		return 0, nil
	}
	var total int64
	err = s.write(ctx, "forget signed-in readers", func(tx executor) error {
		total = 0
		for _, sender := range unneeded {
			n, err := tx.exec(ctx, `
				DELETE FROM signed_readers WHERE id = $1 AND first_seen_at < $2
					AND NOT EXISTS (SELECT 1 FROM comments WHERE browser_id = $3 AND `+keepsReader+`)`,
				ID(moderation.Comment{BrowserID: sender}.ReaderID()), Time(before), sender)
			if err != nil {
				return err
			}
			total += n
		}
		return nil
	})
	return total, err
}

// ForgetSketches removes sketches of submissions made before then, in transactions of 1,000 rows, and returns
// how many.
func (s *JanitorStore) ForgetSketches(ctx context.Context, before time.Time) (int64, error) {
	return s.sweepWith(ctx, "forget sketches", `
		DELETE FROM sketches
		WHERE (comment_id, revision) IN (SELECT comment_id, revision FROM sketches
		                                 WHERE comment_id < $1 AND (band_1 & $2) < $3
		                                 ORDER BY comment_id LIMIT $4)`,
		idAt(before), bandSeconds, before.Unix()&bandSeconds)
}

// ForgetLogins deletes expired refresh tokens and sessions, old failed logins and devices that were not used
// for too long, in transactions of 1,000 rows. It returns the number of deleted rows.
func (s *JanitorStore) ForgetLogins(ctx context.Context, before time.Time) (int64, error) {
	tokens, err := s.sweep(ctx, "forget refresh tokens", `
		DELETE FROM refresh_tokens
		WHERE id IN (SELECT id FROM refresh_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`, before)
	if err != nil {
		return tokens, err
	}
	_, err = s.sweep(ctx, "forget sessions of identity providers", `
		DELETE FROM federated_sessions
		WHERE session_id IN (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`, before)
	if err != nil {
		return tokens, err
	}
	// A session expires with the last of its tokens.
	sessions, err := s.sweep(ctx, "forget sessions", `
		DELETE FROM sessions
		WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`, before)
	if err != nil {
		return tokens + sessions, err
	}
	failures, err := s.sweep(ctx, "forget failed logins", `
		DELETE FROM login_failures
		WHERE attempt_key IN (SELECT attempt_key FROM login_failures WHERE last_at < $1 ORDER BY last_at LIMIT $2)`, before)
	if err != nil {
		return tokens + sessions + failures, err
	}
	devices, err := s.sweep(ctx, "forget devices", `
		DELETE FROM devices
		WHERE id IN (SELECT id FROM devices WHERE last_used_at < $1 ORDER BY last_used_at LIMIT $2)`,
		before.Add(-auth.DeviceLife))
	return tokens + sessions + failures + devices, err
}

// sweep repeats a statement, each time in a transaction of its own, until it finds fewer rows than it may
// change.
func (s *JanitorStore) sweep(ctx context.Context, purpose, statement string, before time.Time) (int64, error) {
	return s.sweepWith(ctx, purpose, statement, Time(before))
}

// sweepWith is sweep for a statement with other parameters than a time. The last one is how many rows it may
// change.
func (s *JanitorStore) sweepWith(ctx context.Context, purpose, statement string, args ...any) (int64, error) {
	args = append(args, sweepRows)
	var total int64
	for {
		var n int64
		err := s.write(ctx, purpose, func(tx executor) error {
			var err error
			n, err = tx.exec(ctx, statement, args...)
			return err
		})
		if err != nil {
			return total, err
		}
		total += n
		if n < sweepRows {
			return total, nil
		}
	}
}

// EraseDeleted removes name and text of comments that were deleted before then, in transactions of 1,000
// comments, and returns their number. The erased data then leaves SQLite's log, too.
func (s *JanitorStore) EraseDeleted(ctx context.Context, before time.Time) (int64, error) {
	var total int64
	for {
		var n int64
		err := s.write(ctx, "erase deleted comments", func(tx executor) error {
			// The conditions on the comment are those of the index comments_to_erase, word for word.
			ids, err := tx.selectIDs(ctx, `
				SELECT c.id FROM comments c JOIN decisions d ON d.comment_id = c.id AND d.version = c.version
				WHERE c.status = 'deleted' AND c.author_name <> '' AND d.created_at < $1
				ORDER BY c.id
				LIMIT $2`+tx.skipLocked, Time(before), sweepRows)
			if err != nil || len(ids) == 0 {
				n = 0
				return err
			}
			n, err = eraseComments(ctx, tx, ids)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("sweep: %w", err)
		}
		total += n
		if n < sweepRows {
			return total, s.checkpoint(ctx)
		}
	}
}
