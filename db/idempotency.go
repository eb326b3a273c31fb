package db

import (
	"context"

	"rejoinder/moderation"
)

// IdempotentComment returns the comment made under an Idempotency-Key, and the hash of the request that made it.
// ErrNotFound when the key is new.
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

// keepIdempotencyKey remembers which comment a key made; nil is no key. ErrIdempotencyRace when it made one already.
func (s session) keepIdempotencyKey(ctx context.Context, key *moderation.IdempotencyKey, c moderation.Comment) error {
	if key == nil {
		return nil
	}
	n, err := s.exec(ctx, `
		INSERT INTO idempotency_keys (site_id, key_hash, request_hash, comment_id, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (site_id, key_hash) DO NOTHING`,
		c.SiteID, key.KeyHash, key.RequestHash, c.ID, Time(c.CreatedAt))
	if err == nil && n == 0 {
		err = moderation.ErrIdempotencyRace
	}
	return err
}
