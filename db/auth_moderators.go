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
	MustChange   bool     `db:"must_change_password"`
	Language     string   `db:"language"`
	TimeZone     string   `db:"time_zone"`
	DisabledAt   NullTime `db:"disabled_at"`
	CreatedAt    Time     `db:"created_at"`
	SecondFactor bool     `db:"second_factor"` // read only
	Federated    bool     `db:"federated"`     // read only
}

const moderatorColumns = `id, email_index, email_sealed, name, role, password_hash, must_change_password,
	language, time_zone, disabled_at, created_at`

// moderatorWithFactor adds to moderatorColumns whether a second factor is on, and whether there is a
// federated identity.
const moderatorWithFactor = moderatorColumns + `,
	EXISTS (SELECT 1 FROM second_factors f
		WHERE f.moderator_id = moderators.id AND f.confirmed_at IS NOT NULL) AS second_factor,
	EXISTS (SELECT 1 FROM federated_identities i WHERE i.moderator_id = moderators.id) AS federated`

// canSignIn is the condition on moderators m who have a password or sign in with an identity provider.
const canSignIn = `(m.password_hash <> '' OR EXISTS (SELECT 1 FROM federated_identities i WHERE i.moderator_id = m.id))`

// deciding is the condition on the roles with auth.PermissionModerate, without the table's name.
const deciding = `role IN ('admin', 'moderator')`

func newModeratorRow(m auth.Moderator) moderatorRow {
	return moderatorRow{ID: m.ID, EmailIndex: m.EmailIndex, EmailSealed: m.EmailSealed, Name: m.Name,
		Role:         string(m.Role),
		PasswordHash: m.PasswordHash, MustChange: m.MustChangePassword, Language: m.Language, TimeZone: m.TimeZone,
		DisabledAt: NullTime(stored(m.DisabledAt)),
		CreatedAt:  Time(m.CreatedAt)}
}

func (r moderatorRow) moderator() auth.Moderator {
	return auth.Moderator{ID: r.ID, EmailIndex: r.EmailIndex, EmailSealed: r.EmailSealed, Name: r.Name,
		Role: auth.Role(r.Role), PasswordHash: r.PasswordHash, MustChangePassword: r.MustChange, Language: r.Language,
		TimeZone: r.TimeZone, SecondFactor: r.SecondFactor, Federated: r.Federated,
		DisabledAt: r.DisabledAt.time(), CreatedAt: r.CreatedAt.time()}
}

// CreateModerator stores a new moderator with its sites. ErrModeratorExists (of package auth) when the email
// index is taken, ErrNotFound (of package moderation) when there is no such site.
func (s *ModeratorStore) CreateModerator(ctx context.Context, m auth.Moderator) error {
	return s.write(ctx, "create moderator", func(tx executor) error { return insertModerator(ctx, tx, m) })
}

func insertModerator(ctx context.Context, x executor, m auth.Moderator) error {
	n, err := x.execNamed(ctx, insertNamed("moderators", moderatorColumns)+` ON CONFLICT (email_index) DO NOTHING`,
		newModeratorRow(m))
	if err == nil && n == 0 {
		err = auth.ErrModeratorExists
	}
	if err != nil {
		return err
	}
	if err := insertModeratorSites(ctx, x, m); err != nil {
		return err
	}
	if _, err := x.exec(ctx, `DELETE FROM setup_links`); err != nil {
		return err
	}
	return announceModerator(ctx, x)
}

// announceModerator tells every process to drop what it cached about moderators and sessions.
func announceModerator(ctx context.Context, x executor) error {
	return x.announce(ctx, moderation.Change{Kind: moderation.ChangeModerator})
}

func insertModeratorSites(ctx context.Context, x executor, m auth.Moderator) error {
	for _, site := range m.SiteIDs {
		_, err := x.exec(ctx, `INSERT INTO moderator_sites (moderator_id, site_id) VALUES ($1, $2)`, m.ID, ID(site))
		if err != nil {
			return err
		}
	}
	return nil
}

// ModeratorByEmail finds the moderator whose email index is one of indexes, the first of them that is known.
// ErrUnknownModerator (of package auth).
func (s *ModeratorStore) ModeratorByEmail(ctx context.Context, indexes [][]byte) (auth.Moderator, error) {
	if len(indexes) == 0 {
		return auth.Moderator{}, fmt.Errorf("find moderator: %w", auth.ErrUnknownModerator)
	}
	var rows []moderatorRow
	err := s.selectAll(ctx, &rows, `SELECT `+moderatorWithFactor+` FROM moderators WHERE email_index IN (?)`, indexes)
	if err != nil {
		return auth.Moderator{}, fmt.Errorf("find moderator: %w", err)
	}
	for _, index := range indexes {
		for _, row := range rows {
			if bytes.Equal(row.EmailIndex, index) {
				return withSites(ctx, s.executor, row)
			}
		}
	}
	return auth.Moderator{}, fmt.Errorf("find moderator: %w", auth.ErrUnknownModerator)
}

// Moderator finds a moderator, disabled or not, by id. ErrUnknownModerator (of package auth).
func (s *ModeratorStore) Moderator(ctx context.Context, id string) (auth.Moderator, error) {
	m, err := readModerator(ctx, s.executor, id)
	return m, wrap("find moderator", err)
}

func readModerator(ctx context.Context, x executor, id string) (auth.Moderator, error) {
	var row moderatorRow
	err := x.get(ctx, &row, `SELECT `+moderatorWithFactor+` FROM moderators WHERE id = $1 AND `+peopleOnly, id)
	if errors.Is(err, moderation.ErrNotFound) {
		err = auth.ErrUnknownModerator
	}
	if err != nil {
		return auth.Moderator{}, err
	}
	return withSites(ctx, x, row)
}

func withSites(ctx context.Context, x executor, r moderatorRow) (auth.Moderator, error) {
	m := r.moderator()
	var err error
	m.SiteIDs, err = x.selectIDs(ctx,
		`SELECT site_id FROM moderator_sites WHERE moderator_id = $1 ORDER BY site_id`, r.ID)
	return m, wrap("find a moderator's sites", err)
}

// ReplacePasswordHash stores change.New if the stored hash still is change.Old, and does nothing otherwise.
func (s *ModeratorStore) ReplacePasswordHash(ctx context.Context, change auth.PasswordHashChange) error {
	return s.write(ctx, "replace password hash", func(tx executor) error {
		_, err := tx.exec(ctx, `UPDATE moderators SET password_hash = $1 WHERE id = $2 AND password_hash = $3`,
			change.New, change.ModeratorID, change.Old)
		return err
	})
}

// ModeratorName returns the name under which a moderator answers in public. ErrNotFound.
func (s *ModeratorStore) ModeratorName(ctx context.Context, id string) (string, error) {
	var name string
	err := s.get(ctx, &name, `SELECT name FROM moderators WHERE id = $1`, id)
	return name, wrap("find moderator", err)
}
