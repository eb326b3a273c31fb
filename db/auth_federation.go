package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rejoinder/auth"
	"rejoinder/moderation"
)

// FederationStore stores federated_identities and federated_sessions: moderators at identity providers.
type FederationStore struct{ *core }

type federatedIdentityRow struct {
	ID          string `db:"id"`
	ModeratorID string `db:"moderator_id"`
	Provider    string `db:"provider"`
	Issuer      string `db:"issuer"`
	Subject     string `db:"subject"`
	CreatedAt   Time   `db:"created_at"`
	LastUsedAt  Time   `db:"last_used_at"`

	ConfirmedAt NullTime `db:"confirmed_at"` // for mail: ModeratorMailStore reads it
}

const federatedIdentityColumns = `id, moderator_id, provider, issuer, subject, created_at, last_used_at,
	confirmed_at`

func (r federatedIdentityRow) identity() auth.FederatedIdentity {
	return auth.FederatedIdentity{ID: r.ID, ModeratorID: r.ModeratorID, Provider: r.Provider, Issuer: r.Issuer,
		Subject: r.Subject, CreatedAt: r.CreatedAt.time(), LastUsedAt: r.LastUsedAt.time()}
}

// FederatedIdentity finds the identity of a person at a provider. ErrNotLinked (of package auth).
func (s *FederationStore) FederatedIdentity(
	ctx context.Context, issuer, subject string,
) (auth.FederatedIdentity, error) {
	var row federatedIdentityRow
	err := s.get(ctx, &row, `
		SELECT `+federatedIdentityColumns+` FROM federated_identities WHERE issuer = $1 AND subject = $2`, issuer, subject)
	return row.identity(), wrap("find identity", notLinked(err))
}

func notLinked(err error) error {
	if errors.Is(err, moderation.ErrNotFound) {
		return auth.ErrNotLinked
	}
	return err
}

// FederatedIdentities returns all identities by moderator.
func (s *FederationStore) FederatedIdentities(ctx context.Context) (map[string]auth.FederatedIdentity, error) {
	var rows []federatedIdentityRow
	err := s.selectAll(ctx, &rows, `SELECT `+federatedIdentityColumns+` FROM federated_identities`)
	if err != nil {
		return nil, fmt.Errorf("list identities: %w", err)
	}
	identities := make(map[string]auth.FederatedIdentity, len(rows))
	for _, row := range rows {
		identities[row.ModeratorID] = row.identity()
	}
	return identities, nil
}

// CreateFederated stores a new moderator with an identity. ErrModeratorExists, ErrAlreadyLinked (of package
// auth).
func (s *FederationStore) CreateFederated(
	ctx context.Context, m auth.Moderator, identity auth.FederatedIdentity, entry auth.AuditEntry,
) error {
	return s.write(ctx, "create moderator with identity", func(tx executor) error {
		if err := insertModerator(ctx, tx, m); err != nil {
			return err
		}
		if err := insertIdentity(ctx, tx, identity); err != nil {
			return err
		}
		return insertEntry(ctx, tx, &entry)
	})
}

func insertIdentity(ctx context.Context, x executor, i auth.FederatedIdentity) error {
	n, err := x.execNamed(ctx, insertNamed("federated_identities", federatedIdentityColumns)+` ON CONFLICT DO NOTHING`,
		federatedIdentityRow{i.ID, i.ModeratorID, i.Provider, i.Issuer, i.Subject, Time(i.CreatedAt), Time(i.LastUsedAt),
			NullTime(i.LastUsedAt)})
	if err == nil && n == 0 {
		err = auth.ErrAlreadyLinked
	}
	return err
}

// LinkIdentity stores an identity of an existing moderator and ends all their sessions. ErrAlreadyLinked (of
// package auth).
func (s *FederationStore) LinkIdentity(
	ctx context.Context, identity auth.FederatedIdentity, entry auth.AuditEntry,
) error {
	return s.write(ctx, "link identity", func(tx executor) error {
		if _, err := readLocked(ctx, tx, identity.ModeratorID); err != nil {
			return err
		}
		if err := insertIdentity(ctx, tx, identity); err != nil {
			return err
		}
		return endAllSessions(ctx, tx, entry)
	})
}

