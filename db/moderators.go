package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"rejoinder/auth"
	"rejoinder/moderation"
)

type moderatorRow struct {
	ID           string   `db:"id"`
	EmailIndex   []byte   `db:"email_index"`
	EmailSealed  []byte   `db:"email_sealed"`
	Name         string   `db:"name"`
	Role         string   `db:"role"`
	PasswordHash string   `db:"password_hash"`
	DisabledAt   NullTime `db:"disabled_at"`
	CreatedAt    Time     `db:"created_at"`
}

const moderatorColumns = `id, email_index, email_sealed, name, role, password_hash, disabled_at, created_at`

// CreateModerator stores a new moderator with its sites. ErrModeratorExists (of package auth) when the email index is
// taken, ErrNotFound (of package moderation) when there is no such site.
func (d *DB) CreateModerator(ctx context.Context, m auth.Moderator) error {
	return d.write(ctx, "create moderator", func(tx session) error {
		n, err := tx.execRow(ctx, `
			INSERT INTO moderators (id, email_index, email_sealed, name, role, password_hash, disabled_at, created_at)
			VALUES (:id, :email_index, :email_sealed, :name, :role, :password_hash, :disabled_at, :created_at)
			ON CONFLICT (email_index) DO NOTHING`,
			moderatorRow{ID: m.ID, EmailIndex: m.EmailIndex, EmailSealed: m.EmailSealed, Name: m.Name, Role: string(m.Role),
				PasswordHash: m.PasswordHash, DisabledAt: NullTime(m.DisabledAt), CreatedAt: Time(m.CreatedAt)})
		if err == nil && n == 0 {
			err = auth.ErrModeratorExists
		}
		if err != nil {
			return err
		}
		for _, site := range m.SiteIDs {
			_, err := tx.exec(ctx, `INSERT INTO moderator_sites (moderator_id, site_id) VALUES ($1, $2)`, m.ID, site)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ModeratorByEmail finds the moderator whose email index is one of indexes, the first of them that is known.
// ErrUnknownModerator (of package auth).
func (d *DB) ModeratorByEmail(ctx context.Context, indexes [][]byte) (auth.Moderator, error) {
	if len(indexes) == 0 {
		return auth.Moderator{}, fmt.Errorf("find moderator: %w", auth.ErrUnknownModerator)
	}
	var rows []moderatorRow
	err := d.allIn(ctx, &rows, `SELECT `+moderatorColumns+` FROM moderators WHERE email_index IN (?)`, indexes)
	if err != nil {
		return auth.Moderator{}, fmt.Errorf("find moderator: %w", err)
	}
	for _, index := range indexes {
		for _, row := range rows {
			if bytes.Equal(row.EmailIndex, index) {
				return d.withSites(ctx, row)
			}
		}
	}
	return auth.Moderator{}, fmt.Errorf("find moderator: %w", auth.ErrUnknownModerator)
}

// Moderator finds a moderator, disabled or not, by id. ErrUnknownModerator (of package auth).
func (d *DB) Moderator(ctx context.Context, id string) (auth.Moderator, error) {
	var row moderatorRow
	err := d.get(ctx, &row, `SELECT `+moderatorColumns+` FROM moderators WHERE id = $1`, id)
	if errors.Is(err, moderation.ErrNotFound) {
		err = auth.ErrUnknownModerator
	}
	if err != nil {
		return auth.Moderator{}, fmt.Errorf("find moderator: %w", err)
	}
	return d.withSites(ctx, row)
}

func (d *DB) withSites(ctx context.Context, r moderatorRow) (auth.Moderator, error) {
	m := auth.Moderator{ID: r.ID, EmailIndex: r.EmailIndex, EmailSealed: r.EmailSealed, Name: r.Name,
		Role: auth.Role(r.Role), PasswordHash: r.PasswordHash, DisabledAt: r.DisabledAt.time(), CreatedAt: r.CreatedAt.time()}
	err := d.all(ctx, &m.SiteIDs, `SELECT site_id FROM moderator_sites WHERE moderator_id = $1 ORDER BY site_id`, r.ID)
	return m, wrap("find a moderator's sites", err)
}

// ReplacePasswordHash stores change.New if the stored hash still is change.Old, and does nothing otherwise.
func (d *DB) ReplacePasswordHash(ctx context.Context, change auth.PasswordHashChange) error {
	return d.write(ctx, "replace password hash", func(tx session) error {
		_, err := tx.exec(ctx, `UPDATE moderators SET password_hash = $1 WHERE id = $2 AND password_hash = $3`,
			change.New, change.ModeratorID, change.Old)
		return err
	})
}
