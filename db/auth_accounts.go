package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// ModeratorStore stores moderators, moderator_sites and account_links. A change may end sessions.
type ModeratorStore struct{ *core }

// Moderators returns all moderators with their sites, by name and id, from one moment.
func (s *ModeratorStore) Moderators(ctx context.Context) ([]auth.Moderator, error) {
	var rows []struct {
		moderatorRow
		SiteID nullID `db:"site_id"`
	}
	err := s.selectAll(ctx, &rows, `
		SELECT `+moderatorWithFactor+`, s.site_id
		FROM moderators LEFT JOIN moderator_sites s ON s.moderator_id = moderators.id
		WHERE `+peopleOnly+`
		ORDER BY name, id, s.site_id`)
	if err != nil {
		return nil, fmt.Errorf("list moderators: %w", err)
	}
	var moderators []auth.Moderator
	for _, row := range rows {
		if last := len(moderators) - 1; last < 0 || moderators[last].ID != row.ID {
			moderators = append(moderators, row.moderator())
		}
		if m := &moderators[len(moderators)-1]; row.SiteID != "" {
			m.SiteIDs = append(m.SiteIDs, string(row.SiteID))
		}
	}
	zones, err := readSiteZones(ctx, s.executor)
	for i, m := range moderators {
		moderators[i].SiteZone = zones.of(m.SiteIDs)
	}
	return moderators, wrap("list moderators", err)
}

// InviteModerator stores a new moderator with a link. ErrModeratorExists (of package auth) when the email
// index is taken, ErrNotFound (of package moderation) when there is no such site.
func (s *ModeratorStore) InviteModerator(ctx context.Context, m auth.Moderator, link auth.Link) error {
	return s.write(ctx, "invite moderator", func(tx executor) error {
		if err := insertModerator(ctx, tx, m); err != nil {
			return err
		}
		return putLink(ctx, tx, link)
	})
}

