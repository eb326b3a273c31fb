package db

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"rejoinder/moderation"
)

// IdempotentComment returns the comment made under an Idempotency-Key, and the hash of the request that made
// it. ErrNotFound when the key is new.
func (s *SubmissionStore) IdempotentComment(
	ctx context.Context, siteID string, keyHash []byte,
) (moderation.Comment, []byte, error) {
	var row struct {
		commentRow
		RequestHash []byte `db:"request_hash"`
	}
	err := s.get(ctx, &row, `
		SELECT `+columnsOf("c", commentColumns)+`, k.request_hash
		FROM idempotency_keys k JOIN comments c ON c.id = k.comment_id
		WHERE k.site_id = $1 AND k.key_hash = $2`, ID(siteID), keyHash)
	return row.comment(), row.RequestHash, wrap("find idempotency key", err)
}

// idempotencyKeyOf returns a request's key; false without one.
func idempotencyKeyOf(c *creation) (siteKey, bool) {
	if c.Idempotency == nil {
		return siteKey{}, false
	}
	return siteKey{c.Comment.SiteID, string(c.Idempotency.KeyHash)}, true
}

// rejectRepeatedKeys refuses submissions whose key has made a comment already, and all but the first with one
// key.
func rejectRepeatedKeys(ctx context.Context, x executor, all []*creation) error {
	first := map[siteKey]*creation{}
	var sites []string
	var hashes [][]byte
	for _, c := range all {
		key, ok := idempotencyKeyOf(c)
		switch {
		case ok && first[key] != nil:
			c.err = moderation.ErrIdempotencyRace
		case ok:
			first[key] = c
			sites, hashes = append(sites, c.Comment.SiteID), append(hashes, c.Idempotency.KeyHash)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	var used []struct {
		SiteID  ID     `db:"site_id"`
		KeyHash []byte `db:"key_hash"`
	}
	err := x.selectAll(ctx, &used, `
		SELECT site_id, key_hash FROM idempotency_keys WHERE site_id IN (?) AND key_hash IN (?)`,
		padded(toIDs(slices.Compact(sites))), padded(hashes))
	if err != nil {
		return err
	}
	for _, row := range used {
		if c := first[siteKey{string(row.SiteID), string(row.KeyHash)}]; c != nil {
			c.err = moderation.ErrIdempotencyRace
		}
	}
	return nil
}

var idempotencyInsert = insertInto("idempotency_keys", `site_id, key_hash, request_hash, comment_id, created_at`,
	`ON CONFLICT (site_id, key_hash) DO NOTHING`)

// insertIdempotencyKeys stores which comment each key made, in the order of the keys, so that concurrent
// batches with common keys do not deadlock. ErrIdempotencyRace if a key was stored since rejectRepeatedKeys
// looked.
func insertIdempotencyKeys(ctx context.Context, x executor, all []*creation) error {
	var rows [][]any
	for _, c := range all {
		if k := c.Idempotency; k != nil {
			rows = append(rows, []any{ID(c.Comment.SiteID), k.KeyHash, k.RequestHash, ID(c.Comment.ID),
				Time(c.Comment.CreatedAt)})
		}
	}
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(ID), b[0].(ID)), bytes.Compare(a[1].([]byte), b[1].([]byte)))
	})
	n, err := x.execRows(ctx, idempotencyInsert.rowsStmt, rows)
	if err == nil && int(n) < len(rows) {
		err = moderation.ErrIdempotencyRace
	}
	return err
}
