package db

import (
	"context"
	"fmt"

	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// BlockStore stores blocks of emails, domains, names, hosts and networks.
type BlockStore struct{ *core }

// blockRow is one row of blocks, with its author's name.
type blockRow struct {
	ID            ID       `db:"id"`
	SiteID        ID       `db:"site_id"`
	Kind          string   `db:"kind"`
	Index         []byte   `db:"value_index"`
	Shown         string   `db:"shown"`
	Action        string   `db:"action"`
	Note          string   `db:"note"`
	CommentID     nullID   `db:"comment_id"`
	ModeratorID   string   `db:"created_by"`
	ModeratorName string   `db:"moderator_name"`
	CreatedAt     Time     `db:"created_at"`
	ExpiresAt     NullTime `db:"expires_at"`
}

const selectBlocks = `
	SELECT b.id, b.site_id, b.kind, b.value_index, b.shown, b.action, b.note, b.comment_id, b.created_by,
	       m.name AS moderator_name, b.created_at, b.expires_at
	FROM blocks b JOIN moderators m ON m.id = b.created_by`

func (r blockRow) block() queue.Block {
	return queue.Block{ID: string(r.ID), SiteID: string(r.SiteID), Kind: moderation.BlockKind(r.Kind),
		Index: r.Index, Shown: r.Shown,
		Action: moderation.Action(r.Action), Note: r.Note, CommentID: string(r.CommentID), ModeratorID: r.ModeratorID,
		ModeratorName: r.ModeratorName, CreatedAt: r.CreatedAt.time(), ExpiresAt: r.ExpiresAt.time()}
}

// CreateBlock writes a block with its audit entry. ErrExists if a block that has not ended has one of the
// indexes.
func (s *BlockStore) CreateBlock(
	ctx context.Context, b queue.Block, indexes [][]byte, audit moderation.AuditEntry,
) error {
	return s.write(ctx, "create block", func(tx executor) error {
		var standing []string
		err := tx.selectAll(ctx, &standing, `
			SELECT id FROM blocks WHERE site_id = ? AND value_index IN (?) AND (expires_at IS NULL OR expires_at > ?)`,
			ID(b.SiteID), indexes, Time(b.CreatedAt))
		if err != nil {
			return err
		}
		if len(standing) > 0 {
			return moderation.ErrExists
		}
		_, err = tx.exec(ctx, `
			INSERT INTO blocks (id, site_id, kind, value_index, shown, action, note, comment_id, created_by, created_at,
				expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			ID(b.ID), ID(b.SiteID), string(b.Kind), b.Index, b.Shown, string(b.Action), b.Note, nullID(b.CommentID),
			b.ModeratorID,
			Time(b.CreatedAt), NullTime(b.ExpiresAt))
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, &audit)
	})
}

// Block returns a block of a site. ErrNotFound.
func (s *BlockStore) Block(ctx context.Context, siteID, id string) (queue.Block, error) {
	var row blockRow
	if err := s.get(ctx, &row, selectBlocks+` WHERE b.id = $1 AND b.site_id = $2`, ID(id), ID(siteID)); err != nil {
		return queue.Block{}, fmt.Errorf("find block: %w", err)
	}
	return row.block(), nil
}

// Blocks returns a site's blocks after the given place, newest first.
func (s *BlockStore) Blocks(
	ctx context.Context,
	siteID string,
	after *moderation.ThreadKey,
	limit int,
) ([]queue.Block, error) {
	var rows []blockRow
	at, id := keysetStart(after, maxTime)
	err := s.selectAll(ctx, &rows, selectBlocks+`
		WHERE b.site_id = $1 AND (b.created_at, b.id) < ($2, $3)
		ORDER BY b.created_at DESC, b.id DESC
		LIMIT $4`, ID(siteID), at, ID(id), limit)
	if err != nil {
		return nil, fmt.Errorf("list blocks: %w", err)
	}
	blocks := make([]queue.Block, len(rows))
	for i, r := range rows {
		blocks[i] = r.block()
	}
	return blocks, nil
}

// UpdateBlock writes action, note and end of a block. ErrNotFound.
func (s *BlockStore) UpdateBlock(ctx context.Context, b queue.Block, audit moderation.AuditEntry) error {
	return s.write(ctx, "update block", func(tx executor) error {
		n, err := tx.exec(ctx, `UPDATE blocks SET action = $3, note = $4, expires_at = $5 WHERE id = $1 AND site_id = $2`,
			ID(b.ID), ID(b.SiteID), string(b.Action), b.Note, NullTime(b.ExpiresAt))
		if err == nil && n == 0 {
			err = moderation.ErrNotFound
		}
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, &audit)
	})
}

// DeleteBlock removes a block of a site. ErrNotFound.
func (s *BlockStore) DeleteBlock(ctx context.Context, siteID, id string, audit moderation.AuditEntry) error {
	return s.write(ctx, "delete block", func(tx executor) error {
		n, err := tx.exec(ctx, `DELETE FROM blocks WHERE id = $1 AND site_id = $2`, ID(id), ID(siteID))
		if err == nil && n == 0 {
			err = moderation.ErrNotFound
		}
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, &audit)
	})
}
