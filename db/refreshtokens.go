package db

import (
	"context"
	"errors"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

type refreshTokenRow struct {
	ID          string   `db:"id"`
	ModeratorID string   `db:"moderator_id"`
	FamilyID    string   `db:"family_id"`
	SecretHash  []byte   `db:"secret_hash"`
	CreatedAt   Time     `db:"created_at"`
	ExpiresAt   Time     `db:"expires_at"`
	UsedAt      NullTime `db:"used_at"`
	RevokedAt   NullTime `db:"revoked_at"`
}

const refreshTokenColumns = `id, moderator_id, family_id, secret_hash, created_at, expires_at, used_at, revoked_at`

func newRefreshTokenRow(t auth.RefreshToken) refreshTokenRow {
	return refreshTokenRow{ID: t.ID, ModeratorID: t.ModeratorID, FamilyID: t.FamilyID, SecretHash: t.SecretHash,
		CreatedAt: Time(stored(t.CreatedAt)), ExpiresAt: Time(stored(t.ExpiresAt)),
		UsedAt: NullTime(stored(t.UsedAt)), RevokedAt: NullTime(stored(t.RevokedAt))}
}

func (r refreshTokenRow) token() auth.RefreshToken {
	return auth.RefreshToken{ID: r.ID, ModeratorID: r.ModeratorID, FamilyID: r.FamilyID, SecretHash: r.SecretHash,
		CreatedAt: r.CreatedAt.time(), ExpiresAt: r.ExpiresAt.time(), UsedAt: r.UsedAt.time(), RevokedAt: r.RevokedAt.time()}
}

// CreateRefreshToken stores the first token of a family.
func (d *DB) CreateRefreshToken(ctx context.Context, t auth.RefreshToken) error {
	return d.write(ctx, "create refresh token", func(tx session) error { return tx.insertRefreshToken(ctx, t) })
}

func (s session) insertRefreshToken(ctx context.Context, t auth.RefreshToken) error {
	_, err := s.execRow(ctx, `
		INSERT INTO refresh_tokens (id, moderator_id, family_id, secret_hash, created_at, expires_at, used_at, revoked_at)
		VALUES (:id, :moderator_id, :family_id, :secret_hash, :created_at, :expires_at, :used_at, :revoked_at)`,
		newRefreshTokenRow(t))
	return err
}

// RotateRefreshToken marks the token with hash oldHash as used at next.CreatedAt, stores old.Successor(next), and
// returns the token stored. ErrTokenReused, ErrTokenExpired, ErrUnknownToken: see auth.Store.
func (d *DB) RotateRefreshToken(ctx context.Context, oldHash []byte, next auth.RefreshToken) (auth.RefreshToken, error) {
	var kept auth.RefreshToken
	var refused error // after the commit: a family that is revoked must stay so
	err := d.write(ctx, "rotate refresh token", func(tx session) error {
		old, err := tx.lockRefreshToken(ctx, oldHash)
		if err != nil {
			return err
		}
		refused = nil
		switch {
		case !old.UsedAt.IsZero() || !old.RevokedAt.IsZero():
			kept, refused = old, auth.ErrTokenReused
			return tx.revokeFamily(ctx, old.FamilyID, next.CreatedAt)
		case !next.CreatedAt.Before(old.ExpiresAt):
			return auth.ErrTokenExpired
		}
		kept = newRefreshTokenRow(old.Successor(next)).token()
		_, err = tx.exec(ctx, `UPDATE refresh_tokens SET used_at = $1 WHERE id = $2`, Time(next.CreatedAt), old.ID)
		if err != nil {
			return err
		}
		return tx.insertRefreshToken(ctx, kept)
	})
	if err != nil {
		return auth.RefreshToken{}, err
	}
	return kept, wrap("rotate refresh token", refused)
}

// RevokeRefreshFamily revokes every token of the family that the token with this hash belongs to; those revoked
// earlier keep their time. ErrUnknownToken (of package auth).
func (d *DB) RevokeRefreshFamily(ctx context.Context, hash []byte, at time.Time) error {
	return d.write(ctx, "revoke refresh tokens", func(tx session) error {
		token, err := tx.lockRefreshToken(ctx, hash)
		if err != nil {
			return err
		}
		return tx.revokeFamily(ctx, token.FamilyID, at)
	})
}

func (s session) revokeFamily(ctx context.Context, familyID string, at time.Time) error {
	_, err := s.exec(ctx, `
		UPDATE refresh_tokens SET revoked_at = $1 WHERE family_id = $2 AND revoked_at IS NULL`, Time(at), familyID)
	return err
}

// lockRefreshToken finds a token and makes others wait who would change its family. The lock is on the moderator's
// row: a lock on the token's own would let its successor be inserted while the family is being revoked.
func (s session) lockRefreshToken(ctx context.Context, hash []byte) (auth.RefreshToken, error) {
	if s.forUpdate != "" {
		var id string
		err := s.get(ctx, &id, `
			SELECT id FROM moderators
			WHERE id = (SELECT moderator_id FROM refresh_tokens WHERE secret_hash = $1)`+s.forUpdate, hash)
		if err != nil {
			return auth.RefreshToken{}, unknownToken(err)
		}
	}
	var row refreshTokenRow
	err := s.get(ctx, &row, `SELECT `+refreshTokenColumns+` FROM refresh_tokens WHERE secret_hash = $1`, hash)
	return row.token(), unknownToken(err)
}

func unknownToken(err error) error {
	if errors.Is(err, moderation.ErrNotFound) {
		return auth.ErrUnknownToken
	}
	return err
}
