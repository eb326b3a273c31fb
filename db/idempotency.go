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
func (d *DB) IdempotentComment(ctx context.Context, siteID string, keyHash []byte) (moderation.Comment, []byte, error) {
	var row struct {
		commentRow
		RequestHash []byte `db:"request_hash"`
	}
	err := d.get(ctx, &row, `
		SELECT c.id, c.site_id, c.article_id, c.commenter_id, c.parent_id, c.root_id, c.depth, c.version, c.revision,
		       c.status, c.author_name, c.author_url, c.body_html, c.public_reason, c.score, c.risk, c.language, c.cluster, c.browser_id,
		       c.visible_replies, c.created_at, c.edited_at, k.request_hash
		FROM idempotency_keys k JOIN comments c ON c.id = k.comment_id
		WHERE k.site_id = $1 AND k.key_hash = $2`, siteID, keyHash)
	return row.comment(), row.RequestHash, wrap("find idempotency key", err)
}

// keyOf is how a request's Idempotency-Key is looked up; false when it has none.
func keyOf(c *creation) (keyed, bool) {
	if c.Idempotency == nil {
		return keyed{}, false
	}
	return keyed{c.Comment.SiteID, string(c.Idempotency.KeyHash)}, true
}

// refuseRepeated refuses those whose key has made a comment already, and all but the first with one key.
func (s session) refuseRepeated(ctx context.Context, all []*creation) error {
	first := map[keyed]*creation{}
	var sites []string
	var hashes [][]byte
	for _, c := range all {
		key, ok := keyOf(c)
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
		SiteID  string `db:"site_id"`
		KeyHash []byte `db:"key_hash"`
	}
	err := s.allIn(ctx, &used, `SELECT site_id, key_hash FROM idempotency_keys WHERE site_id IN (?) AND key_hash IN (?)`,
		padded(slices.Compact(sites)), padded(hashes))
	if err != nil {
		return err
	}
	for _, row := range used {
		if c := first[keyed{row.SiteID, string(row.KeyHash)}]; c != nil {
			c.err = moderation.ErrIdempotencyRace
		}
	}
	return nil
}

var idempotencyInsert = overRows(
	`INSERT INTO idempotency_keys (site_id, key_hash, request_hash, comment_id, created_at) VALUES`,
	`(?, ?, ?, ?, ?)`,
	`ON CONFLICT (site_id, key_hash) DO NOTHING`,
)

// keepIdempotencyKeys remembers which comment each key made, in the order of the keys, so that of two groups
// that share some one waits for the other. ErrIdempotencyRace when a key has made one since refuseRepeated
// looked.
func (s session) keepIdempotencyKeys(ctx context.Context, all []*creation) error {
	var rows [][]any
	for _, c := range all {
		if k := c.Idempotency; k != nil {
			rows = append(rows, []any{c.Comment.SiteID, k.KeyHash, k.RequestHash, c.Comment.ID, Time(c.Comment.CreatedAt)})
		}
	}
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(string), b[0].(string)), bytes.Compare(a[1].([]byte), b[1].([]byte)))
	})
	n, err := s.execRows(ctx, idempotencyInsert, rows)
	if err == nil && int(n) < len(rows) {
		err = moderation.ErrIdempotencyRace
	}
	return err
}