// UpdateModerator changes one moderator, ends sessions, uses a link up and writes the audit entry. See
// auth.ModeratorUpdate.
func (s *ModeratorStore) UpdateModerator(ctx context.Context, u auth.ModeratorUpdate) (auth.Moderator, error) {
	var after auth.Moderator
	err := s.write(ctx, "update moderator", func(tx executor) error {
		before, others, err := lockModerators(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if len(u.Link) > 0 {
			if err := useLink(ctx, tx, u); err != nil {
				return err
			}
		}
		after = before
		if err := u.Change(&after, others); err != nil {
			return err
		}
		if u.EmailEntry != nil {
			if err := replaceEmail(ctx, tx, before, after, *u.EmailEntry); err != nil {
				return err
			}
		}
		if err := storeModerator(ctx, tx, after); err != nil {
			return err
		}
		if u.End != nil {
			if _, err := endSessions(ctx, tx, u.ID, *u.End); err != nil {
				return err
			}
		}
		return insertEntry(ctx, tx, u.Entry)
	})
	return after, err
}

// lockModerators reads and locks a moderator and all other admins who may sign in, in the order of their ids,
// so that two admins who demote each other can't both succeed.
func lockModerators(ctx context.Context, x executor, id string,
) (m auth.Moderator, admins []auth.Moderator, err error) {
	var ids []string
	err = x.selectAll(ctx, &ids, `
		SELECT id FROM moderators
		WHERE id = $1 OR role = 'admin' AND disabled_at IS NULL
		ORDER BY id`+x.forUpdate, id)
	if err != nil {
		return m, nil, err
	}
	m, err = readModerator(ctx, x, id)
	if err != nil {
		return m, nil, err
	}
	for _, other := range ids {
		if other == id {
			continue
		}
		admin, err := readModerator(ctx, x, other)
		if err != nil {
			return m, nil, err
		}
		if admin.Role == auth.RoleAdmin && admin.Active() && !admin.Invited() {
			admins = append(admins, admin)
		}
	}
	return m, admins, nil
}

// replaceEmail does what belongs to a new email, which storeModerator stores: it checks that nobody else has it,
// revokes the moderator's link, which may have been mailed to the old one, and leaves a message to the old one, unless
// both differ in capitals only. ErrModeratorExists (of package auth).
func replaceEmail(ctx context.Context, x executor, before, after auth.Moderator, entry auth.AuditEntry) error {
	var others int
	err := x.get(ctx, &others, `SELECT COUNT(*) FROM moderators WHERE email_index = $1 AND id <> $2`,
		after.EmailIndex, after.ID)
	if err == nil && others > 0 {
		err = auth.ErrModeratorExists
	}
	if err != nil {
		return err
	}
	if _, err := x.exec(ctx, `DELETE FROM account_links WHERE moderator_id = $1`, before.ID); err != nil {
		return err
	}
	if !bytes.Equal(before.EmailIndex, after.EmailIndex) {
		if err := enqueueFormerEmail(ctx, x, entry, before.EmailSealed); err != nil {
			return err
		}
	}
	return insertEntry(ctx, x, &entry)
}

func storeModerator(ctx context.Context, x executor, m auth.Moderator) error {
	_, err := x.execNamed(ctx, `
		UPDATE moderators SET email_index = :email_index, email_sealed = :email_sealed,
			name = :name, role = :role, password_hash = :password_hash,
			must_change_password = :must_change_password, language = :language, time_zone = :time_zone,
			disabled_at = :disabled_at
		WHERE id = :id`, newModeratorRow(m))
	if err != nil {
		return err
	}
	if _, err := x.exec(ctx, `DELETE FROM moderator_sites WHERE moderator_id = $1`, m.ID); err != nil {
		return err
	}
	if err := insertModeratorSites(ctx, x, m); err != nil {
		return err
	}
	return announceModerator(ctx, x)
}

// insertEntry writes an audit entry about an account unless it is nil.
func insertEntry(ctx context.Context, x executor, e *auth.AuditEntry) error {
	if e == nil {
		return nil
	}
	if err := enqueueAccountMail(ctx, x, *e); err != nil {
		return err
	}
	return insertAudit(ctx, x, &moderation.AuditEntry{ID: e.ID, ModeratorID: e.ActorID, Action: e.Action,
		SubjectID: e.SubjectID, CreatedAt: e.CreatedAt})
}

type linkRow struct {
	ModeratorID string `db:"moderator_id"`
	Kind        string `db:"kind"`
	SecretHash  []byte `db:"secret_hash"`
	CreatedAt   Time   `db:"created_at"`
	ExpiresAt   Time   `db:"expires_at"`
}

const linkColumns = `moderator_id, kind, secret_hash, created_at, expires_at`

func (r linkRow) link() auth.Link {
	return auth.Link{ModeratorID: r.ModeratorID, Kind: auth.LinkKind(r.Kind), SecretHash: r.SecretHash,
		CreatedAt: r.CreatedAt.time(), ExpiresAt: r.ExpiresAt.time()}
}

// PutLink stores a link in place of the moderator's earlier one.
func (s *ModeratorStore) PutLink(ctx context.Context, link auth.Link) error {
	return s.write(ctx, "store link", func(tx executor) error { return putLink(ctx, tx, link) })
}

func putLink(ctx context.Context, x executor, link auth.Link) error {
	if !link.NotSooner.IsZero() {
		var recent int
		err := x.get(ctx, &recent, `SELECT COUNT(*) FROM account_links WHERE moderator_id = $1 AND created_at > $2`,
			link.ModeratorID, Time(link.NotSooner))
		if err == nil && recent > 0 {
			err = auth.ErrLinkRecent
		}
		if err != nil {
			return err
		}
	}
	_, err := x.execNamed(ctx, insertNamed("account_links", linkColumns)+`
		ON CONFLICT (moderator_id) DO UPDATE SET kind = excluded.kind, secret_hash = excluded.secret_hash,
			created_at = excluded.created_at, expires_at = excluded.expires_at`,
		linkRow{link.ModeratorID, string(link.Kind), link.SecretHash, Time(link.CreatedAt), Time(link.ExpiresAt)})
	if err != nil {
		return err
	}
	if err := enqueueLinkMail(ctx, x, link); err != nil {
		return err
	}
	return insertEntry(ctx, x, &link.Entry)
}

// useLink deletes the link that allows an update; ErrLink (of package auth) when it does not.
func useLink(ctx context.Context, x executor, u auth.ModeratorUpdate) error {
	n, err := x.exec(ctx, `DELETE FROM account_links WHERE moderator_id = $1 AND secret_hash = $2 AND expires_at > $3`,
		u.ID, u.Link, Time(u.At))
	if err == nil && n == 0 {
		err = auth.ErrLink
	}
	return err
}

// DeleteLink removes a moderator's link. ErrLink (of package auth) when there is none.
func (s *ModeratorStore) DeleteLink(ctx context.Context, moderatorID string, entry auth.AuditEntry) error {
	return s.write(ctx, "delete link", func(tx executor) error {
		n, err := tx.exec(ctx, `DELETE FROM account_links WHERE moderator_id = $1`, moderatorID)
		if err == nil && n == 0 {
			err = auth.ErrLink
		}
		if err != nil {
			return err
		}
		return insertEntry(ctx, tx, &entry)
	})
}

// LinkByHash finds a link that is good at that time. ErrLink (of package auth).
func (s *ModeratorStore) LinkByHash(ctx context.Context, hash []byte, at time.Time) (auth.Link, error) {
	var row linkRow
	err := s.get(ctx, &row, `
		SELECT `+linkColumns+` FROM account_links
		WHERE secret_hash = $1 AND expires_at > $2`, hash, Time(at))
	if errors.Is(err, moderation.ErrNotFound) {
		err = auth.ErrLink
	}
	return row.link(), wrap("find link", err)
}

// Links returns all links that are good at that time, by moderator.
func (s *ModeratorStore) Links(ctx context.Context, at time.Time) (map[string]auth.Link, error) {
	var rows []linkRow
	err := s.selectAll(ctx, &rows, `
		SELECT `+linkColumns+` FROM account_links WHERE expires_at > $1`, Time(at))
	if err != nil {
		return nil, fmt.Errorf("list links: %w", err)
	}
	links := make(map[string]auth.Link, len(rows))
	for _, row := range rows {
		links[row.ModeratorID] = row.link()
	}
	return links, nil
}
