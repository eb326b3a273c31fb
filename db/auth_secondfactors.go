package db

import (
	"context"
	"errors"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// SecondFactorStore stores second_factors and recovery_codes.
type SecondFactorStore struct{ *core }

type secondFactorRow struct {
	ModeratorID  string   `db:"moderator_id"`
	SecretSealed []byte   `db:"secret_sealed"`
	LastStep     int64    `db:"last_step"`
	CreatedAt    Time     `db:"created_at"`
	ConfirmedAt  NullTime `db:"confirmed_at"`
	CodesLeft    int      `db:"codes_left"` // read only
}

// SecondFactor returns a moderator's second factor, confirmed or not. ErrSecondFactorOff (of package auth).
func (s *SecondFactorStore) SecondFactor(ctx context.Context, moderatorID string) (auth.SecondFactor, error) {
	var r secondFactorRow
	err := s.get(ctx, &r, `
		SELECT moderator_id, secret_sealed, last_step, created_at, confirmed_at,
			(SELECT COUNT(*) FROM recovery_codes c WHERE c.moderator_id = second_factors.moderator_id) AS codes_left
		FROM second_factors WHERE moderator_id = $1`, moderatorID)
	if errors.Is(err, moderation.ErrNotFound) {
		err = auth.ErrSecondFactorOff
	}
	return auth.SecondFactor{
		ModeratorID:  r.ModeratorID,
		SecretSealed: r.SecretSealed,
		LastStep:     r.LastStep,
		CreatedAt:    r.CreatedAt.time(),
		ConfirmedAt:  r.ConfirmedAt.time(),
		CodesLeft:    r.CodesLeft,
	}, wrap("find second factor", err)
}

// PutSecondFactor stores an unconfirmed second factor. ErrSecondFactorOn (of package auth) if there is a
// confirmed one.
func (s *SecondFactorStore) PutSecondFactor(ctx context.Context, f auth.SecondFactor) error {
	return s.write(ctx, "store second factor", func(tx executor) error {
		n, err := tx.execNamed(ctx, `
			INSERT INTO second_factors (moderator_id, secret_sealed, last_step, created_at, confirmed_at)
			VALUES (:moderator_id, :secret_sealed, 0, :created_at, NULL)
			ON CONFLICT (moderator_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, created_at = excluded.created_at
				WHERE second_factors.confirmed_at IS NULL`,
			secondFactorRow{ModeratorID: f.ModeratorID, SecretSealed: f.SecretSealed, CreatedAt: Time(f.CreatedAt)})
		if err == nil && n == 0 {
			err = auth.ErrSecondFactorOn
		}
		return err
	})
}

// ConfirmSecondFactor turns the second factor with that secret on. ErrSecondFactorOff, ErrSecondFactorOn (of
// package auth).
func (s *SecondFactorStore) ConfirmSecondFactor(
	ctx context.Context, f auth.SecondFactor, codes [][]byte, entry auth.AuditEntry,
) error {
	return s.write(ctx, "confirm second factor", func(tx executor) error {
		n, err := tx.exec(ctx, `
			UPDATE second_factors SET confirmed_at = $1, last_step = $2
			WHERE moderator_id = $3 AND secret_sealed = $4 AND confirmed_at IS NULL`,
			Time(f.ConfirmedAt), f.LastStep, f.ModeratorID, f.SecretSealed)
		if err != nil {
			return err
		}
		if n == 0 {
			return confirmError(ctx, tx, f.ModeratorID)
		}
		for _, hash := range codes {
			_, err := tx.exec(ctx, `INSERT INTO recovery_codes (moderator_id, code_hash) VALUES ($1, $2)`,
				f.ModeratorID, hash)
			if err != nil {
				return err
			}
		}
		if err := announceModerator(ctx, tx); err != nil {
			return err
		}
		return insertEntry(ctx, tx, &entry)
	})
}

func confirmError(ctx context.Context, x executor, moderatorID string) error {
	var confirmed []string
	err := x.selectAll(ctx, &confirmed, `
		SELECT moderator_id FROM second_factors WHERE moderator_id = $1 AND confirmed_at IS NOT NULL`, moderatorID)
	switch {
	case err != nil:
		return err
	case len(confirmed) > 0:
		return auth.ErrSecondFactorOn
	}
	return auth.ErrSecondFactorOff
}

// UseStep remembers that the code of a period was used. ErrWrongCode (of package auth) when that one, or a
// later one, was used already.
func (s *SecondFactorStore) UseStep(ctx context.Context, moderatorID string, step int64) error {
	return s.write(ctx, "use code", func(tx executor) error {
		n, err := tx.exec(ctx, `
			UPDATE second_factors SET last_step = $1 WHERE moderator_id = $2 AND last_step < $1 AND confirmed_at IS NOT NULL`,
			step, moderatorID)
		return wrongCodeIfNone(n, err)
	})
}

func wrongCodeIfNone(n int64, err error) error {
	if err == nil && n == 0 {
		return auth.ErrWrongCode
	}
	return err
}

// UseRecoveryCode uses a code up. ErrWrongCode (of package auth) when there is none with that hash.
func (s *SecondFactorStore) UseRecoveryCode(
	ctx context.Context, moderatorID string, hash []byte, entry auth.AuditEntry,
) error {
	return s.write(ctx, "use recovery code", func(tx executor) error {
		n, err := tx.exec(ctx, `DELETE FROM recovery_codes WHERE moderator_id = $1 AND code_hash = $2`, moderatorID, hash)
		if err := wrongCodeIfNone(n, err); err != nil {
			return err
		}
		return insertEntry(ctx, tx, &entry)
	})
}

// RemoveSecondFactor turns it off and forgets its recovery codes. ErrSecondFactorOff (of package auth).
func (s *SecondFactorStore) RemoveSecondFactor(ctx context.Context, moderatorID string, entry auth.AuditEntry) error {
	return s.write(ctx, "remove second factor", func(tx executor) error {
		n, err := tx.exec(ctx, `DELETE FROM second_factors WHERE moderator_id = $1`, moderatorID)
		if err == nil && n == 0 {
			err = auth.ErrSecondFactorOff
		}
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM recovery_codes WHERE moderator_id = $1`, moderatorID); err != nil {
			return err
		}
		if err := announceModerator(ctx, tx); err != nil {
			return err
		}
		return insertEntry(ctx, tx, &entry)
	})
}
