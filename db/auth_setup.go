package db

import (
	"bytes"
	"context"
	"time"

	"rejoinder/auth"
)

// AnyModerator reports whether there is a moderator, disabled or invited ones included.
func (s *ModeratorStore) AnyModerator(ctx context.Context) (bool, error) {
	found, err := anyModerator(ctx, s.executor)
	return found, wrap("look for moderators", err)
}

func anyModerator(ctx context.Context, x executor) (found bool, err error) {
	err = x.get(ctx, &found, `SELECT EXISTS (SELECT 1 FROM moderators WHERE `+peopleOnly+`)`)
	return found, err
}

type setupLinkRow struct {
	SecretHash []byte `db:"secret_hash"`
	ExpiresAt  Time   `db:"expires_at"`
}

// PutSetupLink stores a set-up link and deletes all others. ErrModeratorExists (of package auth) when there
// is a moderator.
func (s *ModeratorStore) PutSetupLink(ctx context.Context, link auth.SetupLink) error {
	return s.write(ctx, "store set-up link", func(tx executor) error {
		found, err := anyModerator(ctx, tx)
		if err == nil && found {
			err = auth.ErrModeratorExists
		}
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM setup_links`); err != nil {
			return err
		}
		_, err = tx.execNamed(ctx, insertNamed("setup_links", `secret_hash, expires_at`),
			setupLinkRow{link.SecretHash, Time(link.ExpiresAt)})
		return err
	})
}

// SetupLinkValid reports whether a set-up link is valid at that time.
func (s *ModeratorStore) SetupLinkValid(ctx context.Context, hash []byte, at time.Time) (bool, error) {
	var valid bool
	err := s.get(ctx, &valid, `
		SELECT EXISTS (SELECT 1 FROM setup_links WHERE secret_hash = $1 AND expires_at > $2)
			AND NOT EXISTS (SELECT 1 FROM moderators WHERE `+peopleOnly+`)`, hash, Time(at))
	return valid, wrap("find set-up link", err)
}

// CreateFirstModerator stores the first moderator and deletes all set-up links. ErrLink (of package auth).
func (s *ModeratorStore) CreateFirstModerator(ctx context.Context, u auth.FirstModerator) error {
	return s.write(ctx, "create first moderator", func(tx executor) error {
		// All links are locked, so that of two holders of different links only one becomes the first moderator.
		var links []setupLinkRow
		err := tx.selectAll(ctx, &links,
			`SELECT secret_hash, expires_at FROM setup_links ORDER BY secret_hash`+tx.forUpdate)
		if err != nil {
			return err
		}
		valid := false
		for _, link := range links {
			valid = valid || bytes.Equal(link.SecretHash, u.Link) && link.ExpiresAt.time().After(u.At)
		}
		found, err := anyModerator(ctx, tx)
		if err == nil && (found || !valid) {
			err = auth.ErrLink
		}
		if err != nil {
			return err
		}
		if err := insertModerator(ctx, tx, u.Moderator); err != nil {
			return err
		}
		return insertEntry(ctx, tx, &u.Entry)
	})
}