// UnlinkIdentity deletes a moderator's identity and ends all their sessions. ErrNotLinked (of package auth).
func (s *FederationStore) UnlinkIdentity(ctx context.Context, moderatorID string, entry auth.AuditEntry) error {
	return s.write(ctx, "unlink identity", func(tx executor) error {
		if _, err := readLocked(ctx, tx, moderatorID); err != nil {
			return err
		}
		if err := endAllSessions(ctx, tx, entry); err != nil {
			return err
		}
		n, err := tx.exec(ctx, `DELETE FROM federated_identities WHERE moderator_id = $1`, moderatorID)
		if err == nil && n == 0 {
			err = auth.ErrNotLinked
		}
		return err
	})
}

// readLocked reads a moderator and locks the row, as do transactions that begin or renew a session.
func readLocked(ctx context.Context, x executor, id string) (auth.Moderator, error) {
	m, _, err := lockModerators(ctx, x, id)
	return m, err
}

func endAllSessions(ctx context.Context, x executor, entry auth.AuditEntry) error {
	if _, err := endSessions(ctx, x, entry.SubjectID, auth.SessionEnd{At: entry.CreatedAt}); err != nil {
		return err
	}
	if err := insertEntry(ctx, x, &entry); err != nil {
		return err
	}
	return announceModerator(ctx, x)
}

type federatedSessionRow struct {
	SessionID       string `db:"session_id"`
	IdentityID      string `db:"identity_id"`
	ModeratorID     string `db:"moderator_id"`
	Provider        string `db:"provider"`
	ProviderSession string `db:"provider_session"`
	Sealed          []byte `db:"credential_sealed"`
	CheckedAt       Time   `db:"checked_at"`
	NextCheckAt     Time   `db:"next_check_at"`
}

const federatedSessionColumns = `session_id, identity_id, moderator_id, provider, provider_session, credential_sealed,
	checked_at, next_check_at`

func newFederatedSessionRow(f auth.FederatedSession) federatedSessionRow {
	return federatedSessionRow{f.SessionID, f.IdentityID, f.ModeratorID, f.Provider, f.ProviderSession, f.Sealed,
		Time(f.CheckedAt), Time(f.NextCheckAt)}
}

func federatedSessions(rows []federatedSessionRow) []auth.FederatedSession {
	sessions := make([]auth.FederatedSession, len(rows))
	for i, r := range rows {
		sessions[i] = auth.FederatedSession{SessionID: r.SessionID, IdentityID: r.IdentityID, ModeratorID: r.ModeratorID,
			Provider: r.Provider, ProviderSession: r.ProviderSession, Sealed: r.Sealed, CheckedAt: r.CheckedAt.time(),
			NextCheckAt: r.NextCheckAt.time()}
	}
	return sessions
}

// BeginFederatedSession is BeginSession for a session that was started at a provider.
func (s *FederationStore) BeginFederatedSession(
	ctx context.Context, t auth.RefreshToken, event auth.SignIn, f auth.FederatedSession,
) error {
	return s.write(ctx, "begin session", func(tx executor) error {
		if err := beginSession(ctx, tx, t, event); err != nil {
			return err
		}
		_, err := tx.exec(ctx, `
			UPDATE federated_identities SET provider = $1, last_used_at = $2, confirmed_at = $2 WHERE id = $3`, f.Provider,
			Time(t.CreatedAt), f.IdentityID)
		if err != nil {
			return err
		}
		_, err = tx.execNamed(ctx, insertNamed("federated_sessions", federatedSessionColumns), newFederatedSessionRow(f))
		return err
	})
}

// FederatedSession finds a session that was started at a provider and has not ended. ErrNotLinked (of package
// auth).
func (s *FederationStore) FederatedSession(ctx context.Context, sessionID string) (auth.FederatedSession, error) {
	var row federatedSessionRow
	err := s.get(ctx, &row, `SELECT `+federatedSessionColumns+` FROM federated_sessions WHERE session_id = $1`, sessionID)
	if err != nil {
		return auth.FederatedSession{}, wrap("find session of provider", notLinked(err))
	}
	return federatedSessions([]federatedSessionRow{row})[0], nil
}

