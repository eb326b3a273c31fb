package db

import (
	"context"
	"errors"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

type refreshTokenRow struct {
	ID          string     `db:"id"`
	ModeratorID string     `db:"moderator_id"`
	FamilyID    string     `db:"family_id"`
	SecretHash  []byte     `db:"secret_hash"`
	Predecessor nullString `db:"predecessor_id"`
	Sealed      nullBytes  `db:"sealed"`
	CreatedAt   Time       `db:"created_at"`
	ExpiresAt   Time       `db:"expires_at"`
	UsedAt      NullTime   `db:"used_at"`
	RevokedAt   NullTime   `db:"revoked_at"`
}

const refreshTokenColumns = `id, moderator_id, family_id, secret_hash, predecessor_id, sealed, created_at, expires_at,
	used_at, revoked_at`

func newRefreshTokenRow(t auth.RefreshToken) refreshTokenRow {
	return refreshTokenRow{
		ID:          t.ID,
		ModeratorID: t.ModeratorID,
		FamilyID:    t.FamilyID,
		SecretHash:  t.SecretHash,
		Sealed:      t.Sealed,
		CreatedAt:   Time(stored(t.CreatedAt)),
		ExpiresAt:   Time(stored(t.ExpiresAt)),
		UsedAt:      NullTime(stored(t.UsedAt)),
		RevokedAt:   NullTime(stored(t.RevokedAt)),
	}
}

func (r refreshTokenRow) token() auth.RefreshToken {
	return auth.RefreshToken{
		ID:          r.ID,
		ModeratorID: r.ModeratorID,
		FamilyID:    r.FamilyID,
		SecretHash:  r.SecretHash,
		Sealed:      r.Sealed,
		CreatedAt:   r.CreatedAt.time(),
		ExpiresAt:   r.ExpiresAt.time(),
		UsedAt:      r.UsedAt.time(),
		RevokedAt:   r.RevokedAt.time(),
	}
}

// BeginSession stores a session with its first refresh token, the sign-in that it began with, and its device.
func (s *SessionStore) BeginSession(ctx context.Context, t auth.RefreshToken, event auth.SignIn) error {
	return s.write(ctx, "begin session", func(tx executor) error { return beginSession(ctx, tx, t, event) })
}

func beginSession(ctx context.Context, x executor, t auth.RefreshToken, event auth.SignIn) error {
	_, err := x.exec(ctx, `
		INSERT INTO sessions (id, moderator_id, client, created_at, last_used_at, expires_at, ended_at, device_id)
		VALUES ($1, $2, $3, $4, $4, $5, NULL, $6)`,
		t.FamilyID, t.ModeratorID, event.Client, Time(t.CreatedAt), Time(t.ExpiresAt), nullString(event.DeviceID))
	if err != nil {
		return err
	}
	known := 0
	err = x.get(ctx, &known, `SELECT COUNT(*) FROM devices WHERE id = $1`, event.DeviceID)
	if err != nil {
		return err
	}
	if err := rememberDevice(ctx, x, device{event.DeviceID, t.ModeratorID, Time(t.CreatedAt)}); err != nil {
		return err
	}
	if err := insertRefreshToken(ctx, x, t, ""); err != nil {
		return err
	}
	if err := enqueueSignInMail(ctx, x, event, known > 0); err != nil {
		return err
	}
	return insertSignIn(ctx, x, event)
}

func insertRefreshToken(ctx context.Context, x executor, t auth.RefreshToken, predecessor string) error {
	row := newRefreshTokenRow(t)
	row.Predecessor = nullString(predecessor)
	_, err := x.execNamed(ctx, insertNamed("refresh_tokens", refreshTokenColumns), row)
	return err
}

// RotateRefreshToken marks the token with hash oldHash as used at next.CreatedAt, stores old.Successor(next),
// and returns the stored token, which an earlier call may have stored. ErrTokenReused, ErrTokenExpired,
// ErrUnknownToken: see auth.Store.
func (s *SessionStore) RotateRefreshToken(
	ctx context.Context,
	oldHash []byte,
	next auth.RefreshToken,
) (auth.RefreshToken, error) {
	var kept auth.RefreshToken
	var refused error // after the commit: a family that is revoked must stay so
	err := s.write(ctx, "rotate refresh token", func(tx executor) error {
		old, err := lockRefreshToken(ctx, tx, oldHash)
		if err != nil {
			return err
		}
		refused = nil
		now := next.CreatedAt
		switch {
		case !old.UsedAt.IsZero() && old.RevokedAt.IsZero() && now.Sub(old.UsedAt) <= auth.RefreshGrace:
			kept, err = successorOf(ctx, tx, old)
			return err
		case !old.UsedAt.IsZero() || !old.RevokedAt.IsZero():
			kept, refused = old, auth.ErrTokenReused
			// Someone who copied the token may have copied the device cookie, too.
			if err := forgetDevices(ctx, tx, old.ModeratorID, auth.SessionEnd{Only: old.FamilyID}); err != nil {
				return err
			}
			return revokeFamily(ctx, tx, old.FamilyID, now)
		case !now.Before(old.ExpiresAt):
			return auth.ErrTokenExpired
		}
		kept = newRefreshTokenRow(old.Successor(next)).token()
		return replaceToken(ctx, tx, old, kept)
	})
	if err != nil {
		return auth.RefreshToken{}, err
	}
	return kept, wrap("rotate refresh token", refused)
}

// replaceToken marks a token as used and stores its successor.
func replaceToken(ctx context.Context, x executor, old, next auth.RefreshToken) error {
	// No request can return a successor that is this old any more.
	_, err := x.exec(ctx, `
		UPDATE refresh_tokens SET used_at = $1, sealed = CASE WHEN created_at < $2 THEN NULL ELSE sealed END WHERE id = $3`,
		Time(next.CreatedAt), Time(next.CreatedAt.Add(-auth.RefreshGrace)), old.ID)
	if err != nil {
		return err
	}
	if err := insertRefreshToken(ctx, x, next, old.ID); err != nil {
		return err
	}
	_, err = x.exec(ctx, `UPDATE sessions SET last_used_at = $1, expires_at = $2 WHERE id = $3`,
		Time(next.CreatedAt), Time(next.ExpiresAt), next.FamilyID)
	return err
}

// successorOf returns the token that an earlier use returned.
func successorOf(ctx context.Context, x executor, old auth.RefreshToken) (auth.RefreshToken, error) {
	var row refreshTokenRow
	err := x.get(ctx, &row, `
		SELECT `+refreshTokenColumns+` FROM refresh_tokens WHERE family_id = $1 AND predecessor_id = $2`,
		old.FamilyID, old.ID)
	return row.token(), unknownToken(err)
}

// RevokeRefreshFamily ends the session and revokes every token of the family that the token with this hash
// belongs to; those revoked earlier keep their time. ErrUnknownToken (of package auth).
func (s *SessionStore) RevokeRefreshFamily(ctx context.Context, hash []byte, at time.Time) error {
	return s.write(ctx, "revoke refresh tokens", func(tx executor) error {
		token, err := lockRefreshToken(ctx, tx, hash)
		if err != nil {
			return err
		}
		return revokeFamily(ctx, tx, token.FamilyID, at)
	})
}

func revokeFamily(ctx context.Context, x executor, familyID string, at time.Time) error {
	_, err := x.exec(ctx, `
		UPDATE refresh_tokens SET revoked_at = $1 WHERE family_id = $2 AND revoked_at IS NULL`, Time(at), familyID)
	if err != nil {
		return err
	}
	n, err := x.exec(ctx, `UPDATE sessions SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL`, Time(at), familyID)
	if err != nil || n == 0 {
		return err
	}
	if _, err := x.exec(ctx, `DELETE FROM federated_sessions WHERE session_id = $1`, familyID); err != nil {
		return err
	}
	return announceModerator(ctx, x)
}

// lockRefreshToken finds a token and locks its family. The lock is on the moderator's row: a lock on the
// token would not stop its successor from being inserted while the family is revoked.
func lockRefreshToken(ctx context.Context, x executor, hash []byte) (auth.RefreshToken, error) {
	if x.forUpdate != "" {
		var id string
		err := x.get(ctx, &id, `
			SELECT id FROM moderators
			WHERE id = (SELECT moderator_id FROM refresh_tokens WHERE secret_hash = $1)`+x.forUpdate, hash)
		if err != nil {
			return auth.RefreshToken{}, unknownToken(err)
		}
	}
	var row refreshTokenRow
	err := x.get(ctx, &row, `SELECT `+refreshTokenColumns+` FROM refresh_tokens WHERE secret_hash = $1`, hash)
	return row.token(), unknownToken(err)
}

func unknownToken(err error) error {
	if errors.Is(err, moderation.ErrNotFound) {
		return auth.ErrUnknownToken
	}
	return err
}
