package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"rejoinder/auth"
)

// LoginFailureStore stores login_failures: failed attempts to sign in.
type LoginFailureStore struct{ *core }

type loginFailuresRow struct {
	Key          []byte   `db:"attempt_key"`
	Count        int      `db:"failures"`
	BlockedUntil NullTime `db:"blocked_until"`
	LastAt       Time     `db:"last_at"`
}

// UpdateLoginFailures reads the failures of every key, passes them to update and stores its result, with
// these rows locked. See auth.Store.
func (s *LoginFailureStore) UpdateLoginFailures(ctx context.Context, keys [][]byte,
	update func([]auth.LoginFailures) ([]auth.LoginFailures, error)) error {
	return s.write(ctx, "update login failures", func(tx executor) error {
		before, err := lockLoginFailures(ctx, tx, keys)
		if err != nil {
			return err
		}
		after, err := update(before)
		if err != nil {
			return err
		}
		if len(after) != len(keys) {
			return fmt.Errorf("%d keys but %d values to store", len(keys), len(after))
		}
		for i, key := range keys {
			if err := storeLoginFailures(ctx, tx, key, after[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// lockLoginFailures reads and locks one row for each key, in the order of the keys' bytes. A key without a
// row gets one, empty, since only a row can be locked.
func lockLoginFailures(ctx context.Context, x executor, keys [][]byte) ([]auth.LoginFailures, error) {
	sorted := slices.SortedFunc(slices.Values(keys), bytes.Compare)
	if len(slices.CompactFunc(slices.Clone(sorted), bytes.Equal)) != len(keys) {
		return nil, errors.New("the same key twice")
	}
	found := make([]auth.LoginFailures, len(keys))
	for _, key := range sorted {
		var row loginFailuresRow
		err := x.get(ctx, &row, `
			INSERT INTO login_failures (attempt_key, failures, blocked_until, last_at) VALUES ($1, 0, NULL, $2)
			ON CONFLICT (attempt_key) DO UPDATE SET failures = login_failures.failures
			RETURNING attempt_key, failures, blocked_until, last_at`, key, minTime)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(keys, func(k []byte) bool { return bytes.Equal(k, key) })
		found[i] = auth.LoginFailures{Key: key}
		if row.Count > 0 {
			found[i] = auth.LoginFailures{
				Key:          key,
				Count:        row.Count,
				BlockedUntil: row.BlockedUntil.time(),
				LastAt:       row.LastAt.time(),
			}
		}
	}
	return found, nil
}

// ForgetLoginFailures deletes the failures of every key with one of the prefixes, and writes the audit entry.
func (s *LoginFailureStore) ForgetLoginFailures(ctx context.Context, prefixes [][]byte, entry auth.AuditEntry) error {
	return s.write(ctx, "forget login failures", func(tx executor) error {
		for _, prefix := range prefixes {
			_, err := tx.exec(ctx, `DELETE FROM login_failures WHERE attempt_key >= $1 AND attempt_key < $2`,
				prefix, prefixEnd(prefix))
			if err != nil {
				return err
			}
		}
		return insertEntry(ctx, tx, &entry)
	})
}

// prefixEnd returns the first key after all those with the prefix, which must contain a byte below 0xff.
func prefixEnd(prefix []byte) []byte {
	end := bytes.TrimRight(prefix, "\xff")
	end = bytes.Clone(end)
	end[len(end)-1]++
	return end
}

func storeLoginFailures(ctx context.Context, x executor, key []byte, f auth.LoginFailures) error {
	if f.Count == 0 {
		_, err := x.exec(ctx, `DELETE FROM login_failures WHERE attempt_key = $1`, key)
		return err
	}
	_, err := x.exec(ctx, `
		UPDATE login_failures SET failures = $2, blocked_until = $3, last_at = $4 WHERE attempt_key = $1`,
		key, f.Count, NullTime(stored(f.BlockedUntil)), Time(stored(f.LastAt)))
	return err
}