// ClaimFederatedCheck postpones the next check of a session, if it is due now, and reports whether it was.
func (s *FederationStore) ClaimFederatedCheck(
	ctx context.Context, sessionID string, now, until time.Time,
) (bool, error) {
	var n int64
	err := s.write(ctx, "claim check of session", func(tx executor) (err error) {
		n, err = tx.exec(ctx, `
			UPDATE federated_sessions SET next_check_at = $1 WHERE session_id = $2 AND next_check_at <= $3`,
			Time(until), sessionID, Time(now))
		return err
	})
	return n > 0, err
}

// DueFederatedSessions returns sessions in use whose check is due, the longest overdue first.
func (s *FederationStore) DueFederatedSessions(
	ctx context.Context, now, usedSince time.Time, limit int,
) ([]auth.FederatedSession, error) {
	var rows []federatedSessionRow
	err := s.selectAll(ctx, &rows, `
		SELECT f.session_id, f.identity_id, f.moderator_id, f.provider, f.provider_session, f.credential_sealed,
			f.checked_at, f.next_check_at
		FROM federated_sessions f JOIN sessions s ON s.id = f.session_id
		WHERE f.next_check_at <= $1 AND s.last_used_at > $2
		ORDER BY f.next_check_at LIMIT $3`, Time(now), Time(usedSince), limit)
	return federatedSessions(rows), wrap("find sessions to check", err)
}

// StoreFederatedCheck stores the outcome of a check. A later CheckedAt than before means that the provider
// confirmed the access.
func (s *FederationStore) StoreFederatedCheck(ctx context.Context, f auth.FederatedSession) error {
	return s.write(ctx, "store check of session", func(tx executor) error {
		var before Time
		err := tx.get(ctx, &before, `SELECT checked_at FROM federated_sessions WHERE session_id = $1`+tx.forUpdate, f.SessionID)
		if errors.Is(err, moderation.ErrNotFound) {
			return nil // the session ended meanwhile
		}
		if err != nil {
			return err
		}
		_, err = tx.execNamed(ctx, `
			UPDATE federated_sessions SET credential_sealed = :credential_sealed, checked_at = :checked_at,
				next_check_at = :next_check_at
			WHERE session_id = :session_id`, newFederatedSessionRow(f))
		if err != nil || !f.CheckedAt.After(before.time()) {
			return err
		}
		_, err = tx.exec(ctx, `UPDATE federated_identities SET confirmed_at = $1 WHERE id = $2`, Time(f.CheckedAt), f.IdentityID)
		return err
	})
}

// RefuseIdentity notes that the provider refuses a moderator.
func (s *FederationStore) RefuseIdentity(ctx context.Context, moderatorID string) error {
	return s.write(ctx, "refuse identity", func(tx executor) error {
		_, err := tx.exec(ctx, `UPDATE federated_identities SET confirmed_at = NULL WHERE moderator_id = $1`, moderatorID)
		return err
	})
}

// FederatedSessions returns the sessions that a provider's request ends.
func (s *FederationStore) FederatedSessions(
	ctx context.Context, l auth.FederatedLogout,
) ([]auth.FederatedSession, error) {
	var rows []federatedSessionRow
	err := s.selectAll(ctx, &rows, `
		SELECT f.session_id, f.identity_id, f.moderator_id, f.provider, f.provider_session, f.credential_sealed,
			f.checked_at, f.next_check_at
		FROM federated_sessions f JOIN federated_identities i ON i.id = f.identity_id
		WHERE i.issuer = $1 AND ($2 = '' OR i.subject = $2) AND ($3 = '' OR f.provider_session = $3)
		ORDER BY f.session_id`, l.Issuer, l.Subject, l.ProviderSession)
	return federatedSessions(rows), wrap("find sessions of provider", err)
}

// SiteIDs returns the ids of those sites with these slugs that exist.
func (s *FederationStore) SiteIDs(ctx context.Context, slugs []string) ([]string, error) {
	if len(slugs) == 0 {
		return nil, nil
	}
	ids, err := s.selectIDs(ctx, `SELECT id FROM sites WHERE slug IN (?) ORDER BY id`, slugs)
	return ids, wrap("find sites", err)
}

// endFederated deletes the provider's credentials of ended sessions.
func endFederated(ctx context.Context, x executor, moderatorID string) error {
	_, err := x.exec(ctx, `
		DELETE FROM federated_sessions WHERE moderator_id = $1
			AND session_id IN (SELECT id FROM sessions WHERE moderator_id = $1 AND ended_at IS NOT NULL)`, moderatorID)
	return err
}
